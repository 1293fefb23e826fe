"""What an operator may do in a test: what its manifests grant, wherever they grant it."""

from __future__ import annotations

import pytest

from opgen.api import rbac
from opgen.k8s import core_v1
from opgen.manifests import elsewhere
from opgen.manifests.rbac import roles
from opgen.runtime.errors import ApiError
from opgen.testing import Cluster
from opgen.testing.operators import restricted_config


def test_rights_in_another_namespace_hold_there_and_need_no_binding_of_the_test():
    rule = rbac(groups=[""], resources=["pods"], verbs=["list"], namespace="other")
    documents = elsewhere.bound(roles([rule], "manager-role"), "manager-role")
    assert [one["kind"] for one in documents] == ["ClusterRole", "Role", "RoleBinding"]
    with Cluster.start() as cluster:
        granted = restricted_config(cluster._client, cluster.config, documents, "default")
        with Cluster(cluster.run(granted)) as operator:
            assert operator.list(core_v1.Pod, namespace="other") == []
            with pytest.raises(ApiError, match="forbidden"):
                operator.list(core_v1.Pod, namespace="default")
