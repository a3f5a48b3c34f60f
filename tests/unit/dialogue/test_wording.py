"""Every sentence exists in both languages, with the same placeholders, under one key in one file."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from peyk.domain.identity import OtpOutcome
from peyk.domain.situations import Situation
from peyk.services.tracking import TrackOutcome

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "data/responses").glob("*.yml"))
PLACEHOLDER = re.compile(r"{(\w+)}")
PERSIAN = re.compile("[\u0600-\u06ff]")
ARABIC_VARIANTS = re.compile("[يك٠-٩]")


@cache
def responses() -> dict[str, list[dict[str, Any]]]:
    merged: dict[str, list[dict[str, Any]]] = {}
    for path in FILES:
        merged |= yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
    return merged


def test_no_key_stands_in_two_files() -> None:
    keys = [key for path in FILES for key in yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]]
    assert [key for key, count in Counter(keys).items() if count > 1] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_key_carries_its_topic(path: Path) -> None:
    keys = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
    assert [key for key in keys if not key.startswith(f"utter_{path.stem}_")] == []


@pytest.mark.parametrize("key", sorted(responses()))
def test_both_languages_with_the_same_placeholders(key: str) -> None:
    texts = {}
    for variant in responses()[key]:
        (condition,) = variant["condition"]
        assert condition["name"] == "language"
        texts[condition["value"]] = variant["text"]
    assert set(texts) == {"fa", "en"}
    assert set(PLACEHOLDER.findall(texts["fa"])) == set(PLACEHOLDER.findall(texts["en"]))
    assert not ARABIC_VARIANTS.search(texts["fa"])
    assert not PERSIAN.search(texts["en"])


@pytest.mark.parametrize("situation", Situation)
def test_each_situation_has_a_stage_and_an_answer(situation: Situation) -> None:
    assert f"utter_tracking_stage_{situation.value}" in responses()
    assert f"utter_tracking_detail_{situation.value}" in responses()


@pytest.mark.parametrize("situation", Situation)
def test_a_stage_tells_nothing_but_the_number(situation: Situation) -> None:
    for variant in responses()[f"utter_tracking_stage_{situation.value}"]:
        assert set(PLACEHOLDER.findall(variant["text"])) == {"order_id"}


def test_each_outcome_has_a_sentence_of_its_own() -> None:
    reasons = [outcome for outcome in TrackOutcome if outcome is not TrackOutcome.FOUND]
    sentences = {responses()[f"utter_tracking_{reason.value}"][0]["text"] for reason in reasons}
    assert len(sentences) == len(reasons)


@pytest.mark.parametrize("outcome", OtpOutcome)
def test_each_outcome_of_a_code_has_a_sentence(outcome: OtpOutcome) -> None:
    keys = responses()
    assert f"utter_identity_{outcome.value}" in keys or f"utter_identity_ended_{outcome.value}" in keys


def test_no_response_is_unused() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))
    prefixes = (
        "utter_tracking_",
        "utter_identity_",
        "utter_general_",
        "utter_shipping_info_",
    )  # these are also put together from a kind
    unused = [key for key in responses() if key not in source and not key.startswith(prefixes)]
    assert unused == []


def test_every_response_named_in_an_action_exists() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))
    named = set(re.findall(r'"(utter_\w+)"', source))
    assert named - set(responses()) == set()
