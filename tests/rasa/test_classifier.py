"""Pieces of the classifier that need no Rasa graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skops.io

from peyk.nlu.classifier import LinearIntentClassifier, LinearModel, _from_state, _to_state, softmax
from peyk.nlu.concepts import ideas_of
from peyk.nlu.features import masked_words
from peyk.nlu.language import asked_language
from tests.rasa.nlu_helpers import EXAMPLES, entities_of, tokenizer


def words_of(text: str) -> list[str]:
    return masked_words(tokenizer().tokens_of(text), entities_of(text))


@pytest.fixture(scope="module")
def model() -> LinearModel:
    pairs = [(words_of(example), intent) for intent, rows in EXAMPLES.items() for example in rows]
    component = LinearIntentClassifier({}, None, None)
    return component.fit([words for words, _ in pairs], [intent for _, intent in pairs])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("سفارش TS-104233 کو", ["سفارش", "ORDER", "کو"]),
        ("شماره ۰۹۱۲ ۱۲۳ ۴۵۶۷ منه", ["شماره", "PHONE", "منه"]),
        ("به بندر عباس با تیپاکس", ["به", "CITY", "با", "تیپاکس"]),
        ("سلام خسته نباشید سفارشم کو", ["سفارشم", "کو"]),
        ("hello there, where is it thanks", ["where", "is", "it", "POLITE"]),
        ("سلام خسته نباشید", ["سلام", "خسته", "نباشید"]),
        ("thank you", ["thank", "you"]),
        ("پلاک 12", ["پلاک", "NUMBER"]),
        ("", []),
    ],
)
def test_masks_and_politeness(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


def test_ideas_tie_the_languages_together() -> None:
    assert set(ideas_of("پولم")) & set(ideas_of("poolam")) & set(ideas_of("money"))
    assert ideas_of("ORDER") == ("@ORDER",)
    assert ideas_of("قژقژ") == ()


def test_the_model_survives_storage_without_pickle(model: LinearModel, tmp_path: Path) -> None:
    skops.io.dump(_to_state(model), tmp_path / "model.skops")
    assert skops.io.get_untrusted_types(file=tmp_path / "model.skops") == []
    loaded = _from_state(skops.io.load(tmp_path / "model.skops"))
    words = words_of("سفارشم کجاست")
    np.testing.assert_allclose(loaded.probabilities(words), model.probabilities(words), atol=0.01)
    assert _to_state(model)["weights"].dtype == np.int8
    assert loaded.classes == model.classes


def test_probabilities_are_probabilities(model: LinearModel) -> None:
    for text in ("سفارشم کجاست", "", "qqqq"):
        probabilities = model.probabilities(words_of(text))
        assert probabilities.sum() == pytest.approx(1)
        assert (probabilities >= 0).all()


def test_two_intents_are_enough() -> None:
    component = LinearIntentClassifier({}, None, None)
    two = component.fit([["سفارش", "کجاست"], ["سلام"]], ["track_order", "greet"])
    best = two.classes[int(np.argmax(two.probabilities(["سلام"])))]
    assert best == "greet"


def test_softmax_does_not_overflow() -> None:
    np.testing.assert_allclose(softmax(np.array([[1e4, 0.0], [0.0, 0.0]])), [[1.0, 0.0], [0.5, 0.5]])


def test_what_is_known(model: LinearModel) -> None:
    assert model.vectoriser.knows(words_of("سفارش"))
    assert not model.vectoriser.knows(words_of("قژقژقژ"))
    assert not model.vectoriser.knows([])
    # One word of four is not enough, whatever parts of words the others have.
    assert model.vectoriser.knows(["سفارش", "قلمبه", "سلمبه"])
    assert not model.vectoriser.knows(["سفارش", "قلمبه", "سلمبه", "ژیگولی"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("English please", "en"),
        ("فارسی لطفا", "fa"),
        ("I don't understand Persian", "en"),
        ("من انگلیسی بلد نیستم", "fa"),
        ("من فارسی بلد نیستم، انگلیسی بنویس", "en"),
        ("English, please, not Persian", "en"),
        ("englisi harf bezan", "en"),
        ("زبان را عوض کنید", "en"),
        ("change language", "fa"),
        ("🔄", None),
    ],
)
def test_the_language_asked_for(text: str, language: str | None) -> None:
    assert asked_language(text) == language
