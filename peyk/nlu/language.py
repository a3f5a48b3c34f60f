"""The language of a message, as an entity."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from peyk.text.language import Language, detect
from peyk.text.normalise import normalise

_ENGLISH = (
    r"انگلیسی|اینگلیسی|انگیلیسی|اینگیلیسی|انگلیسیش|لاتین|english|englsh|inglish|eng|en|latin|"
    r"en?gilisi\w*|engli[sc]i\w*|ingili[sc]i\w*|inglisi\w*|englisi\w*"
)
_PERSIAN = r"فارسی|پارسی|فارسیش|ایرانی|farsi\w*|persian|parsi|fa|irani"
_ENGLISH_WORD = re.compile(rf"(?<!\w)(?:{_ENGLISH})\w{{0,3}}(?!\w)")
_PERSIAN_WORD = re.compile(rf"(?<!\w)(?:{_PERSIAN})\w{{0,3}}(?!\w)")
# "I do not understand Persian", «فارسی بلد نیستم» ask for the other one.
_REFUSED = re.compile(
    r"بلد نیست|نمیفهم|متوجه نمیش|نمیدون|خوب نیست|نیستم|نیست|نه\b|don'?t|dont|do not|can'?t|cant|cannot|not |stop|"
    r"why|no |"
    r"instead of|"
    r"چرا|balad nist|nemifahm|nemidoon|nemidun|motevaje nemish|chera|nistam|na\b"
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageDetector(GraphComponent, EntityExtractorMixin):
    """Add the entity `language`: the one written in, or the one asked for."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what has to come before."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            # The intent whose message names the language wanted.
            "change_intent": "change_language",
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """Create the component."""
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        """Keep the configuration."""
        self._config = {**self.get_default_config(), **config}

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the language of each message that has a clear one."""
        for message in messages:
            text = message.get(TEXT) or ""
            intent = (message.get(INTENT) or {}).get(INTENT_NAME_KEY)
            language = asked_language(text) if intent == self._config["change_intent"] else detect(text)
            if language:
                found = [{"entity": "language", "value": language, "start": 0, "end": len(text)}]
                message.set(ENTITIES, [*message.get(ENTITIES, []), *self.add_extractor_name(found)], add_to_output=True)
        return messages


def asked_language(text: str) -> Language | None:
    """Return the language a wish to change it names, else the one it is not written in."""
    plain = normalise(text)
    english, persian = _ENGLISH_WORD.search(plain), _PERSIAN_WORD.search(plain)
    if english and persian:
        return _of_two(plain, english, persian)
    if english or persian:
        named: Language = "en" if english else "fa"
        return _other(named) if _is_refused(plain, english or persian) else named
    written = detect(text)
    return _other(written) if written else None


def _of_two(plain: str, english: re.Match[str], persian: re.Match[str]) -> Language:
    """Return the one of the two that is not refused; the last named if neither or both are."""
    refused_english, refused_persian = _is_refused(plain, english), _is_refused(plain, persian)
    if refused_english != refused_persian:
        return "fa" if refused_english else "en"
    return "en" if english.start() > persian.start() else "fa"


def _is_refused(plain: str, named: re.Match[str] | None) -> bool:
    """Tell whether the clause around a language's name turns it down."""
    if named is None:
        return False
    start = max(plain.rfind(mark, 0, named.start()) for mark in ",،.!؟?") + 1
    ends = [end for mark in ",،.!؟?" if (end := plain.find(mark, named.end())) >= 0]
    return _REFUSED.search(plain[start : min(ends, default=len(plain))]) is not None


def _other(language: Language) -> Language:
    return "fa" if language == "en" else "en"
