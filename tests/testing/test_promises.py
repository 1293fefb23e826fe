"""What the API server for tests promises, and the tests that hold it to that.

A promise without a test, or a test that is gone, is noticed here. Figures are measured by
`python -m benchmarks`. Whatever is below `contract` or `differential` runs on the real control
plane as well.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
CASES = 400
"""How many cases of the contract suite there are at least, each on both servers."""

MACHINERY = {
    "discovery, aggregated": "contract/test_contract_discovery.py::test_the_core_group_aggregated",
    "discovery, legacy": "contract/test_contract_discovery.py::test_groups_in_the_older_form",
    "OpenAPI v2": "contract/test_contract_discovery.py::test_openapi_of_version_two",
    "OpenAPI v3": "contract/test_contract_discovery.py::test_openapi_of_built_in_kinds",
    "kubectl explain": "contract/test_contract_kubectl.py::test_explain",
    "client-side validation": "testing/test_kubectl.py::test_client_side_validation",
    "server-side validation":
        "contract/test_contract_validation.py::test_several_things_wrong_are_listed",
    "validation of built-in kinds": "contract/test_contract_built_in_rules.py::*",
    "create": "contract/test_contract_objects.py::test_create_sets_system_metadata",
    "get": "contract/test_contract_objects.py::test_get_of_what_is_not_there",
    "list": "contract/test_contract_lists.py::test_a_list",
    "update": "contract/test_contract_objects.py::test_update_replaces",
    "JSON patch": "contract/test_contract_patches.py::test_json_patch",
    "merge patch": "contract/test_contract_patches.py::test_merge_patch",
    "strategic merge patch": "contract/test_contract_patches.py::test_strategic_merge_by_key",
    "apply": "contract/test_contract_apply.py::test_apply_creates",
    "delete": "contract/test_contract_deletion.py::test_delete_answers_with_a_status",
    "deletecollection": "contract/test_contract_lists.py::test_delete_collection",
    "generateName": "contract/test_contract_objects.py::test_generate_name",
    "resourceVersion, uid, creationTimestamp":
        "contract/test_contract_objects.py::test_create_sets_system_metadata",
    "generation": "contract/test_contract_objects.py::test_metadata_does_not_count_as_generation",
    "optimistic concurrency":
        "contract/test_contract_objects.py::test_update_with_an_old_resource_version",
    "preconditions": "contract/test_contract_deletion.py::test_a_precondition_of_uid",
    "dry-run": "contract/test_contract_objects.py::test_dry_run_stores_nothing",
    "fieldValidation=Ignore":
        "contract/test_contract_objects.py::test_unknown_fields_are_dropped_silently_when_ignored",
    "fieldValidation=Warn, with warnings":
        "contract/test_contract_objects.py::test_unknown_fields_are_warned_of",
    "fieldValidation=Strict":
        "contract/test_contract_objects.py::test_unknown_fields_are_refused_when_strict",
    "field selectors of metadata": "contract/test_contract_lists.py::test_field_selectors",
    "field selectors that a CRD declares": "contract/test_contract_watch.py::test_a_selected_field",
    "field selectors of Pods": "contract/test_contract_selectors.py::test_fields_of_pods",
    "field selectors of Events": "contract/test_contract_selectors.py::test_fields_of_events",
    "field selectors of Nodes": "contract/test_contract_selectors.py::test_fields_of_nodes",
    "label selectors in full":
        "contract/test_contract_selectors.py::test_forms_of_label_selectors",
    "pages": "contract/test_contract_paging.py::test_pages_show_the_moment_of_the_first",
    "pages expire": "contract/test_contract_expiry.py::test_a_page_that_is_forgotten",
    "resourceVersionMatch": "contract/test_contract_paging.py::test_an_exact_version",
    "watch": "contract/test_contract_watch.py::test_a_watch_from_a_version_goes_on_after_it",
    "watch by path": "contract/test_contract_watch.py::test_a_watch_by_path",
    "bookmarks": "contract/test_contract_watch.py::test_bookmarks",
    "sendInitialEvents": "contract/test_contract_watch.py::test_a_list_by_watch",
    "410": "contract/test_contract_expiry.py::test_a_watch_from_before_the_kind_was_there",
    "timeoutSeconds": "contract/test_contract_watch.py::test_a_watch_ends_after_its_timeout",
    "objects enter and leave a selection":
        "contract/test_contract_watch.py::test_objects_enter_and_leave_a_selection",
    "tables": "contract/test_contract_forms.py::test_a_table",
    "gzip": "contract/test_contract_forms.py::test_large_answers_are_compressed",
    "protobuf refused":
        "contract/test_contract_forms.py::test_protobuf_of_a_custom_kind_is_refused",
    "size of an object": "contract/test_contract_bad_input.py::test_an_object_that_is_too_large",
    "size of a request": "contract/test_contract_bad_input.py::test_a_body_that_is_too_large",
    "Status with causes": "contract/test_contract_validation.py::test_reasons_of_causes",
}  # fmt: skip
APPLY = {
    "ownership": "contract/test_contract_apply.py::test_two_managers_with_fields_of_their_own",
    "conflicts and their text":
        "contract/test_contract_apply.py::test_conflicts_with_several_fields",
    "force": "contract/test_contract_apply.py::test_force_takes_over",
    "shared ownership": "contract/test_contract_apply.py::test_equal_values_are_shared",
    "fields that go": "contract/test_contract_apply.py::test_what_is_no_longer_applied_goes",
    "sets": "contract/test_contract_apply.py::test_members_of_a_set_have_owners",
    "lists with keys": "contract/test_contract_apply.py::test_items_of_a_list_map_have_owners",
    "atomic lists": "contract/test_contract_apply.py::test_a_list_without_type_is_atomic",
    "atomic maps": "contract/test_contract_apply.py::test_an_atomic_map",
    "--subresource": "contract/test_contract_apply.py::test_applying_status",
    "from client-side to server-side apply":
        "contract/test_contract_paging.py::test_kubectl_moves_to_server_side_apply",
    "strategic merge by the table of types":
        "contract/test_contract_patches.py::test_strategic_merge_orders_items",
}  # fmt: skip
DEFINITIONS = {
    "conditions":
        "contract/test_contract_definitions.py::test_conditions_of_an_established_definition",
    "events": "contract/test_contract_definitions.py::test_events_of_a_definition",
    "structural schemas only":
        "contract/test_contract_schemas.py::test_a_definition_that_is_refused",
    "validation": "contract/test_contract_validation.py::test_one_thing_wrong",
    "defaults": "contract/test_contract_objects.py::test_nested_defaults_are_filled_in",
    "pruning": "contract/test_contract_objects.py::test_unknown_fields_are_dropped",
    "nullable": "contract/test_contract_objects.py::test_null_for_a_nullable_field_is_kept",
    "int-or-string": "contract/test_contract_validation.py::test_what_is_right",
    "embedded resources": "contract/test_contract_embedded.py::*",
    "list types": "contract/test_contract_apply.py::test_an_item_twice_is_refused",
    "ratcheting":
        "contract/test_contract_rules.py::test_an_unchanged_value_may_break_a_new_schema",
    "CEL rules": "contract/test_contract_rules.py::test_a_rule_that_does_not_hold",
    "transition rules": "contract/test_contract_rules.py::test_a_transition_rule",
    "selectable fields": "contract/test_contract_lists.py::test_field_selectors",
    "printer columns": "contract/test_contract_forms.py::test_a_table",
    "status": "contract/test_contract_objects.py::test_the_status_endpoint_changes_status_only",
    "scale": "contract/test_contract_patches.py::test_scale_of_a_custom_kind",
    "several versions, converted by a webhook":
        "contract/test_contract_conversion.py::test_created_in_one_version_and_read_in_both",
    "a finalizer on deletion":
        "contract/test_contract_definitions.py::test_a_definition_takes_its_objects_with_it",
}  # fmt: skip
AROUND = {
    "namespaces": "contract/test_contract_deletion.py::test_a_namespace_takes_its_objects_with_it",
    "namespaces that end":
        "contract/test_contract_ends.py::test_a_namespace_says_what_it_waits_for",
    "background deletion":
        "contract/test_contract_deletion.py::test_dependents_go_in_the_background",
    "foreground deletion":
        "contract/test_contract_deletion.py::test_foreground_waits_for_dependents",
    "orphans": "contract/test_contract_deletion.py::test_orphans_stay",
    "finalizers": "contract/test_contract_deletion.py::test_a_finalizer_holds_the_object",
    "Lease": "contract/test_contract_objects.py::test_update_creates_a_lease",
    "Events": "contract/test_contract_builtin.py::test_events_of_both_groups_are_the_same",
    "TokenRequest":
        "contract/test_contract_access.py::test_a_token_for_an_account_that_is_not_there",
    "TokenReview": "contract/test_contract_access.py::test_a_review_of_a_token",
    "SelfSubjectAccessReview":
        "contract/test_contract_access.py::test_a_review_of_ones_own_rights",
    "SubjectAccessReview": "contract/test_contract_access.py::test_a_review_of_anothers_rights",
    "roles and bindings":
        "contract/test_contract_access.py::test_a_role_gives_its_verbs_and_no_others",
    "aggregated roles":
        "contract/test_contract_escalation.py::test_aggregated_rules_come_and_go",
    "escalation": "contract/test_contract_escalation.py::test_what_one_lacks_cannot_be_granted",
    "mutating webhooks":
        "contract/test_contract_admission.py::test_a_mutating_webhook_changes_a_new_object",
    "validating webhooks": "contract/test_contract_admission.py::test_refusal",
    "cluster IPs": "contract/test_contract_services.py::test_a_taken_cluster_ip",
    "NodePorts": "contract/test_contract_services.py::test_node_ports_do_not_clash",
    "rollouts": "contract/test_contract_builtin.py::test_a_new_image_is_rolled_out",
    "kubectl rollout status": "testing/test_kubectl.py::test_a_rollout",
    "logs of pods": "testing/test_workloads.py::test_logs",
    "an image that never pulls": "testing/test_workloads.py::test_an_image_that_never_pulls",
    "a crash loop": "testing/test_workloads.py::test_a_crash_loop_and_its_end",
    "Jobs": "testing/test_workloads.py::test_a_job_completes",
    "Jobs that fail": "testing/test_workloads.py::test_a_job_fails",
    "StatefulSets":
        "testing/test_workloads.py::test_a_stateful_set_comes_up_in_order_with_claims",
    "TLS": "testing/test_tls.py::test_kubectl_over_tls",
    "client certificates": "testing/test_tls.py::test_a_certificate_says_who_its_bearer_is",
    "tokens": "testing/test_tls.py::test_without_tls_a_user_has_a_token",
    "impersonation": "testing/test_impersonation.py::test_it_has_the_rights_of_the_other",
    "audit": "testing/test_tls.py::test_the_audit_log",
}  # fmt: skip
FOR_TESTS = {
    "in-process": "testing/test_plugin_options.py::test_in_process_by_itself",
    "--kube=envtest": "testing/test_plugin_options.py::test_a_real_server",
    "--kube=kubeconfig --context":
        "testing/test_plugin_options.py::test_a_named_context_and_a_namespace_of_its_own",
    "a context must be named": "testing/test_plugin_options.py::test_a_context_must_be_named",
    "each test has a server of its own":
        "testing/test_cluster.py::test_every_test_has_a_cluster_of_its_own",
    "eventually fails with the object's history":
        "testing/test_waiting.py::test_a_failure_shows_the_history_of_what_was_read",
    "time": "testing/test_cluster.py::test_time_can_be_decided",
    "the request log": "testing/test_cluster.py::test_the_request_log",
    "assert no writes": "testing/test_snapshots.py::test_no_writes",
    "delays": "testing/test_cluster.py::test_a_delay",
    "drops": "testing/test_cluster.py::test_a_dropped_connection",
    "status codes": "testing/test_cluster.py::test_a_fault_happens_as_often_as_asked",
    "stalls": "testing/test_builders.py::test_a_stalled_request_waits_for_the_fault_to_go",
    "410": "testing/test_disturbances.py::test_watches_expire",
    "a partition": "testing/test_disturbances.py::test_a_partition",
    "a restart that keeps the data": "testing/test_disturbances.py::test_a_restart_keeps_the_data",
    "a restart that loses them":
        "testing/test_disturbances.py::test_a_restart_may_lose_the_data",
    "snapshot and restore": "testing/test_snapshots.py::test_restore_brings_back_what_was",
    "builders": "testing/test_builders.py::test_an_object_of_a_kind",
    "Envtest: programs of setup-envtest":
        "testing/test_plugin_options.py::test_the_newest_of_setup_envtest",
    "Envtest: kubeconfig": "testing/test_envtest.py::test_a_kubeconfig_for_the_administrator",
    "Envtest: CRDs and webhooks at a local address":
        "testing/test_envtest.py::test_crds_and_webhooks_are_installed",
}  # fmt: skip
PROGRAM = {
    "opgen apiserver --crds, with a kubeconfig":
        "cli/test_cli_cluster.py::test_an_api_server_with_crds",
    "kubectl": "testing/test_kubectl.py::*",
    "the same from kubectl as the real server":
        "contract/test_contract_kubectl.py::test_reading",
    "helm": "testing/test_clients.py::test_helm",
    "kustomize": "testing/test_clients.py::test_kustomize",
    "lists and watches of many kinds as tables":
        "testing/test_clients.py::test_all_kinds_are_listed_and_watched_as_tables",
    "the official Python client": "testing/test_clients.py::test_the_official_python_client",
}  # fmt: skip
COMPARED = {
    "the page of differences": "testing/test_compatibility.py::test_the_page_is_up_to_date",
    "random sequences": "differential/test_differential.py::test_both_servers_answer_alike",
}  # fmt: skip
BAD_INPUT = {
    "malformed JSON, YAML bombs, depth, huge numbers":
        "contract/test_contract_bad_input.py::test_a_body_that_cannot_be_read",
    "invalid UTF-8":
        "contract/test_contract_bad_input.py::test_bytes_that_are_no_utf8_are_replaced",
    "wrong content types":
        "contract/test_contract_forms.py::test_bodies_of_other_types_are_refused",
    "half requests": "testing/test_connections.py::test_many_half_requests",
    "what is no HTTP": "testing/test_connections.py::test_what_is_no_http",
    "thousands of connections": "testing/test_connections.py::test_thousands_of_connections",
    "nothing grows": "testing/test_connections.py::test_nothing_grows",
    "loopback unless told": "cli/test_cli_bad_input.py::test_an_api_server_for_others_needs_tls",
}  # fmt: skip
PROMISES = {
    f"{area}: {promise}": test
    for area, promises in {
        "machinery": MACHINERY,
        "apply": APPLY,
        "CRDs": DEFINITIONS,
        "around": AROUND,
        "for tests": FOR_TESTS,
        "program": PROGRAM,
        "compared": COMPARED,
        "bad input": BAD_INPUT,
    }.items()
    for promise, test in promises.items()
}


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_tested(promise: str, is_test: Callable[[str], bool]) -> None:
    assert is_test(PROMISES[promise])


def test_the_contract_has_enough_cases_and_each_runs_on_both_servers() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", str(TESTS / "contract")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=TESTS.parent, check=True)
    cases = {
        server: [
            line
            for line in done.stdout.splitlines()
            if re.search(rf"\[(?:[^\]]*-)?{server}[-\]]", line)
        ]
        for server in ("in-process", "real")
    }
    assert len(cases["real"]) == len(cases["in-process"]) >= CASES
