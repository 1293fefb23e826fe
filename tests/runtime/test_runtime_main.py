"""The command line of an operator, and what importing it costs."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from opgen.runtime.flags import parse
from opgen.runtime.main import run, stopping

HEAVY = ("aiohttp", "httptools", "msgspec", "yaml", "prometheus_client")


@pytest.fixture(autouse=True)
def untouched_logging() -> Any:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield
    root.handlers[:], root.level = before[0], before[1]
    root.setLevel(before[1])


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a package with one controllers module, and gives its name."""

    def make(name: str, source: str) -> str:
        folder = tmp_path / name / "controllers"
        folder.mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text("")
        (folder / "__init__.py").write_text("")
        (folder / "web_controller.py").write_text(source)
        return name

    monkeypatch.syspath_prepend(tmp_path)
    return make


@pytest.mark.parametrize("statement", ["from opgen.runtime import Context", "import opgen.runtime"])
def test_declaring_a_controller_imports_nothing_heavy(statement: str) -> None:
    code = f"{statement}; import sys; print([m for m in {HEAVY} if m in sys.modules])"
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--leader-elect", "--shards"), "choose --leader-elect or --shards, not both"),
        (
            ("--webhook-service=a-webhook-service", "--webhook-cert-dir=/certs"),
            "choose --webhook-service or --webhook-cert-dir, not both",
        ),
    ],
)
def test_options_that_exclude_each_other_are_refused(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse("op", arguments, {})
    assert message in capsys.readouterr().err


def test_options_come_from_arguments_before_the_environment() -> None:
    environ = {"OPGEN_LOG_LEVEL": "debug", "OPGEN_NAMESPACE": "a", "OPGEN_LEADER_ELECT": "true"}
    options = parse("op", ["--namespace=b", "--graceful-shutdown-timeout=1m"], environ)
    assert (options.log_level, options.namespace, options.leader_elect) == ("debug", "b", True)
    assert options.graceful_shutdown_timeout == 60
    assert options.health_probe_bind_address == ":8081"
    assert options.metrics_bind_address == "0"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--log-level=loud", "--log-level must be one of debug, info, warning, error, not 'loud'"),
        ("--log-format=xml", "--log-format must be json or console, not 'xml'"),
        ("--graceful-shutdown-timeout=soon", "--graceful-shutdown-timeout must be seconds"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    argument: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("op", [argument]) == 2
    assert message in capsys.readouterr().err


def test_a_missing_package_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("no_such_operator", []) == 1
    assert "there is no package 'no_such_operator'" in capsys.readouterr().err


def test_a_module_that_cannot_be_imported_is_named(
    package: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = package("broken_operator", "import os\nnothing_of_that_name\n")
    assert run(name, []) == 1
    shown = capsys.readouterr().err
    assert "web_controller.py:2" in shown
    assert "Traceback" not in shown


def test_a_package_without_controllers_is_explained(
    package: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "current-context: a\n"
        "contexts: [{name: a, context: {cluster: c}}]\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
    )
    assert run(package("empty_operator", ""), [f"--kubeconfig={config}"]) == 1
    assert "there is no controller to run" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flag", ["--kube-api-qps=fast", "--kube-api-burst=0", "--kube-api-burst=1.5"]
)
def test_limits_that_are_no_numbers_are_explained(
    flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("op", [flag]) == 2
    assert f"{flag.partition('=')[0]} must be a number" in capsys.readouterr().err
    options = parse("op", ["--kube-api-qps=2.5", "--kube-api-burst=7"], {})
    assert (options.kube_api_qps, options.kube_api_burst) == (2.5, 7)


def test_an_address_that_is_none_is_explained(
    package: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from opgen.api import Problems
    from opgen.runtime.probes import parse_address

    assert parse_address(":8081", "--x") == (None, 8081)
    assert parse_address("[::1]:80", "--x") == ("::1", 80)
    with pytest.raises(Problems, match="'8081' is no address"):
        parse_address("8081", "--x")


KEEPS = """
from opgen.k8s import core_v1
from opgen.runtime import Context, controller


@controller(core_v1.ConfigMap)
class Keeps:
    async def reconcile(self, obj: core_v1.ConfigMap, ctx: Context) -> None:
        ctx.log.info("seen")
"""


@pytest.fixture
def signalled(package: Any, tmp_path: Path, scripted: Any, run_within: Any) -> Any:
    """Starts an operator, signals it once it has seen something; its exit code and its log."""

    def scenario(
        name: str, number: signal.Signals, *more: str, patience: float = 60.0
    ) -> tuple[int, list[dict[str, Any]]]:
        async def whole() -> tuple[int, list[dict[str, Any]]]:
            async with scripted() as server:
                config = tmp_path / "config"
                cluster = {"name": "c", "cluster": {"server": server.config.server}}
                context = {"name": "a", "context": {"cluster": "c"}}
                config.write_text(
                    json.dumps(
                        {"current-context": "a", "contexts": [context], "clusters": [cluster]}
                    )
                )
                code = (
                    f"from opgen.runtime import main; main.END_SECONDS = {patience}; "
                    f"raise SystemExit(main.run({name!r}))"
                )
                flags = (f"--kubeconfig={config}", "--health-probe-bind-address=0", *more)
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-W", "error", "-c", code, *flags, "--log-format=json"),
                    cwd=tmp_path,
                    stderr=asyncio.subprocess.PIPE,
                )
                assert process.stderr is not None
                lines = []
                try:
                    async for line in process.stderr:
                        lines.append(json.loads(line))
                        if lines[-1]["msg"] == "seen":
                            process.send_signal(number)
                    return await process.wait(), lines
                finally:
                    if process.returncode is None:
                        process.kill()

        result: tuple[int, list[dict[str, Any]]] = run_within(whole())
        return result

    return scenario


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_operator_with_exit_code_0(
    number: signal.Signals, package: Any, signalled: Any
) -> None:
    code, lines = signalled(package("keeping_operator", KEEPS), number)
    seen = next(line for line in lines if line["msg"] == "seen")
    assert (seen["controller"], seen["namespace"], seen["name"]) == ("configmap", "default", "a")
    assert (seen["controllerGroup"], seen["controllerKind"]) == ("", "ConfigMap")
    assert len(seen["reconcileID"]) == 36
    assert (code, lines[-1]["msg"]) == (0, "stopped")


HANGS = """
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                continue
"""
BLOCKS = """
        time.sleep(600)
"""


@pytest.mark.parametrize(
    ("kind", "body", "patience", "code", "last"),
    [
        (
            *("async def", HANGS, 0.2, 1),
            "something does not let itself be cancelled: ending all the same",
        ),
        ("def", BLOCKS, 60.0, 0, "stopped"),
    ],
)
def test_what_hangs_does_not_keep_the_process_from_ending(
    kind: str, body: str, patience: float, code: int, last: str, package: Any, signalled: Any
) -> None:
    source = "import asyncio, time" + KEEPS.replace("async def", kind) + body
    source = source.replace("Context", "Context" if kind == "async def" else "SyncContext")
    flag = "--graceful-shutdown-timeout=0.1"
    name = package("hanging_operator", source)
    ended, lines = signalled(name, signal.SIGTERM, flag, patience=patience)
    assert (ended, lines[-1]["msg"]) == (code, last)


class Interrupted(logging.Handler):
    """A log that is interrupted by a signal while it writes, as one to a full pipe can be."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []
        self._writing = False

    def emit(self, record: logging.LogRecord) -> None:
        assert not self._writing, "a reentrant call"
        self._writing = True
        if not self.messages:
            signal.raise_signal(signal.SIGTERM)
        self.messages.append(record.getMessage())
        self._writing = False


def test_a_signal_can_come_while_the_log_is_written(run_within: Any) -> None:
    log, handler = logging.getLogger("opgen.main"), Interrupted()

    async def scenario() -> None:
        stop = asyncio.Event()
        with stopping(stop):
            log.warning("writing")
            await stop.wait()

    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        run_within(scenario())
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    assert handler.messages == ["writing", "SIGTERM: stopping"]


@pytest.fixture
def settings(tmp_path: Path) -> Any:
    """Writes a file with settings, and gives its path."""

    def write(content: str) -> str:
        path = tmp_path / "settings.yaml"
        path.write_text(content)
        return str(path)

    return write


def test_a_file_has_settings_below_the_environment_and_arguments(settings: Any) -> None:
    path = settings("log-level: debug\nnamespace: file\nleader-elect: true\nkube-api-qps: 2.5\n")
    options = parse("op", [f"--config={path}"], {})
    assert (options.log_level, options.leader_elect, options.kube_api_qps) == ("debug", True, 2.5)
    environ = {"OPGEN_CONFIG": path, "OPGEN_NAMESPACE": "environment", "OPGEN_LOG_LEVEL": "error"}
    options = parse("op", ["--log-level=warning", "--no-leader-elect"], environ)
    assert (options.log_level, options.namespace) == ("warning", "environment")
    assert not options.leader_elect
    assert parse("op", [f"--config={settings('')}"], {}).log_level == "info"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("log-levle: info", "{path}: unknown setting log-levle; did you mean log-level?"),
        ("leader_elect: true", "{path}: unknown setting leader_elect; did you mean leader-elect?"),
        ("zzz: 1", "{path}: unknown setting zzz"),
        ("kube-api-burst: many", "{path}: kube-api-burst must be a number from 1, not 'many'"),
        ("leader-elect: perhaps", "{path}: leader-elect must be true or false, not 'perhaps'"),
        ("namespace: [a, b]", "{path}: namespace must be one value"),
        ("[a, b]", "{path} must be a mapping from settings to values"),
        ("a: [", "{path}:2 is not valid YAML"),
    ],
)
def test_a_file_that_is_wrong_is_explained(
    content: str, message: str, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = settings(content + "\n")
    assert run("op", [f"--config={path}"]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == f"python -m op: error: {message.format(path=path)}"


@pytest.mark.parametrize(
    ("arguments", "environ", "message"),
    [
        (["--config=/no/such/file"], {}, "cannot read /no/such/file: No such file or directory"),
        (["--log-levle=info"], {}, "unknown argument --log-levle; did you mean --log-level?"),
        (["--zzz"], {}, "unknown argument --zzz"),
        (
            ["--namespace=a, Team_B"],
            {},
            "--namespace must be names of namespaces, with commas between, not 'a, Team_B'",
        ),
        (
            ["--leader-election-id=My_Operator"],
            {},
            "--leader-election-id must be lower case letters, digits, - and ., at most 128, "
            "not 'My_Operator'",
        ),
        (
            [],
            {"OPGEN_SHARDS": "perhaps"},
            "OPGEN_SHARDS must be true or false, not 'perhaps'",
        ),
        (
            [],
            {"OPGEN_LOG_LEVEL": "loud"},
            "OPGEN_LOG_LEVEL must be one of debug, info, warning, error, not 'loud'",
        ),
    ],
)
def test_settings_from_elsewhere_that_are_wrong_name_their_place(
    arguments: list[str],
    environ: dict[str, str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stop:
        parse("op", arguments, environ)
    assert stop.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"python -m op: error: {message}"
