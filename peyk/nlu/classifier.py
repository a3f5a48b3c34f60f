"""A sparse linear intent classifier with calibrated confidence: milliseconds to parse, seconds to train, no pickle."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from peyk.nlu.features import Vectoriser, features_of, masked_words
from peyk.nlu.keys import FOUND, IS_KNOWN

logger = logging.getLogger(__name__)

_FILE = "classifier.skops"
# The scale of a model trained on too few examples to measure one.
_DEFAULT_SCALE = 4.0
_SCALES = np.geomspace(1.0, 20.0, 40)


@dataclass(frozen=True, slots=True)
class LinearModel:
    """What is learnt; `scale` turns margins into probabilities."""

    vectoriser: Vectoriser
    classes: list[str]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    scale: float

    def probabilities(self, words: list[str]) -> NDArray[np.float64]:
        """Return the probability of each class for masked words."""
        indices, values = self.vectoriser.vector(Counter(features_of(words)))
        margins = np.asarray(values, dtype=np.float32) @ self.weights[indices] + self.bias if indices else self.bias
        return softmax(margins[np.newaxis, :].astype(np.float64) * self.scale)[0]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Classify by words, parts of words and consonants; calibrated by cross-validation; no pickle."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what has to come before."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages it needs."""
        return ["sklearn", "skops"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            # The inverse of the regularisation.
            "C": 0.5,
            # Parts of words and word pairs count only when this many examples have them.
            "min_documents": 1,
            # Folds of the cross-validation that calibrates the probabilities.
            "folds": 3,
            # How many intents `intent_ranking` holds.
            "ranking_length": 10,
            # For the order of the examples inside the solver.
            "random_state": 42,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Create an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Load a trained component; one that never was trained stays empty."""
        try:
            with model_storage.read_from(resource) as directory:
                return cls(config, model_storage, resource, _from_state(skops.io.load(directory / _FILE)))
        except ValueError:
            logger.debug("No trained classifier in resource '%s'.", resource.name)
            return cls(config, model_storage, resource)

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: LinearModel | None = None
    ) -> None:
        """Keep where to store and what is learnt."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the intent examples and persist."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        documents = [_words(example) for example in examples]
        pairs = [(words, str(e.get(INTENT))) for words, e in zip(documents, examples, strict=True) if words]
        if len({intent for _, intent in pairs}) > 1:
            self._model = self.fit([words for words, _ in pairs], [intent for _, intent in pairs])
            self._persist(self._model)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of each message."""
        for message in messages:
            words = _words(message)
            ranking = self._ranking(words)
            top = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(IS_KNOWN, self._model is not None and self._model.vectoriser.knows(words))
            message.set(INTENT, dict(top), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def fit(self, documents: list[list[str]], intents: list[str]) -> LinearModel:
        """Return a model of masked `documents`."""
        counted = [Counter(features_of(words)) for words in documents]
        vectoriser = Vectoriser.fit(counted, self._config["min_documents"])
        matrix = _matrix(vectoriser, counted)
        labels = np.asarray(intents)
        scale = self._measure_scale(matrix, labels)
        classifier = self._solver().fit(matrix, labels)
        weights, bias = _one_row_a_class(classifier)
        return LinearModel(
            vectoriser,
            [str(c) for c in classifier.classes_],
            np.ascontiguousarray(weights.T.astype(np.float32)),
            bias.astype(np.float32),
            scale,
        )

    def _solver(self) -> LinearSVC:
        return LinearSVC(C=self._config["C"], random_state=self._config["random_state"])

    def _measure_scale(self, matrix: csr_matrix, labels: NDArray[np.str_]) -> float:
        """Return the scale under which examples the solver has not seen get the likeliest probabilities."""
        folds = min(self._config["folds"], *Counter(labels.tolist()).values())
        classes = np.unique(labels)
        if folds < 2 or len(classes) < 3:
            return _DEFAULT_SCALE
        margins = np.zeros((len(labels), len(classes)))
        splitter = StratifiedKFold(folds, shuffle=True, random_state=self._config["random_state"])
        for seen, unseen in splitter.split(matrix, labels):
            margins[unseen] = self._solver().fit(matrix[seen], labels[seen]).decision_function(matrix[unseen])
        truth = (np.arange(len(labels)), np.searchsorted(classes, labels))
        losses = [-np.log(softmax(margins * scale)[truth] + 1e-12).mean() for scale in _SCALES]
        return float(_SCALES[int(np.argmin(losses))])

    def _ranking(self, words: list[str]) -> list[dict[str, Any]]:
        if self._model is None:
            return []
        probabilities = self._model.probabilities(words)
        best = np.argsort(-probabilities)[: self._config["ranking_length"]]
        return [
            {INTENT_NAME_KEY: self._model.classes[i], PREDICTED_CONFIDENCE_KEY: float(probabilities[i])} for i in best
        ]

    def _persist(self, model: LinearModel) -> None:
        with self._model_storage.write_to(self._resource) as directory:
            skops.io.dump(_to_state(model), directory / _FILE)


def softmax(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities of each row of margins."""
    shifted = np.exp(margins - margins.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def _words(message: Message) -> list[str]:
    return masked_words(message.get(TOKENS_NAMES[TEXT]) or [], message.get(FOUND) or [])


def _matrix(vectoriser: Vectoriser, documents: list[Counter[str]]) -> csr_matrix:
    indices: list[int] = []
    values: list[float] = []
    ends = [0]
    for document in documents:
        columns, entries = vectoriser.vector(document)
        indices.extend(columns)
        values.extend(entries)
        ends.append(len(indices))
    return csr_matrix((values, indices, ends), shape=(len(documents), len(vectoriser.index)))


def _one_row_a_class(classifier: LinearSVC) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights and bias with a row for each class; the solver keeps one row for two classes."""
    if len(classifier.classes_) > 2:
        return classifier.coef_, classifier.intercept_
    return np.vstack([-classifier.coef_, classifier.coef_]) / 2, np.concatenate(
        [-classifier.intercept_, classifier.intercept_]
    ) / 2


def _to_state(model: LinearModel) -> dict[str, Any]:
    """Return the model as text and arrays: a dictionary of many strings would load slowly."""
    return {
        "features": "\n".join(model.vectoriser.index),
        "idf": model.vectoriser.idf,
        "classes": model.classes,
        "weights": model.weights,
        "bias": model.bias,
        "scale": model.scale,
    }


def _from_state(state: dict[str, Any]) -> LinearModel:
    index = {name: i for i, name in enumerate(state["features"].split("\n"))}
    return LinearModel(
        Vectoriser(index, state["idf"]), state["classes"], state["weights"], state["bias"], state["scale"]
    )
