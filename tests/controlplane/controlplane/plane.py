"""Starts and stops the three processes of a control plane."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .api import Api, ApiError
from .certificates import Authority, KeyPair
from .kubelet import Kubelet

if TYPE_CHECKING:
    from opgen.runtime.config import ClusterConfig

HOST = "127.0.0.1"
READY_SECONDS = 120
POLL_SECONDS = 0.05
STOP_SECONDS = 10
PORT_ATTEMPTS = 5
# etcd insists on the form of host and port, and takes it as a file's name in its folder.
ETCD_SOCKET = "client:0"
LOG_LINES = 40


class ControlPlaneError(Exception):
    """The control plane did not start; the message ends with the log of the culprit."""


class PortTaken(Exception):
    """Another process took the port between our choice and the server's start."""


class ControlPlane:
    """etcd, kube-apiserver, kube-controller-manager and a stand-in for kubelets.

    Use it as a context manager. RBAC is on; `kubeconfig` is an administrator's.

    Attributes:
        folder: certificates, etcd's data, kubeconfigs and logs; deleted on exit.
        kubeconfig: the path of the administrator's kubeconfig.
        port: of the API server on 127.0.0.1.
    """

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="opgen-controlplane-"))
        self.kubeconfig = self.folder / "kubeconfig"
        self.port = 0
        self._authority = Authority(self.folder)
        self._admin = self._authority.client("admin", ("system:masters",))
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._kubelet: Kubelet | None = None

    def __enter__(self) -> ControlPlane:
        """Start everything and wait until the API server is ready."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop everything and delete the folder."""
        self.stop()

    @property
    def config(self) -> ClusterConfig:
        """The administrator's configuration for opgen's own client."""
        from opgen.runtime.config import load_config

        return load_config(kubeconfig=self.kubeconfig)

    @property
    def process_ids(self) -> dict[str, int]:
        """The process id of each program that runs."""
        return {name: process.pid for name, process in self._running.items()}

    def request(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """Send one API request as the administrator, or with a token, and return the answer."""
        client = self._admin if token is None else None
        api = Api(self.port, self._authority.certificate, client, token)
        return api.request(method, path, body)

    def token(self, service_account: str, namespace: str = "default") -> str:
        """A new token of an existing ServiceAccount."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token"
        answer = self.request("POST", path, {"spec": {"expirationSeconds": 3600}})
        return str(answer["status"]["token"])

    def kubeconfig_of(self, service_account: str, namespace: str = "default") -> Path:
        """A kubeconfig with the rights of an existing ServiceAccount, and no others."""
        user = {"token": self.token(service_account, namespace)}
        path = self.folder / f"{namespace}-{service_account}.kubeconfig"
        return self._write_kubeconfig(path, user, namespace)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl as the administrator and return what it prints.

        Raises:
            subprocess.CalledProcessError: kubectl failed; `stderr` says why.
        """
        command = [str(self.binaries / "kubectl"), "--kubeconfig", str(self.kubeconfig), *arguments]
        environment = os.environ | {"HOME": str(self.folder)}
        return subprocess.run(
            command, input=stdin, check=True, capture_output=True, text=True, env=environment
        ).stdout

    def compact(self, revision: int) -> None:
        """Forget what was before a revision, in etcd and in the API server's caches.

        The server itself does so every five minutes, and tells its caches by a key in etcd.
        """
        key, value = (base64.b64encode(text.encode()).decode() for text in _compaction(revision))
        self._ask_etcd("put", {"key": key, "value": value})
        self._ask_etcd("compaction", {"revision": str(revision), "physical": True})

    def _ask_etcd(self, what: str, body: dict[str, Any]) -> None:
        connection = http.client.HTTPConnection("etcd")
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(str(self.folder / ETCD_SOCKET))
            connection.request("POST", f"/v3/kv/{what}", json.dumps(body))
            answer = connection.getresponse()
            if answer.status != 200:
                raise ControlPlaneError(f"etcd: {what}: {answer.read().decode()}")
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop what runs, the last started first, and delete the folder."""
        if self._kubelet is not None:
            self._kubelet.stop()
            self._kubelet = None
        for name in reversed(list(self._running)):
            self._stop_process(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self._start_etcd()
        self._start_api_server()
        self._start_controller_manager()
        admin = Api(self.port, self._authority.certificate, self._admin)
        self._kubelet = Kubelet(admin)
        self._kubelet.start()
        # Tokens and therefore pods need it; the controller manager writes it when it works.
        for _ in self._until_ready("kube-controller-manager"):
            with contextlib.suppress(ApiError):
                admin.request("GET", "/api/v1/namespaces/default/serviceaccounts/default")
                return

    def _start_etcd(self) -> None:
        self._launch(
            "etcd",
            {
                "data-dir": "etcd",
                "listen-client-urls": f"unix://{ETCD_SOCKET}",
                "advertise-client-urls": f"unix://{ETCD_SOCKET}",
                "listen-peer-urls": "unix://peer:0",
                # The data need not outlive the machine.
                "unsafe-no-fsync": "true",
                "log-level": "warn",
            },
        )
        for _ in self._until_ready("etcd"):
            if (self.folder / ETCD_SOCKET).exists():
                return

    def _start_api_server(self) -> None:
        server = self._authority.server("kube-apiserver", (HOST, "10.0.0.1"))
        signing, verifying = self._authority.signing_keys("service-accounts")
        for _ in range(PORT_ATTEMPTS):
            self.port = _free_port()
            self._launch(
                "kube-apiserver",
                {
                    "etcd-servers": f"unix://{self.folder / ETCD_SOCKET}",
                    "bind-address": HOST,
                    "advertise-address": HOST,
                    "secure-port": str(self.port),
                    "tls-cert-file": str(server.certificate),
                    "tls-private-key-file": str(server.key),
                    "client-ca-file": str(self._authority.certificate),
                    "authorization-mode": "Node,RBAC",
                    "service-account-issuer": "https://kubernetes.default.svc",
                    "service-account-signing-key-file": str(signing),
                    "service-account-key-file": str(verifying),
                    # Wide enough for a load test's thousands of Services.
                    "service-cluster-ip-range": "10.0.0.0/16",
                    # Loopback cannot be an endpoint's address.
                    "endpoint-reconciler-type": "none",
                    "profiling": "false",
                },
            )
            self._write_kubeconfig(self.kubeconfig, _certificate_user(self._admin), "default")
            with contextlib.suppress(PortTaken):
                self._await_api_server()
                return
        raise ControlPlaneError(f"no free port for kube-apiserver in {PORT_ATTEMPTS} attempts")

    def _await_api_server(self) -> None:
        admin = Api(self.port, self._authority.certificate, self._admin)
        for _ in self._until_ready("kube-apiserver"):
            with contextlib.suppress(OSError, ApiError):
                admin.request("GET", "/readyz")
                return

    def _start_controller_manager(self) -> None:
        self._launch(
            "kube-controller-manager",
            {
                "kubeconfig": str(self.kubeconfig),
                "service-account-private-key-file": str(self.folder / "service-accounts.key"),
                "root-ca-file": str(self._authority.certificate),
                # Two dozen identities and a low rate of requests would cost seconds at the start.
                "use-service-account-credentials": "false",
                "kube-api-qps": "500",
                "kube-api-burst": "1000",
                "leader-elect": "false",
                "secure-port": "0",
                "profiling": "false",
            },
        )

    def _launch(self, name: str, flags: dict[str, str]) -> None:
        arguments = [f"--{flag}={value}" for flag, value in flags.items()]
        with self._log(name).open("wb") as log:
            self._running[name] = subprocess.Popen(
                [str(self.binaries / name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )

    def _until_ready(self, name: str) -> Iterator[None]:
        """Yield until the caller is content; raise when the process ends or time is up."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._running[name].poll() is not None:
                if "address already in use" in self._log(name).read_text(errors="replace"):
                    raise PortTaken(name)
                raise ControlPlaneError(f"{name} ended by itself:\n{self._end_of_log(name)}")
            yield
            time.sleep(POLL_SECONDS)
        raise ControlPlaneError(
            f"{name} was not ready after {READY_SECONDS} s:\n{self._end_of_log(name)}"
        )

    def _stop_process(self, name: str) -> None:
        process = self._running.pop(name)
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _end_of_log(self, name: str) -> str:
        return "\n".join(self._log(name).read_text(errors="replace").splitlines()[-LOG_LINES:])

    def _write_kubeconfig(self, path: Path, user: dict[str, str], namespace: str) -> Path:
        cluster = {
            "server": f"https://{HOST}:{self.port}",
            "certificate-authority": str(self._authority.certificate),
        }
        context = {"cluster": "test", "user": "test", "namespace": namespace}
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "test", "cluster": cluster}],
                    "users": [{"name": "test", "user": user}],
                    "contexts": [{"name": "test", "context": context}],
                    "current-context": "test",
                }
            )
        )
        return path


def _compaction(revision: int) -> tuple[str, str]:
    return "compact_rev_key", str(revision)


def _certificate_user(pair: KeyPair) -> dict[str, str]:
    return {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
