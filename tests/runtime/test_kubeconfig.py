"""kubeconfig files: what is read, and what is said when one cannot be used."""

from __future__ import annotations

import base64
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.api import Problems
from opgen.k8s import core_v1
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig, ExecPlugin, in_cluster_config, load_config
from opgen.runtime.credentials import Credentials
from opgen.runtime.errors import Unreachable

SECRET = "s3cr3t-token"


def document(**user: Any) -> dict[str, Any]:
    return {
        "current-context": "dev",
        "contexts": [
            {"name": "dev", "context": {"cluster": "c", "user": "u", "namespace": "team"}}
        ],
        "clusters": [{"name": "c", "cluster": {"server": "https://host:6443/"}}],
        "users": [{"name": "u", "user": user}],
    }


def exec_document(**values: Any) -> dict[str, Any]:
    version = "client.authentication.k8s.io/v1"
    return document(exec={"command": "plugin", "apiVersion": version, **values})


def cluster_document(**values: Any) -> dict[str, Any]:
    cluster = {"server": "https://host:6443", **values}
    return document() | {"clusters": [{"name": "c", "cluster": cluster}]}


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def test_inline_data_and_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("KEY")
    data = base64.b64encode(b"CERT").decode()
    user = {"client-certificate-data": data, "client-key": "key.pem", "tokenFile": "token"}
    config = load_config(write(tmp_path / "config", document(**user)))
    assert (config.client_certificate, config.client_key) == (b"CERT", b"KEY")
    assert config.token_file == tmp_path / "token"
    assert (config.server, config.namespace) == ("https://host:6443", "team")


def test_the_first_of_several_files_wins(tmp_path: Path) -> None:
    first = write(tmp_path / "1", {"current-context": "dev"})
    second = write(tmp_path / "2", document(token="one") | {"current-context": "other"})
    third = write(tmp_path / "3", document(token="two"))
    paths = ":".join(map(str, (first, tmp_path / "missing", second, third)))
    assert load_config(environ={"KUBECONFIG": paths}).token == "one"


def test_no_secret_is_shown(tmp_path: Path) -> None:
    user = {"token": SECRET, "password": SECRET, "username": "me"}
    config = load_config(write(tmp_path / "config", document(**user)))
    assert SECRET not in repr(config)


BAD: dict[str, tuple[Any, str]] = {
    "yaml": ("a: [", "the kubeconfig is not valid YAML"),
    "list": ("- a", "the kubeconfig is not a mapping"),
    "context": (document() | {"current-context": "prod"}, "there is no context 'prod'"),
    "none": (document() | {"current-context": ""}, "no context is chosen"),
    "cluster": (document() | {"clusters": []}, "there is no cluster 'c'"),
    "base64": (document(**{"client-key-data": "%"}), "users[u].client-key-data"),
    "half": (document(**{"client-certificate-data": "QQ=="}), "belong together"),
    "file": (document(**{"client-key": "none.pem"}), "cannot read"),
    "exec": (document(exec={"command": "x", "apiVersion": "v1"}), "users[u].exec.apiVersion"),
    "legacy": (document(**{"auth-provider": {}}), "use an exec plugin"),
    "where": (
        document(**{"client-key-data": "%"}),
        "contexts[dev].user → users[u].client-key-data",
    ),
    "exec args": (exec_document(args="--all"), "exec.args"),
    "exec env": (exec_document(env=["A=b"]), "must be a list of names and values"),
    "terminal": (exec_document(interactiveMode="Always"), "an operator has no terminal"),
    "groups": (document(**{"as": "jane", "as-groups": "dev"}), "must be a list of strings"),
    "group alone": (document(**{"as-groups": ["dev"]}), "are impersonated with a user only"),
    "extra": (document(**{"as": "jane", "as-user-extra": ["a"]}), "must map keys to lists"),
    "insecure": (
        cluster_document(**{"insecure-skip-tls-verify": "false"}),
        "contexts[dev].cluster → clusters[c].insecure-skip-tls-verify",
    ),
    "both": (
        cluster_document(
            **{"insecure-skip-tls-verify": True, "certificate-authority-data": "QQ=="}
        ),
        "a certificate authority makes no sense without verification",
    ),
    "credentials": (
        cluster_document(server=f"https://me:{SECRET}@host"),
        "must not hold credentials",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_with_its_place(case: str, tmp_path: Path) -> None:
    content, message = BAD[case]
    path = write(tmp_path / "config", content)
    with pytest.raises(Problems) as problems:
        load_config(path)
    assert message in str(problems.value)
    assert str(path) in str(problems.value)
    assert SECRET not in str(problems.value)


def test_without_any_kubeconfig_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="no kubeconfig found, and this is not a pod"):
        load_config(environ={"HOME": str(tmp_path)})


def test_a_pod_uses_its_service_account(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("operators\n")
    environ = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    config = in_cluster_config(environ, tmp_path)
    assert config.server == "https://[fd00::1]:443"
    assert (config.namespace, config.token_file) == ("operators", tmp_path / "token")


def test_a_rotated_token_is_read_again(tmp_path: Path, instant_clock: Any, run: Any) -> None:
    async def scenario() -> None:
        path = tmp_path / "token"
        path.write_text("old\n")
        config = ClusterConfig(server="https://host", token_file=path)
        credentials = Credentials(config, instant_clock)
        assert ("Authorization", "Bearer old") in await credentials.headers()
        path.write_text("new")
        assert ("Authorization", "Bearer old") in await credentials.headers()
        instant_clock.advance(61)
        assert ("Authorization", "Bearer new") in await credentials.headers()

    run(scenario())


@pytest.mark.parametrize("becomes", ["gone", b"", b"\xff\xfe"])
def test_the_token_that_was_read_stays_while_the_file_cannot_be(
    becomes: Any, tmp_path: Path, instant_clock: Any, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "token"
    path.write_text("old")

    async def scenario() -> None:
        config = ClusterConfig(server="https://host", token_file=path)
        credentials = Credentials(config, instant_clock)
        await credentials.headers()
        path.unlink() if becomes == "gone" else path.write_bytes(becomes)
        instant_clock.advance(61)
        assert ("Authorization", "Bearer old") in await credentials.headers()
        path.write_text("new")
        instant_clock.advance(61)
        assert ("Authorization", "Bearer new") in await credentials.headers()

    run(scenario())
    assert f"{path}: cannot read the token: " in caplog.text
    assert "; the one that was read before is used" in caplog.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the token: No such file or directory"),
        (b"\n", "cannot read the token: the file is empty"),
        (b"\xff", "cannot read the token: it is no text"),
    ],
)
def test_a_token_that_never_was_is_explained(
    content: bytes | None, message: str, tmp_path: Path, run: Any
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)

    async def scenario() -> None:
        with pytest.raises(Problems) as problems:
            await Credentials(ClusterConfig(server="https://host", token_file=path)).headers()
        (problem,) = problems.value.problems
        assert (problem.message, problem.field) == (message, str(path))

    run(scenario())


def test_a_plugin_that_fails_later_is_like_a_server_that_does_not_answer(
    tmp_path: Path, scripted: Any, run: Any
) -> None:
    """Nobody ends because of it: leaders, Events and watches try again."""
    good = tmp_path / "good"
    token = answer(token="t")
    program = f"import pathlib; pathlib.Path({str(good)!r}).read_text(); {token}"
    plugin = ExecPlugin(command=sys.executable, args=("-c", program))

    async def scenario() -> None:
        async with scripted() as server:
            config = dataclasses.replace(server.config, exec_plugin=plugin)
            async with Client(config) as client:
                with pytest.raises(Problems, match="failed with exit code 1"):
                    await client.list(core_v1.ConfigMap)
                good.touch()
                await client.list(core_v1.ConfigMap)
                good.unlink()
                client._transport._credentials.refresh()
                with pytest.raises(Unreachable, match="failed with exit code 1"):
                    await client.list(core_v1.ConfigMap)
                with pytest.raises(Unreachable, match="failed with exit code 1"):
                    async with client.stream("/api/v1/configmaps", params={"watch": "true"}):
                        """It is not opened."""

    run(scenario())


def test_the_file_wins_over_the_token_beside_it(tmp_path: Path, run: Any) -> None:
    (tmp_path / "token").write_text("from the file")
    path = write(tmp_path / "config", document(token="inline", tokenFile="token"))

    async def scenario() -> Any:
        return await Credentials(load_config(path)).headers()

    assert run(scenario()) == [("Authorization", "Bearer from the file")]


def test_impersonation_is_read_whole(tmp_path: Path, run: Any) -> None:
    user = {
        "as": "jane",
        "as-uid": "7",
        "as-groups": ["dev", "ops"],
        "as-user-extra": {"example.com/scopes": ["view", "edit"]},
    }
    config = load_config(write(tmp_path / "config", document(**user)))

    async def scenario() -> Any:
        return await Credentials(config).headers()

    assert run(scenario()) == [
        ("Impersonate-User", "jane"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "dev"),
        ("Impersonate-Group", "ops"),
        ("Impersonate-Extra-example.com%2Fscopes", "view"),
        ("Impersonate-Extra-example.com%2Fscopes", "edit"),
    ]


def test_what_a_cluster_says_is_read(tmp_path: Path) -> None:
    values = {"tls-server-name": "kubernetes", "proxy-url": "http://proxy:3128"}
    config = load_config(write(tmp_path / "config", cluster_document(**values)))
    assert (config.tls_server_name, config.proxy_url) == ("kubernetes", "http://proxy:3128")
    insecure = cluster_document(**{"insecure-skip-tls-verify": True})
    assert load_config(write(tmp_path / "config", insecure)).insecure


PLUGIN = """
import datetime, json, os, pathlib, sys
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
calls = pathlib.Path(sys.argv[1]); n = len(calls.read_text()) if calls.exists() else 0
calls.write_text("x" * (n + 1))
status = {"token": f"token-{n}", "expirationTimestamp": "2026-01-01T01:00:00Z"}
print(json.dumps({"apiVersion": info["apiVersion"], "kind": "ExecCredential", "status": status}))
"""


def test_an_exec_plugin_is_asked_again_when_its_token_expires(
    tmp_path: Path, instant_clock: Any, run: Any
) -> None:
    script = write(tmp_path / "plugin.py", PLUGIN)
    plugin = ExecPlugin(command=sys.executable, args=(str(script), str(tmp_path / "calls")))

    async def scenario() -> None:
        config = ClusterConfig(server="https://host", exec_plugin=plugin)
        credentials = Credentials(config, instant_clock)
        assert await credentials.headers() == [("Authorization", "Bearer token-0")]
        assert await credentials.headers() == [("Authorization", "Bearer token-0")]
        instant_clock.advance(3600)
        assert await credentials.headers() == [("Authorization", "Bearer token-1")]

    run(scenario())


def answer(kind: str = "v1", **status: Any) -> str:
    """A program that prints an ExecCredential."""
    version = f"client.authentication.k8s.io/{kind}"
    return f"print({json.dumps(json.dumps({'apiVersion': version, 'status': status}))})"


def test_an_exec_plugin_gives_a_certificate_and_knows_the_cluster(run: Any) -> None:
    program = (
        "import json, os; info = json.loads(os.environ['KUBERNETES_EXEC_INFO']); "
        "c = info['spec']['cluster']; print(json.dumps({'apiVersion': info['apiVersion'], "
        "'status': {'clientCertificateData': c['server'], 'clientKeyData': os.environ['MORE']}}))"
    )
    plugin = ExecPlugin(
        command=sys.executable,
        args=("-c", program),
        env=(("MORE", "the key"),),
        provide_cluster_info=True,
    )

    async def scenario() -> Any:
        credentials = Credentials(ClusterConfig(server="https://host", exec_plugin=plugin))
        assert await credentials.headers() == []
        assert credentials.refresh(), "asked again after a 401"
        return await credentials.certificate()

    assert run(scenario()) == (b"https://host", b"the key")


@pytest.mark.parametrize(
    ("command", "args", "message"),
    [
        ("/does/not/exist", (), "cannot be run"),
        (sys.executable, ("-c", "raise SystemExit(3)"), "failed with exit code 3"),
        (sys.executable, ("-c", "print('hello')"), "did not print an ExecCredential"),
        (sys.executable, ("-c", answer(kind="v2", token="t")), "did not answer with client.auth"),
        (sys.executable, ("-c", answer()), "printed neither a token nor a certificate"),
        (
            sys.executable,
            ("-c", answer(clientCertificateData="C")),
            "printed a certificate without its key",
        ),
        (sys.executable, ("-c", answer(expirationTimestamp=1)), "did not print an ExecCredential"),
    ],
)
def test_a_plugin_that_fails_is_named(
    command: str, args: tuple[str, ...], message: str, run: Any
) -> None:
    plugin = ExecPlugin(command=command, args=args, install_hint="install the plugin")
    source = "context 'dev' of /kube/config"
    config = ClusterConfig(server="https://host", exec_plugin=plugin, source=source)

    async def scenario() -> None:
        await Credentials(config).headers()

    with pytest.raises(Problems, match=message) as problems:
        run(scenario())
    assert source in str(problems.value)
