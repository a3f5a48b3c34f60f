"""Pieces of the classifier that need no Rasa graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.svm import LinearSVC

from peyk.nlu.classifier import LinearIntentClassifier, LinearModel, _from_state, _in_bytes, _to_state, softmax
from peyk.nlu.concepts import ideas_of
from peyk.nlu.features import Vectoriser, features_of, masked_words
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


def test_a_row_is_the_same_learnt_and_asked() -> None:
    documents = [["سفارش", "کجاست", "کجاست"], ["سلام"], ["سفارش", "سلام"]]
    vectoriser, matrix = Vectoriser.fit(map(features_of, documents), 1)
    for document, learnt in zip(documents, matrix, strict=True):
        asked = vectoriser.row(features_of(document))
        np.testing.assert_allclose(asked.toarray(), learnt.toarray())
    assert vectoriser.row(features_of(["qwx"])).nnz == 0


def test_a_word_said_twice_weighs_more_than_once_and_less_than_double() -> None:
    vectoriser, _ = Vectoriser.fit([["w:a", "w:b"]], 1)
    once, twice = (vectoriser.row(features).toarray()[0] for features in (["w:a", "w:b"], ["w:a", "w:a", "w:b"]))
    assert once[0] == pytest.approx(once[1])
    assert 1 < twice[0] / twice[1] < 2


def test_bytes_hardly_change_a_weight() -> None:
    weights = np.random.default_rng(7).normal(size=(50, 38)).astype(np.float32)
    stored = _in_bytes(weights)
    back = stored["weights"].astype(np.float32) * stored["steps"][:, np.newaxis]
    assert np.abs(back - weights).max() <= np.abs(weights).max() / 127 / 2 + 1e-6


@pytest.mark.parametrize(("measured", "solved"), [(10, 1), (41, 2), (1000, 3)])
def test_confidence_is_measured_on_as_many_folds_as_needed(
    monkeypatch: pytest.MonkeyPatch, measured: int, solved: int
) -> None:
    """Besides the whole, so many parts are solved."""
    fits: list[int] = []
    solver = LinearIntentClassifier._solver

    def counted(component: LinearIntentClassifier) -> LinearSVC:
        fits.append(1)
        return solver(component)

    monkeypatch.setattr(LinearIntentClassifier, "_solver", counted)
    documents = [[f"w{i % 3}", f"x{i}"] for i in range(120)]
    component = LinearIntentClassifier({"measured": measured}, None, None)
    component.fit(documents, [f"intent_{i % 3}" for i in range(120)])
    assert len(fits) == 1 + solved
