"""A level-triggered operator runtime on asyncio and msgspec.

A reflector lists and watches each kind into a store; every change puts the key of the object, or
of its owner, into a deduplicating queue; workers take keys and call the user's reconcile with a
fresh object. Children are written by server-side apply, and only if the cache shows a difference;
status is written once per reconcile, and only if it changed. Failure means the key comes back
later, with backoff.

Importing this package is cheap on purpose: httptools and msgspec are loaded when a manager starts,
not when a project's declarations are read.

Start reading at `opgen.runtime.manager`.
"""

from opgen.api.controllers import Cached, Result, TerminalError, Watch, controller, rbac
from opgen.api.indexes import Index
from opgen.api.resources import ResourceKind
from opgen.api.runnables import on_start, periodic
from opgen.api.webhooks import (
    AdmissionRequest,
    AdmissionRule,
    Denied,
    MatchCondition,
    converter,
    webhook,
)
from opgen.runtime.context import Context
from opgen.runtime.operator import OperatorContext
from opgen.runtime.sync_context import SyncContext, SyncOperatorContext

__all__ = [
    "AdmissionRequest",
    "AdmissionRule",
    "Cached",
    "Context",
    "Denied",
    "Index",
    "MatchCondition",
    "OperatorContext",
    "ResourceKind",
    "Result",
    "SyncContext",
    "SyncOperatorContext",
    "TerminalError",
    "Watch",
    "controller",
    "converter",
    "on_start",
    "periodic",
    "rbac",
    "webhook",
]
