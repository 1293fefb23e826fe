"""Container images: which of them fail, and how. A test orders failures here."""

from __future__ import annotations

PULL, CRASH = "ImagePullBackOff", "CrashLoopBackOff"

_BROKEN = ("broken", "does-not-exist", "invalid")
_CRASHING = ("crashing",)


class Images:
    """What becomes of containers, by their image.

    `fail` and `mend` take an image as a container names it, or its name without registry and tag.
    From the start the images named `broken`, `does-not-exist` and `invalid` cannot be pulled, and
    those named `crashing` end with an error.
    """

    def __init__(self) -> None:
        self._failures: dict[str, str] = dict.fromkeys(_BROKEN, PULL)
        self._failures.update((name, CRASH) for name in _CRASHING)

    def fail(self, image: str, how: str = PULL) -> None:
        """Have an image fail: it cannot be pulled, or its containers crash.

        Raises:
            ValueError: `how` is neither `ImagePullBackOff` nor `CrashLoopBackOff`.
        """
        if how not in (PULL, CRASH):
            raise ValueError(f"an image fails with {PULL} or {CRASH}, not {how}")
        self._failures[image] = how

    def mend(self, image: str) -> None:
        """Have it work; pods notice when they are changed or made anew."""
        self._failures.pop(image, None)

    def failure(self, image: str) -> str:
        """How an image fails; empty if it does not."""
        name = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
        return self._failures.get(image) or self._failures.get(name, "")
