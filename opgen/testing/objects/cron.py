"""Schedules of CronJobs: five fields, names, ranges, steps and lists.

Source: the parser of robfig/cron, which kube-apiserver and the controller use; its sentences are
what a wrong schedule is refused with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
# Least and most value of each field, and the names that stand for values.
_FIELDS: tuple[tuple[int, int, Mapping[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    (0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_YEARS = 5


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is to happen."""

    fields: tuple[frozenset[int], ...]
    """Minutes, hours, days of the month, months, days of the week from Sunday on."""
    any_day: bool
    """Whether one of the two kinds of days is left open: then both must fit, else either."""
    zone: tzinfo

    @classmethod
    def parse(cls, text: str, zone: str = "") -> Schedule:
        """Read a schedule.

        Raises:
            ValueError: it is none; the text is the server's.
        """
        if not text:
            raise ValueError("empty spec string")
        if text.startswith("@") and text not in _WORDS:
            raise ValueError(f"unrecognized descriptor: {text}")
        parts = _WORDS.get(text, text).split()
        if len(parts) != len(_FIELDS):
            found = f"[{' '.join(parts)}]"
            raise ValueError(f"expected exactly 5 fields, found {len(parts)}: {found}")
        fields = tuple(_field(part, *bounds) for part, bounds in zip(parts, _FIELDS, strict=True))
        starred = any(part.startswith(("*", "?")) for part in (parts[2], parts[4]))
        return cls(fields, starred, ZoneInfo(zone) if zone else UTC)

    def _fits(self, day: datetime) -> bool:
        if day.month not in self.fields[3]:
            return False
        found = (day.day in self.fields[2], day.isoweekday() % 7 in self.fields[4])
        return all(found) if self.any_day else any(found)

    def latest(self, after: float, until: float) -> float | None:
        """The last time later than one moment and no later than another, in seconds."""
        end = datetime.fromtimestamp(until, self.zone)
        day = end.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_YEARS * 366):
            if (day + timedelta(days=1)).timestamp() <= after:
                return None
            if self._fits(day):
                for hour in sorted(self.fields[1], reverse=True):
                    for minute in sorted(self.fields[0], reverse=True):
                        found = day.replace(hour=hour, minute=minute).timestamp()
                        if found <= until:
                            return found if found > after else None
            day -= timedelta(days=1)
        return None

    def following(self, after: float) -> float | None:
        """The first time later than a moment, in seconds; None if there is none for years."""
        start = datetime.fromtimestamp(after, self.zone)
        day = start.replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(_YEARS * 366):
            if self._fits(day):
                for hour in sorted(self.fields[1]):
                    for minute in sorted(self.fields[0]):
                        found = day.replace(hour=hour, minute=minute).timestamp()
                        if found > after:
                            return found
            day += timedelta(days=1)
        return None


def _field(text: str, least: int, most: int, names: Mapping[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        found |= _range(part, least, most, names)
    return frozenset(found)


def _range(text: str, least: int, most: int, names: Mapping[str, int]) -> set[int]:
    span, *steps = text.split("/")
    ends = span.split("-")
    if len(ends) > 2:
        raise ValueError(f"too many hyphens: {text}")
    if ends[0] in ("*", "?"):
        start, end = least, most
    else:
        start = _number(ends[0], names)
        end = _number(ends[1], names) if len(ends) == 2 else start
    if len(steps) > 1:
        raise ValueError(f"too many slashes: {text}")
    step = 1
    if steps:
        step = _number(steps[0], {})
        # From a single number on, to the end.
        end = most if len(ends) == 1 else end
    if start < least:
        raise ValueError(f"beginning of range ({start}) below minimum ({least}): {text}")
    if end > most:
        raise ValueError(f"end of range ({end}) above maximum ({most}): {text}")
    if start > end:
        raise ValueError(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise ValueError(f"step of range should be a positive number: {text}")
    return set(range(start, end + 1, step))


def _number(text: str, names: Mapping[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        why = f'strconv.Atoi: parsing "{text}": invalid syntax'
        raise ValueError(f"failed to parse int from {text}: {why}")
    if text.startswith("-"):
        raise ValueError(f"negative number ({int(text)}) not allowed: {text}")
    return int(text)
