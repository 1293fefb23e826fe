"""The command line of an operator: what `python -m <package>` and `opgen run` start.

Its settings are those of `opgen.runtime.flags`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from opgen.api.discovery import Declarations, discover
from opgen.api.errors import Location, Problem, Problems
from opgen.runtime.flags import parse

log = logging.getLogger("opgen.main")

END_SECONDS = 15.0
"""How long after the time for reconciles the rest of the end may take: Events, the Lease."""


def run(package: str, argv: Sequence[str] | None = None) -> int:
    """Run the controllers of a package until SIGTERM or SIGINT.

    Args:
        package: The name of the project's package.
        argv: The arguments; those of the process if left out.

    Returns:
        The exit code: 0 after a signal, 1 on an error, 2 on wrong usage.
    """
    try:
        options = parse(package, sys.argv[1:] if argv is None else argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    from opgen.runtime.logs import configure

    configure(options.log_format, options.log_level)
    overdue = threading.Timer(options.graceful_shutdown_timeout + END_SECONDS, _end_at_once)
    overdue.daemon = True
    try:
        return asyncio.run(_serve(package, load(package), options, overdue.start))
    except Problems as problems:
        print(problems, file=sys.stderr)  # noqa: T201 - meant for the person at the terminal
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        overdue.cancel()


def _end_at_once() -> None:
    log.error("something does not let itself be cancelled: ending all the same")
    os._exit(1)


def load(package: str) -> Declarations:
    """What a package declares.

    Raises:
        Problems: the package cannot be imported; says where.
    """
    try:
        return discover(package)
    except Exception as error:
        raise Problems([_import_problem(package, error)]) from error


def _import_problem(package: str, error: Exception) -> Problem:
    if isinstance(error, ModuleNotFoundError) and error.name == package:
        hint = "run this in the project's folder, or install the project"
        return Problem(f"there is no package {package!r}", hint=hint)
    if isinstance(error, SyntaxError):
        place = Location(error.filename or package, error.lineno or 0)
        return Problem(f"syntax error: {error.msg}", location=place)
    location, trace = None, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith("<") and f"{os.sep}importlib{os.sep}" not in file:
            location = Location(file, trace.tb_lineno)
        trace = trace.tb_next
    return Problem(f"{type(error).__name__}: {error}", location=location)


async def _serve(
    package: str,
    declared: Declarations,
    options: argparse.Namespace,
    stopped: Callable[[], None],
) -> int:
    from opgen.runtime.config import load_config
    from opgen.runtime.manager import Manager, Options

    config = load_config(options.kubeconfig or None, options.context or None)
    name = re.sub("[_.]", "-", package).lower().strip("-")
    webhooks = (*declared.webhooks, *declared.converters)
    self_signed = None
    if webhooks and options.webhook_service:
        from opgen.runtime.webhooks.rotation import behind_service

        self_signed = behind_service(options.webhook_service, config.namespace, webhooks)
    manager = Manager(
        config,
        declared.controllers,
        Options(
            namespace=options.namespace,
            probe_address=options.health_probe_bind_address,
            metrics_address=options.metrics_bind_address,
            metrics_certificates=options.metrics_cert_dir,
            debug_address=options.debug_bind_address,
            metrics_secure=options.metrics_secure,
            webhook_address=options.webhook_bind_address,
            webhook_certificates=options.webhook_cert_dir,
            webhook_self_signed=self_signed,
            leader_election=(options.leader_election_id or f"{name}-leader")
            if options.leader_elect
            else "",
            shards=(options.leader_election_id or f"{name}-shards") if options.shards else "",
            leader_namespace=options.leader_election_namespace,
            shutdown_timeout=options.graceful_shutdown_timeout,
            requests_per_second=options.kube_api_qps,
            request_burst=options.kube_api_burst,
            check_access=True,
        ),
        webhooks=webhooks,
        runnables=declared.runnables,
    )
    log.info("connecting to %s (%s)", config.server, config.source)
    stop = asyncio.Event()
    with stopping(stop, stopped):
        await manager.run(stop)
    log.info("stopped")
    return 0


@contextlib.contextmanager
def stopping(stop: asyncio.Event, stopped: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Set an event on the first SIGTERM or SIGINT; the second one ends the process at once.

    The handler interrupts the main thread anywhere, even while that writes to the log, which must
    not be entered again: so it is the event loop that tells of the signal.

    Args:
        stop: The event.
        stopped: Called by the handler, even if the event loop hangs.
    """
    loop = asyncio.get_running_loop()
    previous: dict[int, Any] = {}

    def received(number: int, _: object) -> None:
        for signal_number, handler in previous.items():
            signal.signal(signal_number, handler)
        loop.call_soon_threadsafe(begin, number)
        stopped()

    def begin(number: int) -> None:
        log.info("%s: stopping", signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        previous[number] = signal.signal(number, received)
    try:
        yield
    finally:
        for signal_number, handler in previous.items():
            signal.signal(signal_number, handler)
