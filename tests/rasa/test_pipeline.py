"""The project's own pipeline, trained for real on a handful of examples."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import skops.io  # noqa: F401  before Rasa: it starts faster this way
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from tests.rasa.nlu_helpers import write_project

Parse = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parse]:
    """Return a function that parses with a freshly trained and loaded model."""
    folder: Path = tmp_path_factory.mktemp("project")
    files = write_project(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RASA_TELEMETRY_ENABLED", "false")
        patch.setenv("RASA_CACHE_DIRECTORY", str(folder / "cache"))
        path = train_nlu(files["config"], files["nlu"], str(folder), fixed_model_name="tiny", domain=files["domain"])
        assert path is not None
        agent = Agent.load(path)
        loop = asyncio.new_event_loop()
        yield lambda text: dict(loop.run_until_complete(agent.parse_message(text)))
        loop.close()


def language_of(result: dict[str, Any]) -> str | None:
    return next((item["value"] for item in result["entities"] if item["entity"] == "language"), None)


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("سفارشم کجاست؟", "track_order", "fa"),
        ("سلام خسته نباشید سفارش من کجاست", "track_order", "fa"),
        ("سلاااام سفارشم كجاست", "track_order", "fa"),
        ("hello, where is my order please", "track_order", "en"),
        ("salam khaste nabashid sefaresham kojast", "track_order", "fa"),
        ("سلام خسته نباشید", "greet", "fa"),
        ("ارسال به مشهد چند روز طول می‌کشه؟", "ask_delivery_time", "fa"),
        ("how long does delivery to Berlin take?", "ask_delivery_time", "en"),
        ("می خوام با پشتیبان صحبت کنم", "talk_to_human", "fa"),
        ("poshtiban mikham sohbat konam", "talk_to_human", "fa"),
        ("نه", "deny", "fa"),
    ],
)
def test_intents_in_both_languages(parse: Parse, text: str, intent: str, language: str) -> None:
    result = parse(text)
    assert result["intent"]["name"] == intent
    assert language_of(result) == language


@pytest.mark.parametrize("text", ["😀🔥", "...", "قژقژقژ", "zxcvbqq", "؟!", "RR123456784IR"])
def test_nothing_known_falls_back(parse: Parse, text: str) -> None:
    result = parse(text)
    assert result["intent"]["name"] == "nlu_fallback"
    assert result["intent_ranking"][0]["name"] == "nlu_fallback"
    assert len(result["intent_ranking"]) > 2


@pytest.mark.parametrize(
    "text", ["TS-104233", "۱۰۴۲۳۳", "TRK-88392011", "09121234567", "RR123456785IR", "TS-104233 09121234567", "123456؟"]
)
def test_only_identifiers_track_an_order(parse: Parse, text: str) -> None:
    result = parse(text)
    assert result["intent"] == {"name": "track_order", "confidence": 1.0}
    assert language_of(result) is None


def test_the_ranking_is_ordered_and_complete(parse: Parse) -> None:
    result = parse("سفارشم کجاست")
    ranking = [entry["confidence"] for entry in result["intent_ranking"]]
    assert ranking == sorted(ranking, reverse=True)
    assert sum(ranking) == pytest.approx(1, abs=1e-3)
    assert result["intent"] == result["intent_ranking"][0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("English please", "en"),
        ("انگلیسی حرف بزن", "en"),
        ("speak Persian", "fa"),
        ("farsi sohbat kon", "fa"),
        ("زبان رو عوض کن", "en"),
        ("change the language", "fa"),
    ],
)
def test_a_wish_for_a_language_names_it(parse: Parse, text: str, language: str) -> None:
    result = parse(text)
    assert result["intent"]["name"] == "change_language"
    assert language_of(result) == language


def test_entities_are_in_the_result_with_offsets_of_the_original(parse: Parse) -> None:
    text = "سـلاام سفارش ۱۰۴۲۳۳ به اصفهانم کی می‌رسه"
    pieces = {item["entity"]: text[item["start"] : item["end"]] for item in parse(text)["entities"]}
    assert pieces == {"order_id": "۱۰۴۲۳۳", "city": "اصفهانم", "language": text}


def test_no_private_keys_reach_the_result(parse: Parse) -> None:
    assert {"found_entities", "is_known"}.isdisjoint(parse("سلام"))


def test_a_parse_takes_milliseconds(parse: Parse) -> None:
    durations = []
    for _ in range(40):
        start = time.perf_counter()
        parse("سلام خسته نباشید سفارش من به شماره 104233 کجاست و کی می‌رسه اصفهان")
        durations.append(time.perf_counter() - start)
    assert sorted(durations)[len(durations) // 2] < 0.05
