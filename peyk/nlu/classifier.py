"""A sparse linear intent classifier with calibrated confidence: milliseconds to parse, seconds to train, no pickle."""

from __future__ import annotations

import logging
import math
import os
from collections import Counter
from concurrent.futures import Executor, ThreadPoolExecutor
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
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from peyk.nlu.features import Vectoriser, features_of, masked_words
from peyk.nlu.keys import FOUND, IS_KNOWN, PARTS
from peyk.nlu.parts import asks, orders_in, parts_of
from peyk.nlu.sentence_vector import dense_of

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
    # A row for each number of the sentence vector; none without an encoder in the pipeline.
    dense: NDArray[np.float32]

    def probabilities(self, words: list[str], vector: NDArray[np.float32] | None = None) -> NDArray[np.float64]:
        """Return the probability of each class for masked words and, where there is one, the sentence's vector."""
        row = self.vectoriser.row(features_of(self.vectoriser.mended(words)))
        margins = row.data.astype(np.float32) @ self.weights[row.indices] + self.bias
        if vector is not None:
            margins = margins + vector @ self.dense
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
            "min_documents": 2,
            # The scale of the probabilities is measured on one of so many folds, unseen by the solver, or on as many as
            # make `measured` examples.
            "folds": 3,
            "measured": 10_000,
            # When the solver stops; finer steps cost time and change nothing that is measured.
            "tolerance": 0.01,
            # How much the vector of a sentence encoder counts beside the words (config.dense.yml).
            "dense_weight": 1.0,
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
                model = _from_state(skops.io.load(directory / _FILE))
        except ValueError:
            logger.debug("No trained classifier in resource '%s'.", resource.name)
            return cls(config, model_storage, resource)
        # Tables are built at their first use: the first customer should not wait for it.
        model.probabilities(["سلام"])
        return cls(config, model_storage, resource, model)

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
        known = [(example, words) for example in examples if (words := _words(example))]
        intents = [str(example.get(INTENT)) for example, _ in known]
        if len(set(intents)) > 1:
            self._model = self.fit([words for _, words in known], intents, _vectors([example for example, _ in known]))
            self._persist(self._model)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of each message."""
        for message in messages:
            words = _words(message)
            ranking = self._ranking(words, self._vector(message))
            top = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
            message.set(IS_KNOWN, self._model is not None and self._model.vectoriser.knows(words))
            message.set(INTENT, dict(top), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(PARTS, self._parts(message))
        return messages

    def fit(
        self, documents: list[list[str]], intents: list[str], vectors: NDArray[np.float32] | None = None
    ) -> LinearModel:
        """Return a model of masked `documents` and, where there is an encoder, of a vector a document."""
        vectoriser, matrix = Vectoriser.fit(map(features_of, documents), self._config["min_documents"])
        weight = float(self._config["dense_weight"])
        if vectors is not None:
            matrix = hstack([matrix, csr_matrix(vectors * weight)], format="csr")
        labels = np.asarray(intents)
        # The solver lets other threads run: the folds and the whole are solved side by side.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            whole = pool.submit(self._solver().fit, matrix, labels)
            scale = self._measure_scale(matrix, labels, pool)
            classifier = whole.result()
        weights, bias = _one_row_a_class(classifier)
        words = len(vectoriser.index)
        return LinearModel(
            vectoriser,
            [str(c) for c in classifier.classes_],
            np.ascontiguousarray(weights.T[:words].astype(np.float32)),
            bias.astype(np.float32),
            scale,
            np.ascontiguousarray(weights.T[words:].astype(np.float32)) * np.float32(weight),
        )

    def _solver(self) -> LinearSVC:
        return LinearSVC(C=self._config["C"], tol=self._config["tolerance"], random_state=self._config["random_state"])

    def _measure_scale(self, matrix: csr_matrix, labels: NDArray[np.str_], pool: Executor) -> float:
        """Return the scale under which examples the solver has not seen get the likeliest probabilities."""
        folds = min(self._config["folds"], *Counter(labels.tolist()).values())
        classes = np.unique(labels)
        if folds < 2 or len(classes) < 3:
            return _DEFAULT_SCALE
        splitter = StratifiedKFold(folds, shuffle=True, random_state=self._config["random_state"])
        needed = max(1, math.ceil(folds * self._config["measured"] / len(labels)))
        splits = list(splitter.split(matrix, labels))[:needed]
        solved = pool.map(lambda split: self._solver().fit(matrix[split[0]], labels[split[0]]), splits)
        margins = np.vstack(
            [s.decision_function(matrix[unseen]) for (_, unseen), s in zip(splits, solved, strict=True)]
        )
        truth = np.searchsorted(classes, np.concatenate([labels[unseen] for _, unseen in splits]))
        rows = np.arange(len(truth))
        losses = [-np.log(softmax(margins * scale)[rows, truth] + 1e-12).mean() for scale in _SCALES]
        return float(_SCALES[int(np.argmin(losses))])

    def _vector(self, message: Message) -> NDArray[np.float32] | None:
        """Return the sentence's vector; raises InvalidConfigException when it is not of the encoder of the training."""
        vector = dense_of(message)
        found, learnt = (0 if vector is None else len(vector)), (len(self._model.dense) if self._model else 0)
        if self._model and found != learnt:
            raise InvalidConfigException(
                f"the model was trained with a sentence encoder of {learnt} numbers, this one gives {found}: train anew"
            )
        return vector

    def _ranking(self, words: list[str], vector: NDArray[np.float32] | None = None) -> list[dict[str, Any]]:
        if self._model is None:
            return []
        probabilities = self._model.probabilities(words, vector)
        best = np.argsort(-probabilities)[: self._config["ranking_length"]]
        return [
            {INTENT_NAME_KEY: self._model.classes[i], PREDICTED_CONFIDENCE_KEY: float(probabilities[i])} for i in best
        ]

    def _parts(self, message: Message) -> list[dict[str, Any]]:
        parts = parts_of(message.get(TOKENS_NAMES[TEXT]) or [])
        if len(parts) < 2:
            return []
        found = message.get(FOUND) or []
        masked = ((part, masked_words(part, found)) for part in parts)
        return [
            {"best": self._ranking(words)[:1], "asks": asks(part), "orders": orders_in(part, found)}
            for part, words in masked
            if words
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


def _vectors(examples: list[Message]) -> NDArray[np.float32] | None:
    vectors = [vector for example in examples if (vector := dense_of(example)) is not None]
    return np.vstack(vectors) if vectors else None


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
        **_in_bytes(model.weights),
        "bias": model.bias,
        "scale": model.scale,
        "dense": model.dense,
    }


def _in_bytes(weights: NDArray[np.float32]) -> dict[str, Any]:
    """Return the weights as whole steps of -127 to 127, and the step of each row.

    Half a step of one feature decides nothing, and the file is a quarter of the size.
    """
    largest = np.abs(weights).max(axis=1, initial=0.0)
    steps = np.where(largest > 0, largest, 1.0).astype(np.float32) / 127
    return {"weights": np.rint(weights / steps[:, np.newaxis]).astype(np.int8), "steps": steps}


def _from_state(state: dict[str, Any]) -> LinearModel:
    index = {name: i for i, name in enumerate(state["features"].split("\n"))}
    return LinearModel(
        Vectoriser(index, state["idf"]),
        state["classes"],
        state["weights"].astype(np.float32) * state["steps"][:, np.newaxis],
        state["bias"],
        state["scale"],
        state["dense"],
    )
