"""A dense featurizer on a sentence encoder of the shop's own; in no pipeline but `config.dense.yml`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from peyk.nlu.encoder import SentenceEncoder, load_encoder
from peyk.nlu.encoder_files import mark_of

SETTING = "PEYK_ENCODER_DIR"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LocalSentenceEncoder(DenseFeaturizer, GraphComponent):
    """Give each message one vector of length one for its text; no text gives zeros."""

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages it needs."""
        return ["tensorflow", "tokenizers", "transformers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            **DenseFeaturizer.get_default_config(),
            # Folder of the encoder; empty: PEYK_ENCODER_DIR.
            "folder": "",
            # What the encoder wants before each text, such as "query: " for E5.
            "prefix": "",
            # Longer texts are cut.
            "max_tokens": 128,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Raise InvalidConfigException when neither the configuration nor the environment names a folder."""
        if not _folder(config):
            raise InvalidConfigException(
                f"the sentence encoder has no folder: set {SETTING}, or `folder` in the configuration"
            )

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Return what tells one encoder from another, so that Rasa trains anew with another one."""
        folder = _folder(config)
        return mark_of(Path(folder)) if folder else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LocalSentenceEncoder:
        """Load the encoder; raises InvalidConfigException when the folder is not one."""
        return cls(execution_context.node_name, config)

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        """Read the folder."""
        super().__init__(name, {**self.get_default_config(), **config})
        self._encoder: SentenceEncoder = load_encoder(Path(_folder(self._config)), int(self._config["max_tokens"]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the sentence features of each message that has a text, be it an empty one."""
        written = [message for message in messages if message.get(TEXT) is not None]
        vectors = self._encoder.encode([self._text(message) for message in written])
        for message, vector in zip(written, vectors, strict=True):
            message.add_features(Features(vector[np.newaxis], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Do the same for the examples."""
        self.process(training_data.training_examples)
        return training_data

    def _text(self, message: Message) -> str:
        text = str(message.get(TEXT))
        return self._config["prefix"] + text if text.strip() else ""


def _folder(config: dict[str, Any]) -> str:
    return str(config.get("folder") or os.environ.get(SETTING, ""))
