"""Warning, with the stack, when something blocks the event loop.

A reconcile that computes for long or waits without `await` stops everything else: watches, the
renewal of the lease, the probes. A thread of its own sees that the loop does not answer and logs
where it is stuck.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("opgen.watchdog")

PATIENCE_SECONDS = 2.0


class Watchdog:
    """Watches over the running event loop between `start` and `stop`."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._stopped = threading.Event()
        self._answered = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; call it in the event loop."""
        arguments = (asyncio.get_running_loop(), threading.get_ident())
        self._thread = threading.Thread(
            target=self._watch, args=arguments, name="opgen-watchdog", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the thread."""
        self._stopped.set()
        self._answered.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, loop: asyncio.AbstractEventLoop, ident: int) -> None:
        while not self._stopped.wait(self._patience):
            self._answered.clear()
            loop.call_soon_threadsafe(self._answered.set)
            if self._stopped.is_set():
                return
            if not self._answered.wait(self._patience):
                self._tell(ident)
                self._answered.wait()

    def _tell(self, ident: int) -> None:
        frame = sys._current_frames().get(ident)
        stack = "".join(traceback.format_stack(frame)) if frame is not None else ""
        log.warning(
            "the event loop has been blocked for more than %g s: await what takes long, or make "
            "reconcile a plain function, which runs in a thread\n%s",
            self._patience,
            stack,
        )


@contextmanager
def watched_loop(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Watch over the running event loop meanwhile; not at all if `patience` is 0."""
    if not patience:
        yield
        return
    watchdog = Watchdog(patience)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.stop()
