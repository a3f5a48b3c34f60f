"""Between sure and not understood: the message is answered, and what else it may have meant is offered."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message

from peyk.domain.meanings import other_meanings
from peyk.nlu.keys import OTHERS, SECOND_WISH

_FALLBACK = "nlu_fallback"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OtherMeanings(GraphComponent, IntentClassifier):
    """Hand on the next likely meanings of a message that is answered without being sure."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what has to come before: who is asked back is asked there."""
        return [FallbackClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            # From this confidence on, 0 to 1, nothing else is offered.
            "sure": 0.9,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OtherMeanings:
        """Create the component."""
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        """Keep the configuration."""
        self._config = {**self.get_default_config(), **config}

    def process(self, messages: list[Message]) -> list[Message]:
        """Set what else each message may mean; one that is asked back or has two wishes is left alone."""
        for message in messages:
            asked_back = message.get(INTENT, {}).get(INTENT_NAME_KEY) == _FALLBACK
            if not asked_back and not message.get(SECOND_WISH):
                rows = message.get(INTENT_RANKING_KEY) or []
                ranking = [(row[INTENT_NAME_KEY], row[PREDICTED_CONFIDENCE_KEY]) for row in rows]
                message.set(OTHERS, other_meanings(ranking, self._config["sure"]), add_to_output=True)
        return messages
