"""A real kube-apiserver and its etcd, started for tests.

The programs come from the folder that `KUBEBUILDER_ASSETS` names, or from where setup-envtest puts
them. kube-apiserver makes its own certificate, whose key signs service accounts' tokens too, and
the administrator has a token: no certificates have to be made here. As with every envtest there is
no controller manager: nothing makes Pods for a Deployment.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from opgen.api.errors import Problems
from opgen.runtime.config import ClusterConfig
from opgen.testing.kubeconfig import write_kubeconfig
from opgen.testing.manifests import Source

PROGRAMS = ("etcd", "kube-apiserver")
READY_SECONDS = 120.0
STOP_SECONDS = 10.0
PORT_ATTEMPTS = 5
_HOST = "127.0.0.1"
# etcd insists on the form of host and port, and takes it as a file's name in its folder.
_SOCKET = "client:0"


def find_programs() -> Path:
    """The folder with the programs: `KUBEBUILDER_ASSETS`, or setup-envtest's newest.

    Raises:
        Problems: there is none.
    """
    named = os.environ.get("KUBEBUILDER_ASSETS")
    folders = [Path(named)] if named else [*_installed(), Path("/usr/local/kubebuilder/bin")]
    for folder in folders:
        if all((folder / name).is_file() for name in PROGRAMS):
            return folder
    raise Problems.of(
        f"no folder with {' and '.join(PROGRAMS)}",
        field=f"KUBEBUILDER_ASSETS={named}" if named else "KUBEBUILDER_ASSETS is not set",
        hint="`setup-envtest use -p path` downloads them and prints the folder to name",
    )


def _installed() -> list[Path]:
    """The folders of setup-envtest, newest version first."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    root = data / "kubebuilder-envtest"
    if sys.platform == "darwin":
        root = home / "Library" / "Application Support" / "io.kubebuilder.envtest"

    def version(folder: Path) -> tuple[int, ...]:
        parts = folder.name.partition("-")[0].split(".")
        return tuple(int(part) if part.isdecimal() else 0 for part in parts)

    return sorted((root / "k8s").glob("*"), key=version, reverse=True)


class Envtest:
    """A real API server; a context manager.

    Args:
        programs: The folder with etcd and kube-apiserver; looked for if left out.

    Raises:
        Problems: the programs are missing, or do not start; says what they logged last.
    """

    def __init__(self, programs: Path | None = None) -> None:
        self._programs = programs or find_programs()
        self._folder = Path(tempfile.mkdtemp(prefix="opgen-envtest-"))
        self._token = secrets.token_urlsafe(24)
        self._port = 0
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def config(self) -> ClusterConfig:
        """How the administrator reaches the server."""
        return ClusterConfig(
            server=f"https://{_HOST}:{self._port}",
            ca=(self._folder / "apiserver.crt").read_bytes(),
            token=self._token,
            source=f"kube-apiserver of {self._programs}",
        )

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig file of the administrator's, for kubectl; deleted with the server."""
        path = self._folder / "kubeconfig"
        return path if path.exists() else write_kubeconfig(path, self.config)

    def install(
        self, source: Source, *, webhook_address: str = "", webhook_ca: bytes = b""
    ) -> None:
        """Install CRDs and webhook configurations; see `Cluster.install`."""
        from opgen.testing.cluster import Cluster

        with Cluster(self.config) as cluster:
            cluster.install(source, webhook_address=webhook_address, webhook_ca=webhook_ca)

    def start(self) -> None:
        """Start both programs and wait until the server is ready."""
        tokens = self._folder / "tokens.csv"
        tokens.touch(mode=0o600)
        tokens.write_text(f'{self._token},admin,admin,"system:masters"\n')
        etcd = self._launch("etcd", _etcd_flags())
        self._await("etcd", etcd, (self._folder / _SOCKET).exists)
        for _ in range(PORT_ATTEMPTS):
            self._port = _free_port()
            server = self._launch("kube-apiserver", self._server_flags())
            if self._await("kube-apiserver", server, self._is_ready):
                return
        raise Problems.of(f"no free port for kube-apiserver in {PORT_ATTEMPTS} attempts")

    def stop(self) -> None:
        """Stop both and delete their files."""
        while self._running:
            process = self._running.pop()
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Envtest:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _server_flags(self) -> dict[str, str]:
        key = str(self._folder / "apiserver.key")
        return {
            "etcd-servers": f"unix://{self._folder / _SOCKET}",
            "bind-address": _HOST,
            "advertise-address": _HOST,
            "secure-port": str(self._port),
            "cert-dir": str(self._folder),
            "token-auth-file": str(self._folder / "tokens.csv"),
            "authorization-mode": "RBAC",
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-signing-key-file": key,
            "service-account-key-file": key,
            "service-cluster-ip-range": "10.0.0.0/16",
            # Nobody makes the service accounts that this plugin asks for.
            "disable-admission-plugins": "ServiceAccount",
            # Loopback cannot be an endpoint's address.
            "endpoint-reconciler-type": "none",
            "profiling": "false",
        }

    def _launch(self, name: str, flags: dict[str, str]) -> subprocess.Popen[bytes]:
        arguments = [f"--{flag}={value}" for flag, value in flags.items()]
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(self._programs / name), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        self._running.append(process)
        return process

    def _await(
        self, name: str, process: subprocess.Popen[bytes], is_ready: Callable[[], bool]
    ) -> bool:
        """Wait for a program; False if its port was taken in the meantime."""
        end = time.monotonic() + READY_SECONDS
        while not is_ready():
            ended = process.poll() is not None
            log = (self._folder / f"{name}.log").read_text(errors="replace")
            if ended and "address already in use" in log:
                self._running.remove(process)
                return False
            if ended or time.monotonic() > end:
                last = "\n".join(log.splitlines()[-20:])
                what = "ended by itself" if ended else f"was not ready after {READY_SECONDS:g} s"
                raise Problems.of(f"{self._programs / name} {what}; it logged last:\n{last}")
            time.sleep(0.05)
        return True

    def _is_ready(self) -> bool:
        certificate = self._folder / "apiserver.crt"
        if not certificate.exists():
            return False
        try:
            trust = ssl.create_default_context(cafile=str(certificate))
            connection = http.client.HTTPSConnection(_HOST, self._port, context=trust, timeout=5)
            with contextlib.closing(connection):
                connection.request(
                    "GET", "/readyz", headers={"Authorization": f"Bearer {self._token}"}
                )
                return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def _etcd_flags() -> dict[str, str]:
    return {
        "data-dir": "etcd",
        "listen-client-urls": f"unix://{_SOCKET}",
        "advertise-client-urls": f"unix://{_SOCKET}",
        "listen-peer-urls": "unix://peer:0",
        # The data need not outlive the machine.
        "unsafe-no-fsync": "true",
        "log-level": "warn",
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        port: int = listener.getsockname()[1]
        return port
