"""Identifiers by rule from the raw text: the component around `peyk.text.identifiers`."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import phonenumbers
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from peyk.nlu.keys import FOUND
from peyk.text.identifiers import Identifier, find_identifiers
from peyk.text.order_numbers import OrderFormat

_IRAN = 98
_MOBILES = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


@DefaultV1Recipe.register(
    # A featurizer too, so that the classifier is trained on the masks it will see.
    [DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=False,
)
class IdentifierExtractor(GraphComponent, EntityExtractorMixin):
    """Extract order numbers, tracking codes, mobiles, one-time codes, e-mails, ratings and day counts."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what has to come before."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Return the packages it needs."""
        return ["phonenumbers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            # What the shop's order numbers begin with; None: PEYK_ORDER_PREFIX, else TS-.
            "order_prefix": None,
            # How many digits follow, like 6 or "4-6"; None: PEYK_ORDER_DIGITS, else 6.
            "order_digits": None,
            # What they end in; None: PEYK_ORDER_SUFFIX, else nothing.
            "order_suffix": None,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IdentifierExtractor:
        """Create the component."""
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        """Read the shop's order format, at run time, so that a model serves a shop that changes it."""
        self._orders = order_format(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Note what the examples contain, for the classifier's masks."""
        for example in training_data.training_examples:
            if example.get(TEXT):
                example.set(FOUND, [*example.get(FOUND, []), *self.extract(example.get(TEXT))])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message."""
        for message in messages:
            found = self.add_extractor_name(self.extract(message.get(TEXT) or ""))
            message.set(FOUND, [*message.get(FOUND, []), *found])
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages

    def extract(self, text: str) -> list[dict[str, Any]]:
        """Return the entities of `text`."""
        return [_entity(item) for item in find_identifiers(text, self._orders, mobile=parse_mobile)]


def order_format(config: dict[str, Any]) -> OrderFormat:
    """Return the order format of a component's configuration, the environment or the default."""
    default = OrderFormat()
    prefix, digits, suffix = (config.get(f"order_{part}") for part in ("prefix", "digits", "suffix"))
    return OrderFormat.read(
        os.environ.get("PEYK_ORDER_PREFIX", default.prefix) if prefix is None else str(prefix),
        os.environ.get("PEYK_ORDER_DIGITS") or str(default.fewest) if digits is None else str(digits),
        os.environ.get("PEYK_ORDER_SUFFIX", default.suffix) if suffix is None else str(suffix),
    )


@lru_cache(maxsize=1024)
def parse_mobile(number: str) -> str | None:
    """Return a mobile as `09…` (Iran) or E.164, or None if there is no such number."""
    try:
        parsed = phonenumbers.parse(number, "IR")
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code == _IRAN:
        valid = phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in _MOBILES
        return f"0{parsed.national_number}" if valid else None
    # Numbers kept for fiction and new ranges are possible without being assigned.
    possible = phonenumbers.is_possible_number(parsed)
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)) if possible else None


def _entity(item: Identifier) -> dict[str, Any]:
    entity: dict[str, Any] = {"entity": item.kind.value, "value": item.value, "start": item.start, "end": item.end}
    if item.role:
        entity["role"] = item.role
    return entity
