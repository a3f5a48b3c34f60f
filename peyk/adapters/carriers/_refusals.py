"""A vendor's own "no", told apart by its words: not found, not yet, refused, slower; else it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from peyk.adapters._http import NothingThere
from peyk.adapters.carriers._spelling import pattern, plain
from peyk.errors import AccessRefused, BadAnswer, ExternalError, NotFound, NotYet, RateLimited

_KINDS: dict[str, type[ExternalError]] = {each.kind: each for each in (AccessRefused, RateLimited, NotYet, NotFound)}
_NOT_READ = "it refuses, and the reason is none we know"


def refusal(system: str, words: str) -> ExternalError:
    """Return the error that a refusal in a vendor's words is; the words themselves may say too much to be kept."""
    said = plain(words)
    for kind, patterns in _patterns().items():
        if any(each.search(said) for each in patterns):
            # Some words are named so that they are taken for nothing else.
            return _KINDS[kind](system, "it says so") if kind in _KINDS else BadAnswer(system, _NOT_READ)
    return BadAnswer(system, _NOT_READ)


def said_with_404(ask: Callable[[], Any]) -> Any:
    """Return what `ask` returns; a 404 of who has published nothing is read by its words, like any refusal."""
    said: ExternalError
    try:
        return ask()
    except NothingThere as exc:
        read = refusal(exc.system, exc.words)
        said = exc if isinstance(read, BadAnswer) else read
    raise said


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    text = files(__package__ or "").joinpath("refusals.yml").read_text(encoding="utf-8")
    return {kind: tuple(pattern(each) for each in lines) for kind, lines in yaml.safe_load(text).items()}
