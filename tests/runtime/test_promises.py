"""What the runtime promises, and the tests that hold it to that.

A promise without a test, or a test that is gone, is noticed here. Decisions that can be undone by a
change of a line are in test_undone.py; figures are measured by `python -m benchmarks`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

PROMISES: dict[str, str] = {
    # The twelve decisions (those of one line each: test_undone.py)
    "lists and watches, resumes, gives up silence, backs off": "runtime/test_reflector.py::*",
    "undecodable objects are left out and counted":
        "runtime/test_manager.py::test_an_undecodable_object_is_left_out_until_it_changes",
    "objects are found by indexes": "runtime/test_caches.py::test_objects_are_found_by_an_index",
    "a deduplicating queue with two priorities and delays": "runtime/test_queue.py::*",
    "own writes are read, and no news": "runtime/test_settling.py::*",
    "a reconcile may take no longer than its limit":
        "faults/test_faults_reconcile.py::test_one_that_misbehaves_keeps_nobody_else_from_working",
    "owners, watches with map functions, predicates":
        "runtime/test_faults.py::test_watches_map_and_predicates_choose",
    "predicates": "runtime/test_predicates.py::*",
    "only what differs is applied": "runtime/test_ownership.py::*",
    "status and conditions are written once":
        "runtime/test_manager.py::test_a_child_and_the_status_are_written_once",
    "conditions keep the time of their last transition": "runtime/test_conditions.py::*",
    "own writes are read": "runtime/test_children.py::*",
    "delays": "runtime/test_clock.py::*",
    "leader election": "runtime/test_leader.py::*",
    "probes": "runtime/test_probes.py::*",
    "metrics": "runtime/test_metrics.py::*",
    "events with series and buckets": "runtime/test_events.py::*",
    "graceful drain": "runtime/test_manager.py::test_a_running_reconcile_is_let_finish",
    "a limit on requests": "runtime/test_rate_limit.py::*",
    # The surface for users
    "typed from end to end": "runtime/test_typed_surface.py::*",
    "plain functions run in threads":
        "runtime/test_manager.py::test_a_plain_function_runs_in_a_thread_and_waits",
    "again after a while": "runtime/test_manager.py::test_requeue_after_calls_again",
    "not again": "runtime/test_manager.py::test_a_terminal_error_waits_for_a_change",
    "finalizers": "runtime/test_manager.py::test_a_finalizer_is_removed_after_finalize",
    "kinds without a class": "runtime/test_caches.py::test_a_kind_without_a_class_is_a_plain_dict",
    "several namespaces":
        "runtime/test_caches.py::test_several_namespaces_are_looked_at_and_no_others",
    "caches in part":
        "runtime/test_caches.py::test_only_what_is_selected_is_cached_and_reconciled",
    "caches of metadata": "runtime/test_caches.py::test_of_some_kinds_only_metadata_is_cached",
    "start hooks and periodic functions": "runtime/test_other_work.py::*",
    "settings from arguments, environment and file": "runtime/test_runtime_main.py::*",
    # Webhooks
    "defaulting, validating, converting": "runtime/test_webhooks.py::*",
    "the real server's reviews":
        "faults/test_faults_certificates.py::test_the_api_server_defaults_validates_and_converts",
    "warnings reach kubectl": "faults/test_faults_certificates.py::test_warnings_reach_the_user",
    "certificates made and rotated by the operator": "runtime/test_self_signed.py::*",
    # Authentication
    "everything that kubeconfig knows": "runtime/test_kubeconfig.py::*",
    "TLS, impersonation, proxies": "runtime/test_transport_tls.py::*",
    "authorities without key usage":
        "runtime/test_transport_tls.py::test_an_authority_without_key_usage_is_accepted",
    "secrets are never told": "runtime/test_secrets.py::*",
    # Observability
    "logs for machines and for people": "runtime/test_logs.py::*",
    "metrics are for those who may": "runtime/test_guard.py::*",
    "a debug page": "runtime/test_probes.py::test_named_checks_and_the_debug_page",
    # Scale out
    "shards": "runtime/test_sharding.py::*",
    "warm standby": "runtime/test_replicas.py::*",
    # The operators that are made
    "the examples' own tests": "journey/test_examples.py::test_its_own_tests_pass",
    "the generated role is enough":
        "faults/test_faults_rights.py::test_the_generated_role_is_enough",
    # Faults; those on the real server as well have a parameter for it
    "watch conformance": "runtime/test_reflector.py::*",
    "a server killed during 500 reconciles":
        "faults/test_faults_server.py::"
        "test_a_server_that_is_killed_during_five_hundred_reconciles",
    "data rolled back":
        "faults/test_faults_server.py::test_data_that_are_rolled_back_on_a_real_server",
    "a server restored from a backup":
        "faults/test_faults_server.py::test_a_server_that_was_restored_from_a_backup",
    "delays, drops, refusals":
        "faults/test_faults_server.py::test_delays_drops_and_refusals_all_at_once",
    "a slow consumer":
        "faults/test_faults_server.py::"
        "test_a_slow_consumer_gets_to_the_last_state_and_not_through_all",
    "a leader killed, paused, cut off":
        "faults/test_faults_replicas.py::test_there_is_never_more_than_one_leader",
    "a shard killed, paused, cut off":
        "faults/test_faults_replicas.py::"
        "test_every_key_has_one_owner_whatever_happens_to_the_replicas",
    "a CRD deleted and made again":
        "faults/test_faults_server.py::"
        "test_a_crd_that_is_deleted_and_made_again_under_a_running_operator",
    "an object that cannot be decoded":
        "faults/test_faults_reconcile.py::test_an_object_that_cannot_be_decoded_waits_until_it_can",
    "reconciles that raise, hang, block, leak":
        "faults/test_faults_reconcile.py::test_one_that_misbehaves_keeps_nobody_else_from_working",
    "mistakes in users' functions": "runtime/test_mistakes.py::*",
    "an object made again":
        "faults/test_faults_strangers.py::"
        "test_an_object_that_is_made_again_while_it_is_reconciled",
    "a finalizer that others remove":
        "faults/test_faults_strangers.py::test_a_finalizer_that_others_remove_while_it_works",
    "a status that others write":
        "faults/test_faults_strangers.py::test_what_others_write_of_a_status_is_never_put_back",
    "names and sizes":
        "faults/test_faults_strangers.py::test_names_and_sizes_as_large_as_they_may_be",
    "a finalizer with the operator down":
        "faults/test_faults_reconcile.py::"
        "test_what_was_deleted_while_the_operator_was_down_is_finalized",
    "a clock that is set":
        "faults/test_faults_reconcile.py::test_a_clock_that_is_set_changes_no_leader",
    "certificates rotated":
        "faults/test_faults_certificates.py::test_rotation_is_not_noticed_by_anybody",
    "SIGTERM in the middle of a hundred reconciles":
        "faults/test_faults_replicas.py::test_sigterm_in_the_middle_of_a_hundred_reconciles",
    "nothing grows":
        "faults/test_faults_churn.py::test_nothing_grows_while_objects_come_and_go",
    # Bad input
    "no CRD, version not served":
        "runtime/test_declarations.py::"
        "test_a_kind_that_is_not_served_is_told_before_anything_is_written",
    "a right that is missing":
        "runtime/test_access.py::test_what_is_missing_is_named_with_the_rule_to_add",
    "two controllers for one kind, an unknown index":
        "runtime/test_declarations.py::test_what_does_not_fit_together_is_refused",
    "plain functions where others are needed":
        "runtime/test_declarations.py::"
        "test_functions_of_the_wrong_kind_are_refused_where_they_are_declared",
    "kubeconfig with mistakes":
        "runtime/test_kubeconfig.py::test_what_is_wrong_is_said_with_its_place",
}  # fmt: skip
ON_THE_REAL_SERVER = {
    "a server killed during 500 reconciles": "breakable",
    "data rolled back": "breakable_real",
    "a leader killed, paused, cut off": "target",
    "a shard killed, paused, cut off": "target",
    "a CRD deleted and made again": "target",
    "an object made again": "target",
    "a status that others write": "target",
    "names and sizes": "target",
    "certificates rotated": "target",
    "SIGTERM in the middle of a hundred reconciles": "target",
    "the generated role is enough": "target",
}
"""The fixture that brings the real server into the test."""


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_tested(promise: str, is_test: Callable[[str], bool]) -> None:
    assert is_test(PROMISES[promise])


@pytest.mark.parametrize("promise", ON_THE_REAL_SERVER)
def test_it_is_tested_on_the_real_server(
    promise: str, known_tests: Callable[[str], dict[str, str]]
) -> None:
    file, _, name = PROMISES[promise].partition("::")
    assert re.search(rf"\b{ON_THE_REAL_SERVER[promise]}:", known_tests(file)[name])
