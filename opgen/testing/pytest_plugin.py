"""The pytest plugin: the fixture `kube`, a cluster for each test.

`--kube` says where it is: in this process (a fresh server for each test), a real API server that is
started for the run (`envtest`), or a cluster named with `--context`; the last two give each test a
namespace of its own.

It is loaded in every run of pytest in an environment that has opgen, so it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from opgen.runtime.config import ClusterConfig
    from opgen.testing.cluster import Cluster

INPROCESS, ENVTEST, KUBECONFIG = "inprocess", "envtest", "kubeconfig"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("opgen")
    group.addoption(
        "--kube",
        choices=(INPROCESS, ENVTEST, KUBECONFIG),
        default=INPROCESS,
        help="where the fixture `kube` is: an API server in this process (the default), a real "
        "one started from KUBEBUILDER_ASSETS, or the cluster of --context",
    )
    group.addoption(
        "--context",
        metavar="NAME",
        default="",
        help="the kubeconfig context for --kube=kubeconfig; the current one is never used",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to guess a cluster."""
    kube, context = config.getoption("--kube"), config.getoption("--context")
    if kube == KUBECONFIG and not context:
        raise pytest.UsageError(
            "--kube=kubeconfig needs --context=NAME: tests write to that cluster, "
            "so the current context is never taken by itself"
        )
    if context and kube != KUBECONFIG:
        raise pytest.UsageError(f"--context={context} needs --kube=kubeconfig")


@pytest.fixture(scope="session")
def _kube_config(request: pytest.FixtureRequest) -> Iterator[ClusterConfig | None]:
    """How to reach the cluster that all tests share; None if each has its own."""
    kube = request.config.getoption("--kube")
    if kube == ENVTEST:
        from opgen.testing.envtest import Envtest

        with Envtest() as environment:
            yield environment.config
    elif kube == KUBECONFIG:
        from opgen.runtime.config import load_config

        yield load_config(context=request.config.getoption("--context"))
    else:
        yield None


@pytest.fixture
def kube(_kube_config: ClusterConfig | None) -> Iterator[Cluster]:
    """A Kubernetes API, as a `Cluster`: fresh, or with a fresh namespace as its default."""
    if _kube_config is None:
        from opgen.testing.cluster import Cluster

        with Cluster.start() as cluster:
            yield cluster
    else:
        from opgen.testing.shared import in_new_namespace

        with in_new_namespace(_kube_config) as cluster:
            yield cluster
