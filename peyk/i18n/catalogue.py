"""The short texts of `texts/*.yml`: names, buttons, phrases, each in Persian and English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter

import yaml

LANGUAGES = ("fa", "en")
TEXTS_DIR = Path(__file__).parent / "texts"


class CatalogueError(ValueError):
    """A file of texts is wrong; the message says which key and why."""


def placeholders(template: str) -> frozenset[str]:
    """Return the names in braces of a template."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def load(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Read every `*.yml` of `folder`: key → language → template.

    Raises CatalogueError for a key that stands twice, lacks a language, or has other placeholders in
    one language than in the other.
    """
    catalogue: dict[str, Mapping[str, str]] = {}
    for path in sorted(folder.glob("*.yml")):
        for key, texts in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if key in catalogue:
                raise CatalogueError(f"{path.name}: {key} stands twice")
            _check(f"{path.name}: {key}", texts)
            catalogue[key] = texts
    return catalogue


def _check(where: str, texts: object) -> None:
    if not isinstance(texts, dict) or set(texts) != set(LANGUAGES):
        raise CatalogueError(f"{where} needs exactly {' and '.join(LANGUAGES)}")
    if not all(isinstance(text, str) for text in texts.values()):
        raise CatalogueError(f"{where} must be text in every language")
    if len({placeholders(text) for text in texts.values()}) > 1:
        raise CatalogueError(f"{where} has different placeholders")


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return Peyk's own texts, read once."""
    return load(TEXTS_DIR)


def text(key: str, language: str, **values: object) -> str:
    """Return the text called `key` in `language`, with its placeholders filled.

    Raises KeyError for an unknown key or language, or a placeholder without a value.
    """
    return catalogue()[key][language].format_map(values)


def named(key: str, language: str) -> str:
    """Return the text called `key`, or the last part of the key: names of a shop's own need none."""
    return text(key, language) if key in catalogue() else key.rpartition(".")[2]
