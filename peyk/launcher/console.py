"""What the launcher prints: one line a step, on a terminal or in a log alike."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(line: str) -> None:
    """Print one line at once, also into a pipe."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Print one line on standard error, in red on a terminal."""
    text = f"peyk: {line}"
    print(f"\033[31m{text}\033[0m" if sys.stderr.isatty() else text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print `title …` when a step begins and how long it took when it ends well."""
    say(f"  {title} …")
    started = time.monotonic()
    yield
    say(f"  {title}: done in {time.monotonic() - started:.1f} s")
