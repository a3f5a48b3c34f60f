"""What `rasa test` and `rasa interactive` have to know of the entity `language`: nobody marks it by hand.

It lies over the whole message. Rasa cannot write it beside another entity: exporting such a message fails or
writes its words twice, and a test story has no way to expect it.
"""

from __future__ import annotations

from typing import Any

import rasa.core.test as story_test
from rasa.shared.core.events import UserUttered
from rasa.shared.nlu.training_data.util import PRETRAINED_EXTRACTORS

COMMANDS = frozenset({"test", "interactive"})
ENTITY = "language"
EXTRACTOR = "LanguageDetector"


def install() -> None:
    """Keep the language out of exported examples, and out of test stories that do not name it."""
    PRETRAINED_EXTRACTORS.add(EXTRACTOR)
    stock: Any = story_test._collect_user_uttered_predictions

    def _collect_user_uttered_predictions(event: UserUttered, predicted: dict[str, Any], *rest: Any) -> Any:
        if not any(entity["entity"] == ENTITY for entity in event.entities):
            found = predicted.get("entities") or []
            predicted = {**predicted, "entities": [entity for entity in found if entity["entity"] != ENTITY]}
        return stock(event, predicted, *rest)

    story_test._collect_user_uttered_predictions = _collect_user_uttered_predictions
