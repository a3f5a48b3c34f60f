"""Between sure and not understood: what is handed on with a message that is answered without being sure."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from peyk.nlu.keys import OTHERS, SECOND_WISH
from peyk.nlu.other_meanings import OtherMeanings

ASKED = ("nlu_fallback", 0.55)


def heard(*rows: tuple[str, float], second: str | None = None, **config: float) -> Message:
    """Return what becomes of a message with this ranking."""
    ranking: list[dict[str, Any]] = [{"name": name, "confidence": confidence} for name, confidence in rows]
    message = Message({TEXT: "…", INTENT: dict(ranking[0]) if ranking else {}, INTENT_RANKING_KEY: ranking})
    if second:
        message.set(SECOND_WISH, {"name": second, "confidence": 0.9})
    OtherMeanings(config).process([message])
    return message


def test_what_is_not_sure_has_other_meanings() -> None:
    message = heard(("cancel_order", 0.8), ("change_order", 0.15), ("greet", 0.04))
    assert message.get(INTENT)["name"] == "cancel_order"
    assert message.get(OTHERS) == ["change_order"]
    assert OTHERS in message.output_properties


@pytest.mark.parametrize(("sure", "others"), [(0.8, []), (0.81, ["change_order"])])
def test_sure_is_a_setting(sure: float, others: list[str]) -> None:
    assert heard(("cancel_order", 0.8), ("change_order", 0.15), sure=sure).get(OTHERS) == others


def test_what_is_asked_back_is_left_alone() -> None:
    message = heard(ASKED, ("cancel_order", 0.5), ("change_order", 0.4))
    assert message.get(INTENT)["name"] == "nlu_fallback"
    assert message.get(OTHERS) is None


def test_two_wishes_are_offered_by_themselves() -> None:
    assert heard(("cancel_order", 0.7), ("change_order", 0.2), second="track_order").get(OTHERS) is None
