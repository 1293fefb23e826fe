"""Which lines two texts have in common, decided as `git merge-file` decides it.

Where lines come up several times a diff has a choice, and a merge depends on it. git's choices:

1. equal lines at both ends are common
2. a line that the other text does not have at all is changed; so is a frequent one that stands
   between such lines, as it would only match by chance
3. of what is left, a shortest edit script by the algorithm of Myers ("An O(ND) Difference Algorithm
   and Its Variations", 1986), in its form that divides the texts in the middle
4. a run of changed lines among equal ones moves to where the other text changes too, or else as far
   down as it can
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_FAR = 1 << 60
_NEAR = 100
"""How many lines around a frequent one are looked at."""
_MOST_FREQUENT = 1024
_PATIENCE = 256
"""How many edits are tried before a good place to divide is taken for the best one."""


class Matcher:
    """The common lines of two texts, as merge3 asks for them."""

    def __init__(self, isjunk: None, a: Sequence[bytes], b: Sequence[bytes]) -> None:
        self._sides = a, b

    def get_matching_blocks(self) -> list[tuple[int, int, int]]:
        """Where blocks of common lines begin, and their lengths; the last one is empty."""
        old, new = changed(*self._sides)
        left = [at for at, gone in enumerate(old) if not gone]
        right = [at for at, come in enumerate(new) if not come]
        blocks: list[tuple[int, int, int]] = []
        for here, there in zip(left, right, strict=True):
            at, beside, length = blocks[-1] if blocks else (-1, -1, 0)
            if (at + length, beside + length) == (here, there):
                blocks[-1] = (at, beside, length + 1)
            else:
                blocks.append((here, there, 1))
        return [*blocks, (len(old), len(new), 0)]


def changed(a: Sequence[bytes], b: Sequence[bytes]) -> tuple[list[bool], list[bool]]:
    """For each line of two texts, whether it is changed."""
    start = _common(a, b)
    rest = min(len(a), len(b)) - start
    tail = min(rest, _common(a[::-1], b[::-1]))
    one = _Side(a, start, len(a) - tail, Counter(b))
    other = _Side(b, start, len(b) - tail, Counter(a))
    _compare(one, other)
    _settle(one, other)
    _settle(other, one)
    return one.changed, other.changed


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """How many lines two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    shortest = min(len(one), len(other))
    return next((at for at, (left, right) in enumerate(pairs) if left != right), shortest)


@dataclass(slots=True)
class _Side:
    """One of two texts.

    Attributes:
        lines: Its lines.
        start: The first line that differs from the other text.
        end: The line behind the last one that differs.
        others: How often the other text has each line.
        changed: Which lines are known to be changed.
        kept: The numbers of the lines that are compared.
    """

    lines: Sequence[bytes]
    start: int
    end: int
    others: Mapping[bytes, int]
    changed: list[bool] = field(init=False)
    kept: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.changed = [False] * len(self.lines)
        often = min(_power_near_root(len(self.lines)), _MOST_FREQUENT)
        counts = [self.others.get(line, 0) for line in self.lines[self.start : self.end]]
        self.kept = []
        for at, count in enumerate(counts):
            if count and (count < often or not _is_chance(counts, at, often)):
                self.kept.append(self.start + at)
            else:
                self.changed[self.start + at] = True


def _power_near_root(number: int) -> int:
    """A power of two near the square root."""
    power = 1
    while number > 0:
        power, number = power * 2, number // 4
    return power


def _is_chance(counts: Sequence[int], at: int, often: int) -> bool:
    """Whether a frequent line stands among lines of which most have no counterpart."""
    before = _run(counts[max(0, at - _NEAR) : at][::-1], often)
    after = _run(counts[at + 1 : at + 1 + _NEAR], often)
    if not (before[0] and after[0]):
        return False
    missing = before[0] + after[0]
    frequent = before[1] + after[1] + 2
    return frequent * 4 < frequent + missing


def _run(counts: Sequence[int], often: int) -> tuple[int, int]:
    """How many lines are missing, and how many frequent, up to the first that is neither."""
    missing = frequent = 0
    for count in counts:
        if 0 < count < often:
            break
        missing, frequent = (missing, frequent + 1) if count else (missing + 1, frequent)
    return missing, frequent


def _compare(one: _Side, other: _Side) -> None:
    """Mark what is changed of the lines that are kept."""
    a = [one.lines[at] for at in one.kept]
    b = [other.lines[at] for at in other.kept]
    waiting = [(0, len(a), 0, len(b))]
    while waiting:
        left, right, top, bottom = waiting.pop()
        while left < right and top < bottom and a[left] == b[top]:
            left, top = left + 1, top + 1
        while left < right and top < bottom and a[right - 1] == b[bottom - 1]:
            right, bottom = right - 1, bottom - 1
        if left == right or top == bottom:
            for at in one.kept[left:right]:
                one.changed[at] = True
            for at in other.kept[top:bottom]:
                other.changed[at] = True
        else:
            x, y = _Middle(a, b, left, right, top, bottom).point()
            waiting += [(left, x, top, y), (x, right, y, bottom)]


class _Middle:
    """Looks for a point on a shortest way from one corner of a rectangle to the other.

    A step to the right leaves out a line of `a`, one down a line of `b`, and diagonals are common
    lines. Two searches come towards each other, and know for each diagonal x - y how far they got.
    """

    def __init__(
        self, a: Sequence[bytes], b: Sequence[bytes], left: int, right: int, top: int, bottom: int
    ) -> None:
        self.a, self.b = a, b
        self.left, self.right, self.top, self.bottom = left, right, top, bottom
        self.first, self.last = left - bottom, right - top  # of the diagonals
        begin, end = left - top, right - bottom
        self.is_odd = (begin - end) % 2 == 1
        self.forward, self.backward = {begin: left}, {end: right}
        self.reached, self.awaited = (begin, begin), (end, end)

    def point(self) -> tuple[int, int]:
        """The point where the two searches meet, or a good one if that takes too long."""
        sides = self.right - self.left + self.bottom - self.top
        patience = max(_PATIENCE, _power_near_root(sides + 3))
        for _ in range(patience):
            if found := self._forward() or self._backward():
                return found
        return self._good_one()

    def _widened(
        self, diagonals: tuple[int, int], far: dict[int, int], unreached: int
    ) -> tuple[int, int]:
        """The diagonals of the next round; each has neighbours on both sides."""
        low, high = diagonals
        if low > self.first:
            low -= 1
            far[low - 1] = unreached
        else:
            low += 1
        if high < self.last:
            high += 1
            far[high + 1] = unreached
        else:
            high -= 1
        return low, high

    def _forward(self) -> tuple[int, int] | None:
        far, a, b = self.forward, self.a, self.b
        low, high = self.reached = self._widened(self.reached, far, -1)
        for diagonal in range(high, low - 1, -2):
            x = max(far[diagonal - 1] + 1, far[diagonal + 1])
            while x < self.right and x - diagonal < self.bottom and a[x] == b[x - diagonal]:
                x += 1
            far[diagonal] = x
            meets = self.is_odd and self.awaited[0] <= diagonal <= self.awaited[1]
            if meets and self.backward[diagonal] <= x:
                return x, x - diagonal
        return None

    def _backward(self) -> tuple[int, int] | None:
        far, a, b = self.backward, self.a, self.b
        low, high = self.awaited = self._widened(self.awaited, far, _FAR)
        for diagonal in range(high, low - 1, -2):
            x = min(far[diagonal - 1], far[diagonal + 1] - 1)
            while x > self.left and x - diagonal > self.top and a[x - 1] == b[x - 1 - diagonal]:
                x -= 1
            far[diagonal] = x
            meets = not self.is_odd and self.reached[0] <= diagonal <= self.reached[1]
            if meets and x <= self.forward[diagonal]:
                return x, x - diagonal
        return None

    def _good_one(self) -> tuple[int, int]:
        """The point that one of the searches got furthest to."""
        ahead = max(self._inside(self.forward, self.reached), key=sum)
        behind = min(self._inside(self.backward, self.awaited), key=sum)
        gained, saved = sum(ahead) - self.left - self.top, self.right + self.bottom - sum(behind)
        return behind if saved >= gained else ahead

    def _inside(self, far: dict[int, int], diagonals: tuple[int, int]) -> list[tuple[int, int]]:
        low, high = diagonals
        points = ((far[at], far[at] - at) for at in range(high, low - 1, -2))
        return [
            (x, y)
            for x, y in points
            if self.left <= x <= self.right and self.top <= y <= self.bottom
        ]


@dataclass(slots=True)
class _Group:
    """A run of changed lines, which may be empty: between any two common lines there is one."""

    side: _Side
    start: int = 0
    end: int = 0

    def __post_init__(self) -> None:
        self._extend()

    def _extend(self) -> None:
        while self.end < len(self.side.lines) and self.side.changed[self.end]:
            self.end += 1

    def next(self) -> bool:
        """Go behind the next common line; whether there is one."""
        if self.end == len(self.side.lines):
            return False
        self.start = self.end = self.end + 1
        self._extend()
        return True

    def previous(self) -> None:
        """Go before the common line above."""
        self.start = self.end = self.start - 1
        while self.start > 0 and self.side.changed[self.start - 1]:
            self.start -= 1

    def down(self) -> bool:
        """Move the run by a line, if that leaves the text as it is; it may join the next run."""
        lines, flags = self.side.lines, self.side.changed
        if self.end == len(lines) or lines[self.start] != lines[self.end]:
            return False
        flags[self.start], flags[self.end] = False, True
        self.start, self.end = self.start + 1, self.end + 1
        self._extend()
        return True

    def up(self) -> bool:
        """As `down`, the other way."""
        lines, flags = self.side.lines, self.side.changed
        if self.start == 0 or lines[self.start - 1] != lines[self.end - 1]:
            return False
        self.start, self.end = self.start - 1, self.end - 1
        flags[self.start], flags[self.end] = True, False
        while self.start > 0 and flags[self.start - 1]:
            self.start -= 1
        return True


def _settle(side: _Side, other: _Side) -> None:
    """Move every run of changed lines to its place."""
    group, beside = _Group(side), _Group(other)
    while True:
        if group.start != group.end:
            _place(group, beside)
        if not group.next():
            return
        beside.next()


def _place(group: _Group, beside: _Group) -> None:
    """Move a run to where the other text has one too, the last such place, or else down."""
    while True:
        size = group.end - group.start
        while group.up():
            beside.previous()
        highest = group.end
        is_paired = beside.start != beside.end
        while group.down():
            beside.next()
            is_paired |= beside.start != beside.end
        if group.end - group.start == size:
            break
    if is_paired and group.end != highest:
        while beside.start == beside.end:
            group.up()
            beside.previous()
