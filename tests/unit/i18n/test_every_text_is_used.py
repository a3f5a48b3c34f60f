"""No text is kept that nobody says: every key stands somewhere in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from peyk.i18n.catalogue import catalogue
from peyk.i18n.replies import KEYS

ROOT = Path(__file__).resolve().parents[3]
CODE = ("peyk", "actions")
SPOKEN = ("data/responses", "domain.yml", "actions")
FORMS = ("one", "many")


def strings() -> Iterator[tuple[str, bool]]:
    """Every string of the code; True for those an f-string begins with."""
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                    yield str(node.values[0].value), True
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value, False


def asked_by_pages() -> Iterator[tuple[str, bool]]:
    """Every text the console's pages ask for, as `t("key")` or `t("key." ~ …)`."""
    for path in (ROOT / "peyk").rglob("*.html"):
        for key, going_on in re.findall(r't\("([a-z0-9_.]+)"\s*(~?)', path.read_text(encoding="utf-8")):
            yield f"console.{key}", bool(going_on)


FOUND = set(strings()) | set(asked_by_pages())
WORDS = {string for string, begins in FOUND if not begins}
# `console.` is what every text of the console begins with: that one is asked for by the pages.
BEGINNINGS = tuple(
    string for string, begins in FOUND if begins and string.endswith((".", "_")) and string != "console."
)


def is_used(key: str) -> bool:
    """Tell whether the code asks for a key, whole, counted, or put together."""
    stem, _, form = key.rpartition(".")
    if key in WORDS or (form in FORMS and stem in WORDS):
        return True
    # Buttons are asked for by what follows `button.`, so that part has to stand somewhere, too.
    if stem == "button":
        return form in WORDS or form.startswith(BEGINNINGS)
    return key.startswith(BEGINNINGS)


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_every_text_is_used(key: str) -> None:
    assert is_used(key)


@pytest.mark.parametrize("key", ["button.details", "event.in_city", "years.one", "no_such_key"])
def test_an_unused_text_would_be_found(key: str) -> None:
    assert not is_used(key)


@pytest.fixture(scope="module")
def spoken() -> str:
    """The sentences and the actions that choose them."""
    places = [ROOT / place for place in SPOKEN]
    files = [file for place in places for file in (place.rglob("*.[yp]*") if place.is_dir() else [place])]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.suffix in {".yml", ".py"})


@pytest.mark.parametrize("key", KEYS)
def test_every_value_of_an_order_is_said(key: str, spoken: str) -> None:
    assert any(asked in spoken for asked in (f"{{{key}}}", f'"{key}"', f"{key}="))
