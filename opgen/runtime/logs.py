"""Structured logs on stderr: a line of JSON for machines, or a short line for people.

`bind` gives a logger whose every line carries fields such as controller, object and reconcileID.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO
from uuid import uuid4

FIELDS = "opgen_fields"


class ReconcileID:
    """What tells the lines of one reconcile from those of another; made when first written."""

    __slots__ = ("_text",)

    def __init__(self) -> None:
        self._text = ""

    def __str__(self) -> str:
        self._text = self._text or str(uuid4())
        return self._text


class BoundLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose lines all carry the same fields. `extra={...}` adds more to one line."""

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        """Put our fields and those of the call where the formatters look for them."""
        fields = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, {**kwargs, "extra": {FIELDS: fields}}


def bind(logger: logging.Logger, **fields: Any) -> BoundLogger:
    """A logger whose lines carry fields."""
    return BoundLogger(logger, fields)


class JsonFormatter(logging.Formatter):
    """One JSON object per line, with the keys that zap and controller-runtime use."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "level": record.levelname.lower(),
            "ts": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        line.update(getattr(record, FIELDS, {}))
        if record.exc_info:
            line["stacktrace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class ConsoleFormatter(logging.Formatter):
    """A line for people: time, level, message, and the fields behind it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback below it if there is one."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        fields = " ".join(f"{k}={v}" for k, v in getattr(record, FIELDS, {}).items())
        text = f"{time} {record.levelname:<7} {record.getMessage()}"
        text += f"  {fields}" if fields else ""
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


FORMATTERS: dict[str, type[logging.Formatter]] = {
    "json": JsonFormatter,
    "console": ConsoleFormatter,
}


def configure(form: str, level: str, stream: TextIO | None = None) -> None:
    """Send all logs of the process to stderr.

    Args:
        form: `json` or `console`.
        level: `debug`, `info`, `warning` or `error`.
        stream: Somewhere else than stderr.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(FORMATTERS[form]())
    root = logging.getLogger()
    for other in list(root.handlers):
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for noisy in ("asyncio", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
