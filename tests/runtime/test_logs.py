"""Log lines, for machines and for people."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from opgen.runtime.logs import ReconcileID, bind, configure


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Where logs go; afterwards they go where they went before."""
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    yield io.StringIO()
    root.handlers[:], root.level = handlers, level


def test_a_line_of_json_has_the_fields_of_its_reconcile(written: io.StringIO) -> None:
    configure("json", "debug", written)
    logger = bind(logging.getLogger("opgen.test"), controller="web", reconcileID=ReconcileID())
    logger.info("one\nline", extra={"seconds": 0.5})
    logger.info("another")
    first, second = map(json.loads, written.getvalue().splitlines())
    assert (first["level"], first["logger"], first["msg"]) == ("info", "opgen.test", "one\nline")
    assert (first["controller"], first["seconds"]) == ("web", 0.5)
    assert first["reconcileID"] == second["reconcileID"]
    assert first["ts"].endswith("Z")


def test_a_line_for_people_has_the_traceback_below_it(written: io.StringIO) -> None:
    configure("console", "info", written)
    logger = bind(logging.getLogger("opgen.test"), name="web")
    logger.debug("not shown")
    try:
        raise ValueError("as told")
    except ValueError as error:
        logger.error("failed", exc_info=error)
    head, *trace = written.getvalue().splitlines()
    assert head.endswith("ERROR   failed  name=web")
    assert trace[-1] == "ValueError: as told"
