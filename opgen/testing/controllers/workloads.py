"""The controllers of workloads and of the pods that they make.

A pod is scheduled and becomes ready as soon as somebody looks at it, or ends if it belongs to a
Job, unless its image is one that fails. Statuses are written as the real controllers write them, so
`kubectl rollout status`, `kubectl wait` and conditions work.
"""

from __future__ import annotations

from opgen.testing.controllers.daemon_sets import DaemonSetController
from opgen.testing.controllers.deployments import DeploymentController
from opgen.testing.controllers.jobs import JobController
from opgen.testing.controllers.loop import Controller
from opgen.testing.controllers.pods import PodController
from opgen.testing.controllers.replica_sets import ReplicaSetController
from opgen.testing.controllers.stateful_sets import StatefulSetController
from opgen.testing.resources.images import Images
from opgen.testing.resources.operations import Operations


def workload_controllers(operations: Operations, images: Images) -> list[Controller]:
    """The controllers for workloads."""
    return [
        DeploymentController(operations),
        ReplicaSetController(operations),
        StatefulSetController(operations),
        DaemonSetController(operations),
        JobController(operations),
        PodController(operations, images),
    ]
