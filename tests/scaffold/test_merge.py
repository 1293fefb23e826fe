"""Merging three sides: without git it comes to what git comes to."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from opgen.scaffold.merge import (
    Labels,
    Merged,
    merge_apart,
    merge_with_git,
    merge_without_git,
    split_lines,
)

LABELS = Labels("yours", "opgen 0.1.0", "opgen 0.4.0")


@settings(max_examples=settings().max_examples)
@given(seed=st.integers(0, 2**32))
def test_merge3_does_what_git_does(numbered, edited, seed):
    rng = random.Random(seed)
    base = numbered("line", rng.randint(0, 40)).encode()
    ours, _ = edited(rng, base, "ours")
    theirs, _ = edited(rng, base, "theirs")
    with_git = merge_with_git("git", base, ours, theirs, LABELS)
    assert merge_without_git(base, ours, theirs, LABELS) == with_git


LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"ab\n", b"\n", b"}\n", b"\r\n"]), max_size=8)


@given(
    before=LINES,
    after=LINES,
    mine=LINES,
    new=LINES,
    marks=st.tuples(st.booleans(), st.booleans()),
    end=st.sampled_from([b"", b"end", b"end\n"]),
)
def test_changes_that_are_clearly_apart_are_merged_as_git_does(
    before, after, mine, new, marks, end
):
    """One side changes what is before a line, the other what is after it."""
    between = [mark for mark, there in zip((b"a }\n", b"only\n"), marks, strict=True) if there]
    base, ours, theirs = (
        b"".join((*one, *between, *two, end))
        for one, two in ((before, after), (mine, after), (before, new))
    )
    apart = merge_apart(base, ours, theirs)
    if apart is not None and base not in (ours, theirs):
        assert Merged(apart) == merge_with_git("git", base, ours, theirs, LABELS)


def test_changes_are_clearly_apart_only_with_a_line_between_that_is_there_once():
    base = b"".join(b"%d\n" % at for at in range(9))
    ours, theirs = base.replace(b"2\n", b"two\n"), base.replace(b"4\n", b"four\n")
    merged = b"0\n1\ntwo\n3\nfour\n5\n6\n7\n8\n"
    assert merge_apart(base, ours, theirs) == merge_apart(base, theirs, ours) == merged
    assert merge_apart(base, ours + b"3\n", theirs) is None
    assert merge_apart(base, ours, base.replace(b"3\n", b"three\n")) is None


def reworked(rng: random.Random, lines: list[bytes], words: list[bytes]) -> bytes:
    """Lines with some of them taken out, put in and moved."""
    lines = list(lines)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(lines) + 1)
        if rng.random() < 0.4:
            lines[at:at] = [rng.choice(words) for _ in range(rng.randint(1, 4))]
        else:
            moved, lines[at : at + 3] = lines[at : at + rng.randint(1, 3)], []
            if rng.random() < 0.2:
                lines[:0] = moved
    return b"".join(lines)


@settings(max_examples=settings().max_examples)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 60), variety=st.integers(1, 30))
def test_merge3_does_what_git_does_with_lines_that_come_up_again_and_again(seed, count, variety):
    """Here a diff has choices, and every choice must be git's."""
    rng = random.Random(seed)
    words = [b"}\n", b"\n", *(b"word %d\n" % at for at in range(variety))]
    lines = [rng.choice(words) for _ in range(count)]
    base, ours, theirs = b"".join(lines), reworked(rng, lines, words), reworked(rng, lines, words)
    with_git = merge_with_git("git", base, ours, theirs, LABELS)
    assert merge_without_git(base, ours, theirs, LABELS) == with_git


def test_texts_that_have_little_in_common_take_no_time_without_end():
    rng = random.Random(3)
    words = [b"word %d\n" % at for at in range(200)]
    base, ours, theirs = (b"".join([rng.choice(words) for _ in range(1500)]) for _ in range(3))
    merged = merge_without_git(base, ours, theirs, LABELS)
    assert merged.conflicts
    for line in set(split_lines(ours)):
        assert line in merged.content
