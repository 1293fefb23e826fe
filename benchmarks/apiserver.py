"""The in-process API server by itself: start, writes, reads, memory, watchers.

The server runs in a process of its own, so that its processor time is not the client's. Rates are
per second of processor time, which is what one core can do, whatever else the machine does.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Row

ROOT = Path(__file__).resolve().parents[1]
REQUESTS = 5_000
OBJECTS = 10_000
PART = 1_000
WATCHERS, CHANGES = 100, 3_000
KIB_PER_MAXRSS = 1 if sys.platform != "darwin" else 1 / 1024
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
STARTS = """
import asyncio, time
import opgen.testing
from opgen.testing.cluster import Cluster
from benchmarks.apiserver import get
began = time.perf_counter()
with Cluster.start() as cluster:
    get(int(cluster.config.server.rpartition(":")[2]), "/version")
    print((time.perf_counter() - began) * 1000)
"""


def measure(times: int) -> Iterator[Row]:
    """Yield all figures; the shortest of `times` starts, and one server for the rest."""
    starts = [float(_run([sys.executable, "-c", STARTS])) for _ in range(max(times, 3))]
    yield Row(name="API server: import to first answer", unit="ms", opgen=min(starts), aim="≤ 30")
    with _Server() as server:
        bodies = [_config_map(index) for index in range(REQUESTS)]
        writes = server.rate([("POST", CONFIG_MAPS, body) for body in bodies])
        yield Row(name="  simple writes per second", unit="", opgen=writes, aim="≥ 3000")
        paths = [f"{CONFIG_MAPS}/c{index}" for index in range(REQUESTS)]
        reads = server.rate([("GET", path, b"") for path in paths])
        yield Row(name="  gets per second", unit="", opgen=reads, aim="≥ 8000")
        server.rate([("POST", CONFIG_MAPS, _config_map(at)) for at in range(REQUESTS, OBJECTS)])
        memory = server.usage()[1]
        yield Row(name=f"  memory with {OBJECTS} objects", unit="MB", opgen=memory, aim="≤ 120")
    with _Server() as server:
        rate, lost = asyncio.run(_watch(server))
        name = f"  {WATCHERS} watchers: changes per second"
        yield Row(name=name, unit="", opgen=rate, aim="≥ 1000")
        yield Row(name="  events lost", unit="", opgen=float(lost), aim="0")


def _run(command: list[str]) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _config_map(index: int) -> bytes:
    return json.dumps({"metadata": {"name": f"c{index}"}, "data": {"a": "1"}}).encode()


def get(port: int, path: str) -> bytes:
    """Ask a server once."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return _exchange(connection, _request("GET", path, b""))


def _request(method: str, path: str, body: bytes) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: b\r\nAccept: application/json\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def _exchange(connection: socket.socket, request: bytes) -> bytes:
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, _, rest = answer.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.partition(b":")[2]) for line in lines if b"content-length" in line)
    while len(rest) < length:
        rest += connection.recv(65536)
    if not lines[0].split()[1].startswith(b"2"):
        raise RuntimeError(f"the server answered {rest.decode()}")
    return rest


class _Server:
    """A server in a process of its own, which tells what it used when it is asked."""

    def __enter__(self) -> _Server:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.apiserver"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._line())
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def usage(self) -> tuple[float, float]:
        """Processor time in seconds, and the most memory in MB, till now."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        seconds, memory = self._line().split()
        return float(seconds), float(memory)

    def rate(self, requests: list[tuple[str, str, bytes]]) -> float:
        """Requests per second of the server's processor time, over one connection.

        The best of parts of 1,000: what shares a core's caches and clock only makes it slower.
        """
        ready = [_request(*request) for request in requests]
        rates: list[float] = []
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            for begin in range(0, len(ready), PART):
                part = ready[begin : begin + PART]
                before = self.usage()[0]
                for request in part:
                    _exchange(connection, request)
                rates.append(len(part) / (self.usage()[0] - before))
        return max(rates)


async def _watch(server: _Server) -> tuple[float, int]:
    """Changes per second of processor time with many watchers, and events that did not come."""
    version = json.loads(get(server.port, CONFIG_MAPS))["metadata"]["resourceVersion"]
    path = f"{CONFIG_MAPS}?watch=1&timeoutSeconds=600&resourceVersion={version}"
    watchers = []
    for _ in range(WATCHERS):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(_request("GET", path, b""))
        await reader.readuntil(b"\r\n\r\n")
        watchers.append((reader, writer))
    before = server.usage()[0]
    counts = [asyncio.create_task(_count(reader)) for reader, _ in watchers]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for index in range(CHANGES):
        writer.write(_request("POST", CONFIG_MAPS, _config_map(index)))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if b"content-length" in line)
        await reader.readexactly(int(length.partition(b":")[2]))
    lost = sum(CHANGES - count for count in await asyncio.gather(*counts))
    rate = CHANGES / (server.usage()[0] - before)
    for _, writer in watchers:
        writer.close()
    return rate, lost


async def _count(reader: asyncio.StreamReader) -> int:
    """How many events of the changes come; fewer if there is nothing for ten seconds."""
    found = 0
    try:
        while found < CHANGES:
            data = await asyncio.wait_for(reader.read(1 << 20), timeout=10)
            if not data:
                break
            # Between two pieces, nothing is cut but what is counted: each frame is one line.
            found += data.count(b"}\n")
    except TimeoutError:
        pass
    return found


async def _serve() -> None:
    from opgen.testing import ApiServer

    async with ApiServer() as server:
        print(server.config.server.rpartition(":")[2], flush=True)
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while await lines.readline():
            used = resource.getrusage(resource.RUSAGE_SELF)
            memory = used.ru_maxrss * KIB_PER_MAXRSS / 1024
            print(used.ru_utime + used.ru_stime, memory, flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
