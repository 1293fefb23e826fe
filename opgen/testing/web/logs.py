"""Logs of pods: what a container that does nothing might write."""

from __future__ import annotations

from collections.abc import Mapping

from opgen.testing.errors import Document, bad_request


def pod_log(pod: Document, query: Mapping[str, str]) -> str:
    """The log of a pod's container.

    Raises:
        StatusError: 400, it is not clear of which container, or it has none yet.
    """
    name = pod["metadata"]["name"]
    containers = [item["name"] for item in pod["spec"].get("containers") or ()]
    wanted = query.get("container", "")
    if not wanted:
        if len(containers) > 1:
            raise bad_request(
                f"a container name must be specified for pod {name}, choose one of: "
                f"[{' '.join(containers)}]"
            )
        wanted = containers[0]
    if wanted not in containers:
        raise bad_request(f"container {wanted} is not valid for pod {name}")
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    status = next((item for item in statuses if item["name"] == wanted), None)
    lines = _lines(name, wanted, status)
    tail = query.get("tailLines", "")
    if tail.isdecimal():
        lines = lines[-int(tail) :] if int(tail) else []
    return "".join(f"{line}\n" for line in lines)


def _lines(pod: str, container: str, status: Document | None) -> list[str]:
    state = (status or {}).get("state") or {}
    ended = state.get("terminated") or ((status or {}).get("lastState") or {}).get("terminated")
    if status is None or (state.get("waiting") and not ended):
        reason = (state.get("waiting") or {}).get("reason", "ContainerCreating")
        raise bad_request(
            f'container "{container}" in pod "{pod}" is waiting to start: '
            f"{'trying and failing to pull image' if 'Image' in reason else reason}"
        )
    lines = [f"{container} of {pod} started with image {status['image']}"]
    if ended:
        lines.append(f"{container} of {pod} ended with exit code {ended['exitCode']}")
    return lines
