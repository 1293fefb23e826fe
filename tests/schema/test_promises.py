"""What the way from types to CRDs and back promises, and the tests that hold it to that.

A promise without a test, or a test or case that is gone, is noticed here. Figures are measured by
`python -m benchmarks`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

MARKERS: dict[str, str] = {
    "every marker is documented and has a test":
        "api/test_markers.py::test_each_schema_marker_is_tested",
    "on fields, aliases, items, keys and values": "schema/test_marker_places.py::test_works",
    "no marker is left out": "schema/test_marker_places.py::test_every_marker_is_here",
    "what fits and what does not": "api/test_markers.py::test_wrong",
    "bounds of values of maps": "schema/test_collection_types.py::test_type",
    "required with a default": "schema/test_corpus_features.py::test_feature[required + default]",
    "nullable": "schema/test_corpus_features.py::test_feature[nullable]",
    "titles": "schema/test_corpus_features.py::test_feature[title]",
    "examples": "schema/test_corpus_features.py::test_feature[example]",
    "external docs": "schema/test_corpus_features.py::test_feature[externalDocs]",
    "irregular plurals": "schema/test_corpus_features.py::test_feature[irregular plural]",
    "names that are keywords": "schema/test_corpus_features.py::test_feature[keyword names]",
    "names that are no identifiers":
        "schema/test_corpus_features.py::test_feature[non-identifier names]",
    "required, optional, absent, None": "schema/test_presence.py::test_field",
    "a raw schema": "schema/test_unsupported.py::test_refused[x: Annotated[Any, Schema('type')]]",
    "exactly, at most, at least one of": "api/test_markers.py::test_one_of_rules",
    "rules on fields and types": "schema/test_corpus_features.py::test_feature[CEL]",
    "markers of annotated-types, msgspec and pydantic":
        "schema/test_foreign_markers.py::test_understood",
    "none of them is imported":
        "schema/test_foreign_markers.py::test_none_of_the_packages_is_imported",
    "scalar types": "schema/test_scalar_types.py::test_type",
    "objects": "schema/test_object_types.py::test_type",
    "type parameters and type statements": "schema/test_newer_syntax.py::test_type",
    "the guide's table and examples": "schema/test_types_guide.py::test_each_example_works",
}  # fmt: skip
DOCUMENTS: dict[str, str] = {
    "several versions": "schema/test_documents.py::test_versions_are_in_the_order_of_their_names",
    "versions agree": "schema/test_documents.py::test_versions_must_agree",
    "storage": "schema/test_documents.py::test_one_of_several_versions_must_be_stored",
    "served": "schema/test_wrong_kinds.py::test_wrong_kind[none-served]",
    "deprecated": "schema/test_corpus_features.py::test_feature[deprecated with a warning]",
    "conversion": "schema/test_documents.py::test_conversion_by_a_webhook",
    "scope": "schema/test_corpus_features.py::test_feature[scope]",
    "categories": "schema/test_corpus_features.py::test_feature[categories]",
    "short names": "schema/test_corpus_features.py::test_feature[shortNames]",
    "columns on fields": "schema/test_corpus_features.py::test_feature[printer columns]",
    "columns by path": "schema/test_corpus_features.py::test_feature[printer columns by path]",
    "selectable fields": "schema/test_corpus_features.py::test_feature[selectableFields]",
    "status": "schema/test_corpus_features.py::test_feature[status subresource]",
    "scale, from markers": "schema/test_corpus_features.py::test_scale",
    "scale, by path": "schema/test_resource_arguments.py::test_scale_by_paths",
    "annotations": "schema/test_corpus_features.py::test_feature[annotations]",
    "labels": "schema/test_corpus_features.py::test_feature[labels]",
    "a rule for the name": "schema/test_corpus_features.py::test_feature[a rule for the name]",
    "shorter descriptions": "schema/test_documents.py::test_long_descriptions_are_cut",
    "older versions of Kubernetes": "schema/test_documents.py::test_old_versions_of_kubernetes",
    "Kubernetes' types equal controller-gen's":
        "k8s/test_k8s_schemas.py::test_equal_to_controller_gen",
    "Kubernetes' types under mypy": "k8s/test_k8s_types.py::test_the_stubs_under_mypy",
    "Kubernetes' types under pyright": "k8s/test_k8s_types.py::test_the_stubs_under_pyright",
    "their table is what its tool makes":
        "k8s/test_k8s_table.py::test_what_is_committed_is_what_the_tool_makes",
}  # fmt: skip
GOLDENS: dict[str, str] = {
    "documents": "schema/test_goldens.py::test_golden",
    "bytes": "schema/test_goldens.py::test_golden_byte_by_byte",
    "rules that would be lost": "schema/test_goldens.py::test_clashes",
    "roles": "manifests/test_rbac.py::test_roles_are_those_of_controller_gen",
    "webhooks": "manifests/test_webhook_manifests.py::test_goldens",
    "wrong inputs": "schema/test_wrong_inputs.py::test_wrong_input",
    "no wrong input is left out":
        "schema/test_wrong_inputs.py::test_every_input_is_tested_or_has_no_counterpart",
    "plurals": "api/test_plurals.py::test_plural",
    "strings that Go reads back":
        "manifests/test_emitter.py::test_kubectl_reads_every_hard_string_back",
    "any document reads back": "manifests/test_emitter.py::test_any_document_reads_back_unchanged",
}  # fmt: skip
PREFLIGHT: dict[str, str] = {
    "every rule is broken once": "schema/test_preflight.py::test_every_rule_is_broken_once",
    "every number is on its page":
        "schema/test_preflight_page.py::test_every_number_of_the_server_is_there",
    "places in the source":
        "schema/test_preflight_places.py::test_problems_of_classes_name_the_source",
    "types of expressions": "cel/test_checking.py::test_as_the_server",
    "oldSelf where items can be told apart":
        "schema/test_preflight.py::test_old_self_may_be_used_where_items_can_be_told_apart",
    "what an expensive rule should bound":
        "schema/test_preflight.py::test_an_expensive_rule_tells_what_to_bound",
    "the same verdicts as the real server":
        "mutants/test_mutants.py::test_same_verdict_and_fields",
    "the same verdicts about updates": "mutants/test_updates.py::test_refused",
    "every rule of real CRDs compiles":
        "mutants/test_mutants.py::test_the_corpus_is_accepted_with_its_rules",
    "a process beside changes nothing":
        "schema/test_preflight_beside.py::test_findings_are_the_same",
    "warnings fail with --strict":
        "cli/test_cli_make_manifests.py::test_warnings_are_told_and_fail_with_strict",
    "it can be left out": "cli/test_cli_make_manifests.py::test_preflight_can_be_left_out",
    "for CRDs from anywhere": "cli/test_cli_lint_diff_crd.py::test_lint_wrong",
}  # fmt: skip
WAYS_BACK: dict[str, str] = {
    "real CRDs there and back": "schema/test_importer.py::test_corpus",
    "goldens there and back": "schema/test_importer.py::test_goldens",
    "formatted": "schema/test_importer.py::test_corpus_is_formatted",
    "linted": "schema/test_importer.py::test_corpus_is_clean_for_linters",
    "typed": "schema/test_importer.py::test_corpus_is_typed",
    "from files": "cli/test_cli_import_crd.py::test_into_the_project_and_back",
    "from standard input": "cli/test_cli_import_crd.py::test_from_standard_input_and_lists",
    "from a cluster": "cli/test_cli_import_crd.py::test_from_a_cluster",
    "a project around it": "cli/test_cli_create_from_crd.py::test_a_project_around_it",
    "changes of fields": "schema/test_compare.py::test_fields",
    "changes of documents": "schema/test_compare.py::test_documents",
    "every keyword can change":
        "schema/test_compare.py::test_every_keyword_of_the_goldens_has_a_rule",
    "diff": "cli/test_cli_lint_diff_crd.py::test_diff",
    "diff as JSON": "cli/test_cli_lint_diff_crd.py::test_diff_as_json",
    "diff as Markdown": "cli/test_cli_lint_diff_crd.py::test_diff_as_markdown",
    "against an earlier commit":
        "cli/test_cli_make_manifests_against.py::test_breaking_and_compatible_changes",
    "reference as Markdown": "schema/test_reference.py::test_markdown",
    "reference as HTML": "schema/test_reference.py::test_html_says_the_same",
    "pages are kept up to date": "cli/test_cli_docs_api.py::test_stale_pages",
    "what was done is told":
        "cli/test_cli_make_manifests.py::test_what_is_written_unchanged_and_removed_is_told",
    "what is stale is told": "cli/test_cli_make_manifests.py::test_stale_files_end_with_3_and_stay",
    "told as JSON": "cli/test_cli_make_manifests.py::test_check_can_speak_json",
    "CRDs of kinds that are gone":
        "cli/test_cli_make_manifests.py::test_the_crd_of_a_kind_that_is_gone_is_deleted",
}  # fmt: skip
REFUSED = "schema/test_unsupported.py::test_refused"
BAD_INPUT: dict[str, str] = {
    "recursion": "schema/test_unsupported.py::test_recursion_names_the_cycle",
    "a union": f"{REFUSED}[x: int | float]",
    "a tuple": f"{REFUSED}[x: tuple[int, str]]",
    "keys that are no strings": f"{REFUSED}[x: dict[int, str]]",
    "a bare list": f"{REFUSED}[x: list]",
    "a bare dict": f"{REFUSED}[x: dict]",
    "a float": "schema/test_unsupported.py::test_floats_are_a_warning",
    "a mixed enum": f"{REFUSED}[x: Mixed]",
    "a Flag": f"{REFUSED}[x: Access]",
    "names that do not exist":
        "schema/test_unsupported.py::test_all_names_that_do_not_exist_are_told",
    "attributes without annotations": f"{REFUSED}[x = 'a']",
    "a default factory that fails":
        f"{REFUSED}[x: list[str] = field(default_factory=lambda: 1 / 0)]",
    "a default that is no JSON": f"{REFUSED}[x: Json = field(default_factory=object)]",
    "a default that breaks a bound": f"{REFUSED}[x: Annotated[Int32, Ge(1)] = 0]",
    "markers that contradict each other": f"{REFUSED}[x: Annotated[str, Required, Optional]]",
    "bounds that are said twice": f"{REFUSED}[x: Annotated[Lazy, Ge(2)]]",
    "two kinds with one plural": "schema/test_documents.py::test_two_kinds_with_one_plural",
    "versions without storage": "schema/test_wrong_kinds.py::test_wrong_kind[no-storage]",
    "a module with side effects": "manifests/test_side_effects.py::test_harmless",
    "a module that prints": "manifests/test_generate.py::test_a_module_that_prints",
    "a module that hangs": "manifests/test_generate.py::test_a_module_that_never_ends",
    "a module that exits": "manifests/test_generate.py::test_a_module_that_exits",
    "all problems together": "schema/test_unsupported.py::test_all_problems_come_together",
    "one module does not hide another":
        "manifests/test_generate.py::test_one_broken_module_does_not_hide_another",
    "nothing is written":
        "cli/test_cli_make_manifests.py::test_a_mistake_in_the_types_is_told_with_its_place",
    "import: bad files": "cli/test_cli_import_crd.py::test_bad_files[is no YAML]",
    "import: an older version": "cli/test_cli_import_crd.py::test_bad_files[v1beta1]",
    "import: no CRD":
        "cli/test_cli_import_crd.py::test_bad_files[has no CustomResourceDefinition]",
    "import: several files":
        "cli/test_cli_import_crd.py::test_all_that_is_wrong_with_several_files",
    "lint: unreadable files":
        "cli/test_cli_lint_diff_crd.py::test_lint_tells_all_unreadable_files",
    "lint: bad files": "cli/test_cli_lint_diff_crd.py::test_lint_of_what_is_no_crd",
}  # fmt: skip
PROMISES = {
    f"{topic}: {promise}": test
    for topic, promises in (
        ("markers", MARKERS),
        ("documents", DOCUMENTS),
        ("goldens", GOLDENS),
        ("preflight", PREFLIGHT),
        ("back", WAYS_BACK),
        ("bad input", BAD_INPUT),
    )
    for promise, test in promises.items()
}


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_tested(promise: str, is_test: Callable[[str], bool]) -> None:
    assert is_test(PROMISES[promise])
