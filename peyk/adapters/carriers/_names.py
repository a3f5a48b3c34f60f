"""Carriers as shops call them, under the taxonomy's ids."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

from peyk.text.carriers import CARRIER_NAMES
from peyk.text.normalise import normalise

_NO_WORD = re.compile(r"[\W_]+")


def carrier_id(name: str) -> str | None:
    """Return the id of the carrier a shop's name (of a carrier, a plug-in's slug, a way of shipping) means.

    None where it names none, or several: who carries a parcel is never guessed.
    """
    words = f" {_plain(name)} "
    meant: dict[str, str] = {}
    for known, carrier in _by_name():
        if f" {known} " in words:
            # The longest names come first: what they take is no part of a shorter one.
            words = words.replace(f" {known} ", "  ")
            meant[carrier] = known
    return next(iter(meant)) if len(meant) == 1 else None


@cache
def _by_name() -> tuple[tuple[str, str], ...]:
    text = files(__package__ or "").joinpath("names.yml").read_text(encoding="utf-8")
    shops: dict[str, list[str]] = yaml.safe_load(text)
    names = {
        _plain(name): carrier for source in (CARRIER_NAMES, shops) for carrier in source for name in source[carrier]
    }
    return tuple(sorted(names.items(), key=lambda pair: -len(pair[0])))


def _plain(name: str) -> str:
    # Slugs have hyphens and underscores where names have spaces.
    return " ".join(_NO_WORD.sub(" ", normalise(name)).split())
