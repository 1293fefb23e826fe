"""Every decision of the runtime has a test that fails when the decision is undone.

The table says how to undo each one, and which test notices. That the places and the tests exist is
checked always; the undoing itself, in a copy of the package, with `OPGEN_UNDO=1` (`make soak`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "opgen"
SOAK = os.environ.get("OPGEN_UNDO", "") == "1"
FAILED = 1
"""Source: pytest's exit codes."""


@dataclass(frozen=True)
class Undoing:
    """A decision, and a change that undoes it."""

    decision: str
    file: str
    before: str
    after: str
    test: str

    @property
    def source(self) -> Path:
        return PACKAGE / "runtime" / self.file

    @property
    def test_file(self) -> Path:
        return HERE / self.test.partition("::")[0]


UNDOINGS = [
    Undoing(
        "initial events come first",
        "reflector.py",
        "self._initial_events = True",
        "self._initial_events = False",
        "test_reflector.py::test_initial_events_come_first",
    ),
    Undoing(
        "lists are paged",
        "reflector.py",
        "            token = page.metadata.next\n",
        '            token = ""\n',
        "test_reflector.py::test_long_lists_are_read_page_by_page",
    ),
    Undoing(
        "watches resume at bookmarks",
        "reflector.py",
        "self._version = _decode_bookmark(event.object).metadata.resource_version\n",
        "_decode_bookmark(event.object)\n",
        "test_reflector.py::test_a_watch_that_ends_is_resumed_at_the_bookmark",
    ),
    Undoing(
        "silence ends a watch",
        "reflector.py",
        "self._path, params=params, idle=stall, accept=accept",
        "self._path, params=params, idle=None, accept=accept",
        "test_reflector.py::test_a_silent_stream_is_given_up",
    ),
    Undoing(
        "410 means a new list",
        "reflector.py",
        "    return error.expired or",
        "    return False and",
        "test_reflector.py::test_after_410_the_vanished_are_told_as_deleted",
    ),
    Undoing(
        "what has vanished is told as deleted",
        "store.py",
        "            self._notify(gone, None)\n",
        "",
        "test_reflector.py::test_after_410_the_vanished_are_told_as_deleted",
    ),
    Undoing(
        "Retry-After is obeyed",
        "reflector.py",
        "max(self._backoff.next(), retry_after or 0.0)",
        "self._backoff.next()",
        "test_reflector.py::test_retry_after_is_obeyed",
    ),
    Undoing(
        "delays grow",
        "clock.py",
        "        self._failures += 1\n",
        "",
        "test_reflector.py::test_refused_watches_are_tried_again_with_growing_delays",
    ),
    Undoing(
        "streams without events count as failures",
        "reflector.py",
        "        if hasty and self.health.events == before:",
        "        if False:",
        "test_reflector.py::test_an_empty_stream_is_no_hot_loop",
    ),
    Undoing(
        "an object that cannot be read ends no watch",
        "reflector.py",
        "            return Entry.of(json)\n        except msgspec.DecodeError as error:",
        "            return Entry.of(json)\n        except ZeroDivisionError as error:",
        "test_reflector.py::test_an_object_without_metadata_is_left_out",
    ),
    Undoing(
        "an object that cannot be decoded is counted and waits for a change",
        "reconciler.py",
        "if isinstance(error, (TerminalError, DecodeError)):",
        "if isinstance(error, TerminalError):",
        "test_manager.py::test_an_undecodable_object_is_left_out_until_it_changes",
    ),
    Undoing(
        "indexes follow changes",
        "store.py",
        "        for name in self._indexes:\n            self._index(name, entry)\n",
        "",
        "test_caches.py::test_objects_are_found_by_an_index",
    ),
    Undoing(
        "keys wait once",
        "queue.py",
        "self._high[key] = self._low.pop(key)",
        "self._high[key] = self._low[key]",
        "test_queue.py::test_a_key_that_becomes_urgent_waits_once",
    ),
    Undoing(
        "a key is never worked on twice at once",
        "queue.py",
        "        if key in self._processing:\n",
        "        if False:\n",
        "test_queue.py::test_a_key_added_while_worked_on_comes_back_when_done",
    ),
    Undoing(
        "fresh changes pass old objects",
        "queue.py",
        "for waiting in (self._high, self._low):\n                if waiting:",
        "for waiting in (self._low, self._high):\n                if waiting:",
        "test_queue.py::test_fresh_changes_pass_old_objects",
    ),
    Undoing(
        "failures wait longer each time",
        "queue.py",
        "BASE_SECONDS * 2.0 ** min(failures, 40)",
        "BASE_SECONDS",
        "test_queue.py::test_failures_wait_longer_each_time_until_forgotten",
    ),
    Undoing(
        "a terminal error is not tried again",
        "reconciler.py",
        "            self._tell(entry, error, logger)\n            self.queue.forget(key)\n",
        "            self._tell(entry, error, logger)\n            self.queue.retry(key)\n",
        "test_manager.py::test_a_terminal_error_waits_for_a_change",
    ),
    Undoing(
        "owners are found by their reference",
        "reconciler.py",
        "            if owner.controller and (group, owner.kind) == self.kind.group_kind:",
        "            if False:",
        "test_self_healing.py::test_a_deleted_child_is_made_again",
    ),
    Undoing(
        "predicates choose",
        "reconciler.py",
        "            return all(predicate(before, after) for predicate in predicates)",
        "            return True",
        "test_faults.py::test_watches_map_and_predicates_choose",
    ),
    Undoing(
        "nothing is sent that would change nothing",
        "children.py",
        "        if live is not None and self._is_settled(kind, desired, digest, live):",
        "        if False:",
        "test_self_healing.py::test_a_restart_with_everything_in_place_writes_nothing",
    ),
    Undoing(
        "status is written only if it changed",
        "status_fields.py",
        "        return bool(self.current() != self._before)",
        "        return True",
        "test_self_healing.py::test_a_restart_with_everything_in_place_writes_nothing",
    ),
    Undoing(
        "what others have written of a status stays theirs",
        "status_fields.py",
        "        if ours is None and key in present and value == before.get(key):\n",
        "        if False:\n",
        "../faults/test_faults_strangers.py::"
        "test_what_others_write_of_a_status_is_never_put_back[in-process]",
    ),
    Undoing(
        "conditions of others stay theirs",
        "status_fields.py",
        "if item not in before or",
        "if True or",
        "../faults/test_faults_strangers.py::"
        "test_what_others_write_of_a_status_is_never_put_back[in-process]",
    ),
    Undoing(
        "what has been finalized is not finalized again",
        "reconciler.py",
        "done = self._finalized.get(entry.key) == entry.metadata.uid",
        "done = False",
        "../faults/test_faults_strangers.py::"
        "test_what_a_finalizer_writes_itself_does_not_make_it_run_twice[in-process]",
    ),
    Undoing(
        "own writes come back first",
        "settling.py",
        "        if work.running or work.awaited:\n            return\n",
        "",
        "test_settling.py::test_writes_come_back_and_then_the_key_is_worked_on_once",
    ),
    Undoing(
        "own writes are no news",
        "settling.py",
        "work.low = work.low and (low or entry.version == written)",
        "work.low = False",
        "test_settling.py::test_own_writes_are_no_news",
    ),
    Undoing(
        "events stand back behind work",
        "events.py",
        "if self._busy() and",
        "if False and",
        "test_events.py::test_writes_of_reconciles_go_first_for_a_while",
    ),
    Undoing(
        "an index that nobody has declared is refused",
        "declared.py",
        "            if id(index) not in known:\n",
        "            if False:\n",
        "test_declarations.py::test_what_does_not_fit_together_is_refused",
    ),
    Undoing(
        "children that have gone are not remembered",
        "children.py",
        "        if self._cached(kind, desired) is None:\n            return live",
        "        if False:\n            return live",
        "test_children.py::test_what_has_gone_before_the_answer_came_is_not_remembered",
    ),
    Undoing(
        "a lease that is given back is taken at once",
        "leader.py",
        'await self._client.replace(LEASE, {**lease, "spec": spec}, self._namespace)',
        "pass",
        "test_leader.py::test_the_second_takes_over_when_the_first_gives_back",
    ),
    Undoing(
        "a lease lasts fifteen seconds",
        "leader.py",
        "lease: float = 15.0",
        "lease: float = 16.0",
        "test_leader.py::test_a_dead_leader_is_replaced_after_fifteen_seconds",
    ),
    Undoing(
        "who loses the lease ends",
        "coordination.py",
        "        await self._elector.hold()\n",
        "        await self._elector.hold()\n        return\n",
        "test_replicas.py::test_a_leader_that_loses_its_lease_ends",
    ),
    Undoing(
        "who has not filled the caches is not ready",
        "manager.py",
        'checks = {"caches": self._waiting}',
        'checks = {"caches": lambda: ""}',
        "test_probes.py::test_an_operator_that_is_not_ready_says_which_check_fails",
    ),
    Undoing(
        "metrics have controller-runtime's names",
        "reconciler.py",
        'self._metrics.count("controller_runtime_reconcile", ',
        'self._metrics.count("opgen_writes", ',
        "test_metrics.py::test_what_was_not_foreseen_is_counted",
    ),
    Undoing(
        "an event that is told again is a series",
        "events.py",
        "        if series is not None and now - series.last < SERIES_SECONDS:",
        "        if False:",
        "test_events.py::test_an_event_told_again_raises_the_count",
    ),
    Undoing(
        "who talks too much is held back",
        "events.py",
        "        if bucket.tokens < 1:",
        "        if False:",
        "test_events.py::test_an_object_that_talks_too_much_is_held_back",
    ),
    Undoing(
        "running reconciles are let finish",
        "manager.py",
        "        if may_work and workers:",
        "        if False:",
        "test_manager.py::test_a_running_reconcile_is_let_finish",
    ),
    Undoing(
        "requests are limited if asked for",
        "client.py",
        "await self._rate_limit.take()",
        "0.0",
        "test_rate_limit.py::test_every_request_of_a_client_counts",
    ),
    Undoing(
        "servers without initial events are listed",
        "reflector.py",
        "if error.code in (400, 422) and",
        "if False and",
        "test_reflector.py::test_long_lists_are_read_page_by_page",
    ),
    Undoing(
        "watches end at different times",
        "reflector.py",
        "seconds = shortest + (longest - shortest) * self._clock.random()",
        "seconds = shortest",
        "test_reflector.py::test_the_length_of_a_watch_is_random_within_bounds",
    ),
    Undoing(
        "bookmarks are decoded apart",
        "reflector.py",
        '            if event.type == "BOOKMARK":\n                self._version',
        '            if event.type == "OTHER":\n                self._version',
        "test_reflector.py::test_a_watch_that_ends_is_resumed_at_the_bookmark",
    ),
    Undoing(
        "errors in the stream are no objects",
        "reflector.py",
        '        if event.type == "ERROR":\n',
        "        if False:\n",
        "test_reflector.py::test_after_410_the_vanished_are_told_as_deleted",
    ),
    Undoing(
        "delays are spread",
        "clock.py",
        "        delay *= 1 + self._jitter * self._clock.random()\n",
        "",
        "test_clock.py::test_delays_double_up_to_a_limit_and_are_spread",
    ),
    Undoing(
        "after a healthy while delays begin anew",
        "clock.py",
        "        if now - self._last > self._healthy_after:",
        "        if False:",
        "test_clock.py::test_after_a_healthy_while_delays_begin_anew",
    ),
    Undoing(
        "objects are the reader's own",
        "store.py",
        "document: dict[str, Any] = _decode_json(self.json)",
        "document = globals().setdefault('_s', {}).setdefault(self.json, _decode_json(self.json))",
        "test_caches.py::test_objects_are_the_readers_own",
    ),
    Undoing(
        "the earliest of several delays counts",
        "queue.py",
        "            if known <= due:\n",
        "            if True:\n",
        "test_queue.py::test_the_earliest_of_several_delays_counts",
    ),
    Undoing(
        "several objects are worked on at once",
        "manager.py",
        "for _ in range(controller.info.concurrency)",
        "for _ in range(1)",
        "test_mistakes.py::test_plain_functions_do_not_wait_for_each_other",
    ),
    Undoing(
        "plain functions run in threads",
        "blocking.py",
        "    threading.Thread(target=work, name=name, daemon=True).start()\n",
        "    work()\n",
        "test_mistakes.py::test_plain_functions_do_not_wait_for_each_other",
    ),
    Undoing(
        "a reconcile takes no longer than its limit",
        "reconciler.py",
        "limit = asyncio.timeout(self._timeout)",
        "limit = asyncio.timeout(None)",
        "test_mistakes.py::test_a_thread_whose_time_is_up_keeps_its_key",
    ),
    Undoing(
        "a thread whose time is up keeps its key",
        "blocking.py",
        "        if stays():\n",
        "        if False:\n",
        "test_mistakes.py::test_a_thread_whose_time_is_up_keeps_its_key",
    ),
    Undoing(
        "a result says when to come back",
        "reconciler.py",
        "        self.queue.add_after(key, delay)\n",
        "",
        "test_manager.py::test_requeue_after_calls_again",
    ),
    Undoing(
        "failures are told as events",
        "reconciler.py",
        'self._tell(entry, error, logger)\n        return "error"\n\n    def _tell',
        'return "error"\n\n    def _tell',
        "test_manager.py::test_a_failure_is_tried_again_and_told",
    ),
    Undoing(
        "owners are found whatever the version of their group",
        "reconciler.py",
        'group = owner.api_version.rpartition("/")[0]',
        "group = owner.api_version",
        "test_self_healing.py::test_a_deleted_child_is_made_again",
    ),
    Undoing(
        "map functions say whom a change concerns",
        "reconciler.py",
        "for pair in watch.map(self._typed(watch.kind, entry))",
        "for pair in ()",
        "test_faults.py::test_watches_map_and_predicates_choose",
    ),
    Undoing(
        "fields that are ours are taken from others",
        "client.py",
        '"force": "true" if force else "false"',
        '"force": "false"',
        "test_self_healing.py::test_what_others_apply_by_force_is_taken_back",
    ),
    Undoing(
        "a condition keeps the time of its last transition",
        "status.py",
        "moment = since if same else format_time(now)",
        "moment = format_time(now)",
        "test_conditions.py::test_the_time_is_that_of_the_last_transition",
    ),
    Undoing(
        "own writes are read",
        "store.py",
        "return self._written.get(key) or self._entries.get(key)",
        "return self._entries.get(key)",
        "test_children.py::test_what_was_written_is_read_until_the_watch_has_caught_up",
    ),
    Undoing(
        "leases are measured with a clock that nobody sets",
        "leader.py",
        "        now = self._clock.now()\n        try:\n            lease",
        "        now = self._clock.wall().timestamp()\n        try:\n            lease",
        "test_leader.py::test_a_clock_that_is_set_gives_nobody_the_lease",
    ),
    Undoing(
        "who sees that another has the lease stops",
        "leader.py",
        '            self._renewed = float("-inf")  #',
        "            #",
        "test_leader.py::test_who_sees_that_another_has_the_lease_stops_at_once",
    ),
    Undoing(
        "what was let go while a lease had lapsed is taken up again",
        "sharding/replica.py",
        "        if not self.holds():  #",
        "        if False:  #",
        "test_replicas.py::"
        "test_what_a_member_let_go_while_its_lease_had_lapsed_is_taken_up_again",
    ),
]


@pytest.mark.parametrize("undoing", UNDOINGS, ids=lambda undoing: undoing.decision)
def test_the_table_is_true(undoing: Undoing) -> None:
    assert undoing.source.read_text().count(undoing.before) == 1
    name = undoing.test.partition("::")[2].partition("[")[0]
    assert re.search(rf"^def {name}\(", undoing.test_file.read_text(), re.MULTILINE)


@pytest.mark.skipif(not SOAK, reason="undoing decisions takes minutes: OPGEN_UNDO=1")
@pytest.mark.parametrize("undoing", UNDOINGS, ids=lambda undoing: undoing.decision)
def test_a_decision_that_is_undone_is_noticed(undoing: Undoing, tmp_path: Path) -> None:
    copied = shutil.copytree(PACKAGE, tmp_path / "opgen")
    target = copied / "runtime" / undoing.file
    target.write_text(target.read_text().replace(undoing.before, undoing.after))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-x", str(HERE / undoing.test)],
        cwd=HERE.parent.parent,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "OPGEN_UNDO": "0"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == FAILED, done.stdout[-2000:]
