"""Stands in for the kubelets of a cluster: reports every pod as running and ready.

Nothing is run. Pods stay unscheduled, so the API server deletes them at once when asked to.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from datetime import UTC, datetime
from typing import Any

from .api import Api, ApiError, events

CONDITIONS = ("PodScheduled", "Initialized", "ContainersReady", "Ready")


class Kubelet:
    """A thread that watches all pods and writes their status."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._stopped = threading.Event()
        self._connection: http.client.HTTPSConnection | None = None
        self._thread = threading.Thread(target=self._run, name="kubelet", daemon=True)

    def start(self) -> None:
        """Begin to report pods."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch and wait for the thread."""
        self._stopped.set()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            # Wakes the thread from its blocking read; the socket may be closed already.
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._watch()
            except (OSError, http.client.HTTPException, ValueError, ApiError):
                # The watch ended: the server went away or was asked to. The next one
                # begins with all pods, so nothing is missed.
                self._stopped.wait(0.2)

    def _watch(self) -> None:
        self._connection = self._api.connect()
        self._connection.sock.settimeout(None)
        try:
            if self._stopped.is_set():
                return  # whoever stops us has seen the connection before
            for event in events(self._api.send(self._connection, "GET", "/api/v1/pods?watch=true")):
                if event["type"] in ("ADDED", "MODIFIED") and _is_waiting(event["object"]):
                    self._report(event["object"])
        finally:
            self._connection.close()

    def _report(self, pod: dict[str, Any]) -> None:
        metadata = pod["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/status"
        try:
            self._api.request(
                "PATCH", path, {"status": _running(pod)}, "application/merge-patch+json"
            )
        except ApiError as error:
            if error.code != http.HTTPStatus.NOT_FOUND:
                raise
            # Deleted meanwhile.


def _is_waiting(pod: dict[str, Any]) -> bool:
    return pod["status"].get("phase") == "Pending" and "deletionTimestamp" not in pod["metadata"]


def _running(pod: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"status": "True", "lastTransitionTime": now}
    containers = [
        {
            "name": container["name"],
            "image": container["image"],
            "imageID": "",
            "ready": True,
            "started": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": now}},
        }
        for container in pod["spec"]["containers"]
    ]
    return {
        "phase": "Running",
        "startTime": now,
        "conditions": [condition | {"type": name} for name in CONDITIONS],
        "containerStatuses": containers,
    }
