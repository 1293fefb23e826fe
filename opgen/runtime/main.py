"""The command line of an operator: what `python -m <package>` and `opgen run` start.

Every option can be given as an environment variable as well: `--leader-elect` is
`OPGEN_LEADER_ELECT`. Options win.
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
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opgen.api.discovery import discover
from opgen.api.errors import Location, Problem, Problems

log = logging.getLogger("opgen.main")

PREFIX = "OPGEN_"
LEVELS = ("debug", "info", "warning", "error")


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
    try:
        controllers = load(package)
        return asyncio.run(_serve(package, controllers, options))
    except Problems as problems:
        print(problems, file=sys.stderr)  # noqa: T201 - meant for the person at the terminal
        return 1
    except KeyboardInterrupt:
        return 130


def load(package: str) -> tuple[type, ...]:
    """The controllers of a package.

    Raises:
        Problems: the package cannot be imported; says where.
    """
    try:
        return discover(package).controllers
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


def parse(
    package: str, argv: Sequence[str], environ: Mapping[str, str] = os.environ
) -> argparse.Namespace:
    """The options, from arguments and environment.

    Raises:
        SystemExit: help was asked for, or something is wrong with them.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}",
        description=f"Run the controllers of {package}.",
        epilog=f"Every option may also be set in the environment, as in {PREFIX}LOG_LEVEL=debug.",
        allow_abbrev=False,
    )

    def add(name: str, default: str, text: str, **more: object) -> None:
        key = PREFIX + name.upper().replace("-", "_")
        value = environ.get(key, default)
        parser.add_argument(f"--{name}", default=value, help=text, **more)  # type: ignore[arg-type]

    add("kubeconfig", "", "the kubeconfig file; that of kubectl, or the pod's own, if left out")
    add("context", "", "the context of the kubeconfig")
    add("namespace", "", "look at this namespace only")
    add("health-probe-bind-address", ":8081", "serves /healthz and /readyz; 0 for nowhere")
    add("metrics-bind-address", "0", "serves /metrics; 0 for nowhere")
    add("metrics-cert-dir", "", "tls.crt and tls.key; /metrics asks for a token and a role then")
    secure = environ.get(f"{PREFIX}METRICS_SECURE", "").lower() not in ("0", "false", "no")
    parser.add_argument(
        "--metrics-secure",
        action=argparse.BooleanOptionalAction,
        default=secure,
        help="serve /metrics beyond this machine over HTTPS, to those whose role allows it",
    )
    add("webhook-bind-address", ":9443", "serves webhooks, if there are any; 0 for nowhere")
    add("webhook-cert-dir", "", "the folder with tls.crt and tls.key")
    add("webhook-service", "", "make the certificate here, for this Service of the webhooks")
    add("leader-election-id", "", "the name of the Leases; made from the package if left out")
    add("leader-election-namespace", "", "where the Lease lives; the pod's namespace if left out")
    add("kube-api-qps", "0", "requests to the API server per second at most; 0 for no limit")
    add("kube-api-burst", "30", "requests that may be sent at once before that limit is felt")
    add("log-format", "console" if sys.stderr.isatty() else "json", "json or console")
    add("log-level", "info", ", ".join(LEVELS), type=str.lower)
    add("graceful-shutdown-timeout", "30", "seconds (30 or 30s) for reconciles to finish")
    for switch, text in (
        ("leader-elect", "let one of several replicas work and the others stand by"),
        ("shards", "let all replicas work, each on its share of the objects"),
    ):
        key = PREFIX + switch.upper().replace("-", "_")
        parser.add_argument(
            f"--{switch}",
            action=argparse.BooleanOptionalAction,
            default=environ.get(key, "").lower() in ("1", "true", "yes"),
            help=text,
        )
    options = parser.parse_args(argv)
    _check(parser, options)
    return options


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.log_format not in ("json", "console"):
        parser.error(f"--log-format must be json or console, not {options.log_format!r}")
    if options.log_level not in LEVELS:
        parser.error(f"--log-level must be one of {', '.join(LEVELS)}, not {options.log_level!r}")
    for name, number in (("kube_api_qps", float), ("kube_api_burst", int)):
        text, option = getattr(options, name), f"--{name.replace('_', '-')}"
        if not re.fullmatch(r"\d+(\.\d+)?" if number is float else r"[1-9]\d*", text):
            parser.error(f"{option} must be a number, not {text!r}")
        setattr(options, name, number(text))
    if options.leader_elect and options.shards:
        parser.error("choose --leader-elect or --shards, not both")
    if options.webhook_service and options.webhook_cert_dir:
        parser.error("choose --webhook-service or --webhook-cert-dir, not both")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m)?", options.graceful_shutdown_timeout)
    if match is None:
        parser.error(
            "--graceful-shutdown-timeout must be seconds, such as 30 or 30s, "
            f"not {options.graceful_shutdown_timeout!r}"
        )
    options.graceful_shutdown_timeout = float(match[1]) * (60 if match[2] == "m" else 1)


async def _serve(package: str, controllers: Sequence[type], options: argparse.Namespace) -> int:
    from opgen.runtime.config import load_config
    from opgen.runtime.manager import Manager, Options
    from opgen.runtime.webhooks.routes import find

    config = load_config(options.kubeconfig or None, options.context or None)
    name = re.sub("[_.]", "-", package)
    webhooks = find(package)
    self_signed = None
    if webhooks and options.webhook_service:
        from opgen.runtime.webhooks.rotation import behind_service

        self_signed = behind_service(options.webhook_service, config.namespace, webhooks)
    manager = Manager(
        config,
        controllers,
        Options(
            namespace=options.namespace,
            probe_address=options.health_probe_bind_address,
            metrics_address=options.metrics_bind_address,
            metrics_certificates=options.metrics_cert_dir,
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
    )
    log.info("connecting to %s (%s)", config.server, config.source)
    stop = asyncio.Event()
    with stopping(stop):
        await manager.run(stop)
    log.info("stopped")
    return 0


@contextlib.contextmanager
def stopping(stop: asyncio.Event) -> Iterator[None]:
    """Set an event on the first SIGTERM or SIGINT; the second one ends the process at once."""
    loop = asyncio.get_running_loop()
    previous: dict[int, Any] = {}

    def received(number: int, _: object) -> None:
        for signal_number, handler in previous.items():
            signal.signal(signal_number, handler)
        log.info("%s: stopping", signal.Signals(number).name)
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        previous[number] = signal.signal(number, received)
    try:
        yield
    finally:
        for signal_number, handler in previous.items():
            signal.signal(signal_number, handler)
