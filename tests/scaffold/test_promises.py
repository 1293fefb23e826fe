"""What the scaffold promises, and the tests that hold it to that.

A promise without a test, or a test that is gone, is noticed here. Figures are measured by
`python -m benchmarks`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

ENGINE = {
    "every command shows its plan and writes nothing":
        "cli/test_cli_output.py::test_showing_writes_nothing",
    "a plan as JSON": "cli/test_cli_output.py::test_json",
    "create, update, identical, skip, conflict, delete, with reasons":
        "scaffold/test_plan_comparison.py::test_comparison_has_three_sides",
    "all or nothing, a full disk included":
        "scaffold/test_execute_plan.py::test_a_failing_write_leaves_the_old_tree",
    "a kill at any call that writes, and in the middle of any file":
        "scaffold/test_kills.py::test_a_kill_at_any_system_call",
    "a kill before or after any operation":
        "scaffold/test_execute_plan.py::test_a_kill_leaves_the_old_tree_or_the_new_one",
    "a kill while leftovers are mended":
        "scaffold/test_execute_plan.py::test_a_kill_while_mending_is_mended_too",
    "what somebody wrote after the kill":
        "scaffold/test_execute_plan.py::test_a_mend_keeps_what_a_person_wrote_meanwhile",
    "the next command mends leftovers":
        "cli/test_cli_make_manifests.py::"
        "test_an_interrupted_change_is_finished_before_the_code_is_read",
    "symbolic links": "scaffold/test_plan_comparison.py::test_symbolic_links_are_refused",
    "names that differ in case only":
        "scaffold/test_plan_comparison.py::test_names_that_differ_in_case_only_are_refused",
    "CRLF": "scaffold/test_plan_comparison.py::test_line_endings_stay_as_they_are",
    "byte order marks and other encodings":
        "scaffold/test_update.py::test_a_merge_does_not_care_about_encodings",
    "read-only files":
        "scaffold/test_execute_plan.py::test_a_file_that_is_read_only_is_replaced_and_stays_so",
    "names that are no UTF-8":
        "scaffold/test_edit.py::test_a_module_whose_name_is_no_text_is_told",
    "missing rights and a full disk, told":
        "cli/test_cli_bad_input.py::test_a_folder_that_cannot_be_written",
    "two runs at once": "scaffold/test_execute_plan.py::test_two_runs_at_once",
    "a run that another one overtakes":
        "scaffold/test_two_at_once.py::test_what_another_command_wrote_is_not_lost",
    "rendered by copier": "scaffold/test_lean_copier.py::test_all_of_copier_renders_the_same",
    "and templates of plain text as by jinja2":
        "scaffold/test_plain_templates.py::test_what_is_not_compiled_is_rendered_alike",
    "declared variables only; overlays stay in their folder":
        "scaffold/test_template_overlay.py::test_templates_that_leave_the_folder_or_do_not_work",
    "overlays replace and add": "scaffold/test_template_overlay.py::*",
    "overlays are recorded":
        "scaffold/test_template_overlay.py::test_it_is_recorded_and_used_ever_after",
}  # fmt: skip
PROJECT = {
    "every key is documented": "scaffold/test_project_file.py::test_every_key_is_documented",
    "validated on read, with did-you-mean":
        "scaffold/test_project_file.py::test_mistakes_are_told_with_their_line",
    "migrated": "scaffold/test_project_file.py::test_an_older_format_is_migrated",
    "answers and digests":
        "scaffold/test_edit.py::test_PROJECT_records_the_layout_and_the_files",
    "comments stay": "scaffold/test_project_file.py::test_comments_and_order_stay",
    "the same again does nothing":
        "scaffold/test_init_and_create_api.py::test_everything_twice_changes_nothing",
    "changed answers change just that":
        "scaffold/test_init_and_create_api.py::test_changed_answers_change_just_that",
    "edits stay": "scaffold/test_init_and_create_api.py::test_edits_stay",
    "force keeps a copy and names it":
        "cli/test_cli_output.py::test_force_names_the_backup",
}  # fmt: skip
COMMANDS = {
    "update from three older generations":
        "scaffold/test_update.py::test_an_untouched_project_becomes_as_if_new",
    "update: hundreds of random edits, none lost, equal to git merge-file":
        "scaffold/test_update.py::test_no_edit_is_lost_and_git_would_merge_the_same",
    "update: the same merge without git": "scaffold/test_merge.py::*",
    "update: offline": "cli/test_cli_frictions.py::test_nothing_needs_a_network",
    "update: markers in Python and YAML, files beside others":
        "scaffold/test_update_conflicts.py::test_conflicts_are_marked_where_that_breaks_nothing",
    "update: stages in the index":
        "scaffold/test_update_conflicts.py::test_merge_tools_find_the_three_sides_in_the_index",
    "update --check":
        "cli/test_cli_update.py::test_check_writes_nothing_and_tells_what_is_stale",
    "update: exit code 3 while conflicts are left":
        "cli/test_cli_update.py::test_conflicts_end_with_3_until_they_are_resolved",
    "update: old templates travel in the package":
        "scaffold/test_update_bases.py::"
        "test_history_is_reproducible_and_every_generation_proves_itself",
    "destroy api: create and destroy leave nothing":
        "scaffold/test_destroy.py::test_create_and_destroy_leave_nothing",
    "destroy api: refuses with a list":
        "scaffold/test_destroy.py::test_edited_files_are_listed_and_nothing_goes",
    "destroy webhook: create and destroy leave nothing":
        "scaffold/test_webhooks_scaffold.py::test_create_and_destroy_leave_nothing",
    "destroy webhook: refuses":
        "scaffold/test_webhooks_scaffold.py::test_edited_webhooks_do_not_go",
    "list": "cli/test_cli_status.py::test_the_kinds_are_listed",
    "status": "cli/test_cli_status.py::test_the_states_of_files",
    "doctor": "cli/test_cli_status.py::test_a_healthy_project",
    "doctor: a fix in every failing row":
        "cli/test_cli_status.py::test_every_failing_row_has_its_fix",
    "edit moves files and imports":
        "scaffold/test_edit.py::test_edits_move_along_and_imports_follow",
    "edit: as if it had been so from the beginning":
        "scaffold/test_edit.py::test_it_is_as_if_it_had_been_so_from_the_beginning",
    "completion": "cli/test_cli_status.py::test_completion_completes_commands",
    "help on topics": "cli/test_cli_status.py::test_topics",
    "did you mean": "cli/test_cli_status.py::test_did_you_mean",
    "colours where a terminal is, and nobody objects": "cli/test_cli_output.py::test_colours",
    "exit codes": "cli/test_cli_frictions.py::test_exit_codes_differ",
    "webhooks of each kind, with tests that pass in process":
        "scaffold/test_webhooks_scaffold.py::test_the_tests_of_the_project_pass",
    "a second kind of webhook keeps code":
        "scaffold/test_webhooks_scaffold.py::test_a_second_kind_keeps_the_code_of_the_first",
}  # fmt: skip
WRITTEN = {
    "kubebuilder's targets":
        "project/test_linters.py::test_make_help_lists_the_targets_that_people_know",
    "roles, Lease, namespaced mode":
        "project/test_options.py::test_namespaced_means_roles_and_one_namespace",
    "roles in other namespaces": "project/test_rights_elsewhere.py::*",
    "metrics with authentication":
        "project/test_options.py::test_metrics_are_served_to_a_service_over_tls",
    "ServiceMonitor, alerts, dashboard":
        "project/test_options.py::test_prometheus_brings_monitor_alerts_and_dashboard",
    "of metrics that exist":
        "project/test_metrics.py::test_every_metric_that_is_asked_for_exists",
    "network policies":
        "project/test_options.py::test_a_network_policy_opens_the_port_of_the_pod",
    "two replicas and a disruption budget":
        "project/test_options.py::test_ha_means_two_replicas_apart_and_a_disruption_budget",
    "groups in folders":
        "project/test_options.py::test_groups_have_folders_of_their_own",
    "certificates": "project/test_webhook_certificates.py::*",
    "the installer, the same each time":
        "project/test_deploy.py::test_the_installer_is_one_file_the_same_each_time",
    "the chart keeps edits": "project/test_chart.py::test_edits_stay_and_news_goes_beside_them",
    "helm lint; the chart deploys what kustomize does":
        "project/test_chart.py::test_by_default_it_is_what_config_default_deploys",
    "servers take what is deployed": "journey/test_servers_accept.py::test_what_is_deployed",
    "servers take what the chart installs":
        "journey/test_servers_accept.py::test_what_the_chart_installs",
    "deploy leaves the tree clean":
        "project/test_deploy.py::test_it_deploys_an_image_and_changes_no_file",
    "undeploy keeps CRDs":
        "project/test_deploy.py::test_undeploy_keeps_kinds_and_objects_unless_told",
    "the context that was printed":
        "project/test_deploy.py::test_kubectl_is_told_the_context_that_was_printed",
    "install reports errors": "cli/test_cli_cluster.py::test_a_refusal_is_told",
    "docker, podman, buildah":
        "project/test_deploy.py::test_images_are_made_with_the_tool_there_is",
    ".dockerignore as each of them reads it":
        "project/test_build_context.py::test_all_that_the_image_is_built_from_gets_through",
    "no tools in the image, at most 25 MB":
        "journey/test_fresh_environment.py::"
        "test_the_steps_of_the_dockerfile_make_a_lean_environment",
    "a base to pin, labels, no rights":
        "project/test_what_init_writes.py::"
        "test_the_image_has_a_base_to_pin_labels_and_a_user_of_no_rights",
    "non-root, read-only, nothing to escalate":
        "project/test_kube_linter_rules.py::test_the_operator_passes_every_check",
    "actions pinned by SHA":
        "project/test_linters.py::test_actions_are_pinned_by_sha_with_their_version",
    "workflows, devcontainer, hooks, Dependabot":
        "project/test_what_init_writes.py::test_workflows_hooks_and_updates_of_dependencies",
    "AGENTS.md and CONTRIBUTING":
        "project/test_what_init_writes.py::"
        "test_pages_for_contributors_name_commands_that_exist",
    "licence headers":
        "project/test_what_init_writes.py::test_every_module_says_the_licence_that_was_chosen",
    "ruff, mypy, pyright, pytest, kustomize, pairwise": "project/test_matrix.py::test_a_project_of",
    "the whole matrix": "project/test_matrix.py::test_every_value_is_in_some_project",
    "yamllint": "project/test_linters.py::test_yamllint",
    "hadolint": "project/test_linters.py::test_hadolint",
    "checkov": "project/test_checkov.py::test_checkov_finds_nothing_new",
    "nothing of the tool is loaded for the version": "cli/test_cli_output.py::test_version",
}  # fmt: skip
FRICTIONS = {
    "1. an interrupted init":
        "test_an_interrupted_init_leaves_nothing_and_can_be_repeated",
    "1. an interrupted create":
        "test_an_interrupted_create_leaves_the_project_and_can_be_repeated",
    "2. failures leave files": "test_a_refused_value_leaves_nothing_behind",
    "2. a program that is missing": "test_no_other_program_is_needed",
    "2. a module that is broken": "test_a_broken_module_is_told_and_nothing_is_lost",
    "3. any domain passes": "test_a_wrong_domain_is_refused_before_anything_is_written",
    "4. odd versions pass": "test_a_refused_value_leaves_nothing_behind",
    "4. a second version fails": "test_a_second_version_of_a_kind",
    "5. markers removed": "test_a_missing_marker_is_an_error",
    "5. a controller that nobody registers": "test_controllers_are_found_and_registered_nowhere",
    "5. unknown keys are ignored": "test_an_unknown_key_in_PROJECT_is_an_error",
    "5. CRLF becomes LF": "test_line_endings_stay",
    "6. a repeat is an error": "test_the_same_again_changes_nothing",
    "6. force wipes edits": "test_force_keeps_what_it_replaces",
    "7. errors twice, and the usage": "test_an_error_is_told_once_and_short",
    "7. one exit code for all": "test_exit_codes_differ",
    "7. asks without a terminal": "test_nobody_is_asked_without_a_terminal",
    "7. works in one folder only": "test_it_works_from_a_folder_below",
    "8. needs a network": "test_nothing_needs_a_network",
    "9. deletes a program, stamps the year":
        "test_the_Makefile_deletes_no_program_and_asks_no_clock",
    "10. a required field breaks tests": "test_a_required_field_breaks_no_scaffolded_test",
}  # fmt: skip
"""What happens to users of kubebuilder v4.15.0, and not here."""
BAD_INPUT = {
    "every option with any value": "cli/test_cli_fuzz.py::test_any_option_with_any_value",
    "hostile names of projects": "cli/test_cli_fuzz.py::test_hostile_names_of_projects",
    "flag, value, rule, fix":
        "scaffold/test_scaffold_names.py::test_bad_names_are_told_with_flag_value_and_fix",
    "overlays that leave the folder":
        "scaffold/test_template_overlay.py::test_templates_that_leave_the_folder_or_do_not_work",
    "journals that are not opgen's":
        "scaffold/test_foreign_journals.py::test_it_is_told_and_nothing_happens",
    "overlays with links": "scaffold/test_template_overlay.py::test_links_are_refused",
    "PROJECT edited into nonsense": "cli/test_cli_fuzz.py::test_a_PROJECT_edited_into_nonsense",
    "git in the middle of a merge":
        "scaffold/test_update_conflicts.py::test_git_in_the_middle_of_a_merge_is_left_alone",
    "no git at all": "cli/test_cli_frictions.py::test_no_other_program_is_needed",
    "missing programs": "cli/test_cli_status.py::test_missing_programs_are_warnings_with_a_fix",
}  # fmt: skip
PROMISES = (
    ENGINE
    | PROJECT
    | COMMANDS
    | WRITTEN
    | BAD_INPUT
    | {title: f"cli/test_cli_frictions.py::{name}" for title, name in FRICTIONS.items()}
)


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_tested(promise: str, is_test: Callable[[str], bool]) -> None:
    assert is_test(PROMISES[promise])


def test_every_test_of_a_friction_is_in_the_table(
    known_tests: Callable[[str], dict[str, str]],
) -> None:
    assert known_tests("cli/test_cli_frictions.py").keys() == set(FRICTIONS.values())
