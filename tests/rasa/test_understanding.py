"""The project's own pipeline and examples against the blind test set: figures that must not fall (docs/nlu.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from peyk.domain.meanings import suggestions
from peyk.evaluation.noise import NOISES
from peyk.evaluation.predict import Understanding, understanding
from peyk.evaluation.report.entities import entity_scores
from peyk.evaluation.scores import Answer, Scores, by_language, expected_calibration_error, is_right_or_offered
from peyk.evaluation.testset import Case, read_cases, read_entity_cases, read_two_wishes
from peyk.launcher.model import ensure_model
from peyk.launcher.processes import Supervisor

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "rasa" / "nlu"
CASES = read_cases(TESTS)
MOST_MODEL_BYTES = 20_000_000


@pytest.fixture(scope="module")
def model() -> Path:
    """The model a shop gets. Its name is a hash of all it is made of, so none of other examples is taken for it."""
    with Supervisor(ROOT) as processes:
        return ensure_model(ROOT, processes)


@pytest.fixture(scope="module")
def peyk(model: Path) -> Iterator[Understanding]:
    with understanding(model) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def answers(peyk: Understanding) -> list[Answer]:
    return peyk.answers(case.text for case in CASES)


@pytest.fixture(scope="module")
def scores(answers: list[Answer]) -> dict[str, Scores]:
    return by_language(CASES, answers)


@pytest.mark.parametrize(("language", "least"), [("fa", 0.93), ("en", 0.93), ("finglish", 0.905), ("mixed", 0.96)])
def test_the_likeliest_meaning_is_right(scores: dict[str, Scores], language: str, least: float) -> None:
    assert scores[language].accuracy >= least


def test_what_is_not_sure_is_asked_back_or_answered_with_the_right_meaning_below(scores: dict[str, Scores]) -> None:
    assert scores["all"].right_or_offered >= 0.95
    assert scores["all"].asked_back <= 0.05
    assert scores["all"].offered_too <= 0.11


def test_a_request_is_right_or_offered(answers: list[Answer]) -> None:
    """Greetings, thanks, yes and no are never offered as a button; all else is."""
    offerable = {name for case in CASES for name in suggestions([(case.intent, 1.0)])}
    pairs = [(case, answer) for case, answer in zip(CASES, answers, strict=True) if case.intent in offerable]
    assert len(offerable) == 28
    assert sum(is_right_or_offered(case, answer) for case, answer in pairs) / len(pairs) >= 0.98


def test_scope(scores: dict[str, Scores]) -> None:
    assert scores["all"].wrongly_refused <= 0.03
    assert scores["all"].wrongly_accepted <= 0.06


def test_confidence_can_be_believed(answers: list[Answer]) -> None:
    assert expected_calibration_error(CASES, answers) <= 0.05


@pytest.mark.parametrize("noise", NOISES)
def test_noise_costs_little(peyk: Understanding, answers: list[Answer], noise: str) -> None:
    """Every third message, over all of them: a noise that changes nothing costs nothing."""
    kept = range(0, len(CASES), 3)
    texts = [NOISES[noise](CASES[i].text) for i in kept]
    noisy = peyk.answers(texts)
    clean = sum(CASES[i].accepts(answers[i].best) for i in kept)
    after = sum(CASES[i].accepts(answer.best) for i, answer in zip(kept, noisy, strict=True))
    assert (clean - after) / len(kept) <= 0.02


def test_numbers_cities_and_carriers(peyk: Understanding) -> None:
    cases = read_entity_cases(TESTS)
    found = [[(item["entity"], str(item["value"])) for item in peyk.parse(case.text)["entities"]] for case in cases]
    groups = entity_scores(cases, found)["groups"]
    least = {"numbers": 0.98, "cities": 0.95, "carriers": 0.95}
    assert {name: (groups[name].precision or 0) >= share for name, share in least.items()} == dict.fromkeys(least, True)
    assert {name: (groups[name].recall or 0) >= share for name, share in least.items()} == dict.fromkeys(least, True)


def test_two_wishes_are_both_heard(peyk: Understanding) -> None:
    wishes = read_two_wishes(TESTS)
    heard = peyk.answers(wish.text for wish in wishes)
    both = sum(
        {answer.intent, answer.second} == {wish.first, wish.second} for wish, answer in zip(wishes, heard, strict=True)
    )
    assert both / len(wishes) >= 0.65


def test_a_greeting_in_front_hides_nothing(peyk: Understanding) -> None:
    """Every eighth message in scope, greeted: nearly none changes its meaning."""
    front = {
        "fa": "سلام وقت بخیر، ",
        "en": "hello, good morning, ",
        "finglish": "salam khaste nabashid, ",
        "mixed": "سلام ",
    }
    small = {"greet", "goodbye", "thank", "affirm", "deny", "out_of_scope", "ask_capabilities", "bot_challenge", "stop"}
    asked: list[Case] = [case for case in CASES if case.intent not in small][::8]
    plain = peyk.answers(case.text for case in asked)
    greeted = peyk.answers(front[case.language] + case.text for case in asked)
    changed = sum(before.best != after.best for before, after in zip(plain, greeted, strict=True))
    assert changed / len(asked) <= 0.03


def test_the_model_is_small(model: Path) -> None:
    assert model.stat().st_size <= MOST_MODEL_BYTES
