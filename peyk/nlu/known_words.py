"""The guard behind the classifier: a linear model has an opinion on everything, also on nothing."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from peyk.nlu.classifier import LinearIntentClassifier
from peyk.nlu.keys import FOUND, IS_KNOWN

_FALLBACK = "nlu_fallback"
_IDENTIFIERS = frozenset({"order_id", "tracking_code", "phone_number", "otp_code", "email"})
_QUANTITIES = frozenset({"rating", "day_count"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class KnownWordsGuard(GraphComponent, IntentClassifier):
    """Give `nlu_fallback` to text nothing is known of, and an intent by rule to text of identifiers only."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what has to come before."""
        return [LinearIntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            # The intent of a message that is only identifiers.
            "identifiers_intent": "track_order",
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KnownWordsGuard:
        """Create the component."""
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        """Keep the configuration."""
        self._config = {**self.get_default_config(), **config}

    def process(self, messages: list[Message]) -> list[Message]:
        """Overrule the classifier where it cannot know."""
        for message in messages:
            if _is_only(message, _IDENTIFIERS):
                _decide(message, self._config["identifiers_intent"])
            elif not message.get(IS_KNOWN) and not _is_only(message, _QUANTITIES | {"city", "carrier"}):
                _decide(message, _FALLBACK)
        return messages


def _is_only(message: Message, kinds: frozenset[str]) -> bool:
    """Tell whether every word of the message lies in an entity of `kinds`."""
    spans = [(item["start"], item["end"]) for item in message.get(FOUND) or [] if item["entity"] in kinds]
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    return bool(spans) and all(any(start < t.end and t.start < end for start, end in spans) for t in tokens)


def _decide(message: Message, intent: str) -> None:
    """Put `intent` on top for certain; what the classifier thought stays below it in the ranking."""
    certain = {INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: 1.0}
    others = [
        {**entry, PREDICTED_CONFIDENCE_KEY: 0.0}
        if intent != _FALLBACK
        else {**entry, PREDICTED_CONFIDENCE_KEY: min(entry[PREDICTED_CONFIDENCE_KEY], 0.5)}
        for entry in message.get(INTENT_RANKING_KEY) or []
        if entry[INTENT_NAME_KEY] != intent
    ]
    message.set(INTENT, certain, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [certain, *others], add_to_output=True)
