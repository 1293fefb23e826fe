"""Alerts and dashboard ask for metrics that a manager has, with labels that they have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

import opgen.runtime
from opgen.runtime.metrics import HELP, Metrics

SOURCES = Path(opgen.runtime.__file__).parent
CALL = re.compile(r'\.(count|observe)\("(\w+)"([^)]*)\)')
QUERIED = re.compile(r"\b(?:controller_runtime|workqueue|opgen|leader_election)_[a-z_]+")
GROUPED = re.compile(r"by \(([a-z, ]+)\) \((?:rate\(|increase\()?([a-z_]+)\{")
ADDED_BY_PROMETHEUS = {"job", "pod", "namespace", "le"}


def exported() -> dict[str, set[str]]:
    """The time series that a manager shows when everything has happened, with their labels."""
    metrics = Metrics()
    happened = set()
    for path in SOURCES.rglob("*.py"):
        for what, name, rest in CALL.findall(path.read_text()):
            labels = dict.fromkeys(re.findall(r"(\w+)=", rest), "x")
            happened.add(name)
            if what == "count":
                metrics.count(name, **labels)
            else:
                metrics.observe(name, 1.0, **labels)
    for name in HELP.keys() - happened:
        label = "name" if name.startswith(("workqueue", "leader")) else "controller"
        label = "kind" if name.startswith("opgen") else label
        if name.endswith(("_duration_seconds", "_latency_seconds")):
            metrics.observe(name, 1.0, **{label: "x"})
            continue
        metrics.gauges.append(lambda name=name, label=label: iter([(name, ((label, "x"),), 1.0)]))
    series: dict[str, set[str]] = {}
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", metrics.render()[0].decode(), re.M):
        series.setdefault(name, set()).update(re.findall(r"(\w+)=", labels))
    return series


@pytest.fixture
def queries(made) -> list[str]:
    """Every query of the alerts and the dashboard."""
    made.init()
    (group,) = yaml.safe_load(made.read("config/prometheus/alerts.yaml"))["spec"]["groups"]
    dashboard = json.loads(made.read("config/prometheus/dashboard.json"))
    charts = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    choices = [one["query"] for one in dashboard["templating"]["list"]]
    return [rule["expr"] for rule in group["rules"]] + charts + choices


def test_every_metric_that_is_asked_for_exists(queries):
    used = {name for query in queries for name in QUERIED.findall(query)}
    assert used
    assert used <= exported().keys()


def test_every_label_that_is_grouped_by_exists(queries):
    series = exported()
    for query in queries:
        for labels, name in GROUPED.findall(query):
            wanted = set(labels.split(", ")) - ADDED_BY_PROMETHEUS
            assert wanted <= series[name], query


def test_alerts_say_what_is_wrong_of_labels_that_are_there(made):
    made.init()
    (group,) = yaml.safe_load(made.read("config/prometheus/alerts.yaml"))["spec"]["groups"]
    for rule in group["rules"]:
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
            assert f"by ({label}" in rule["expr"] or "by (" not in rule["expr"]
