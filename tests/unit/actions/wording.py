"""The project's YAML as the tests need it, and what must hold for every utterance and event."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
PLACEHOLDER = re.compile(r"{(\w+)}")
# What every message of the dispatcher holds beside the values of its response.
OWN_KEYS = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _responses() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "data/responses").glob("*.yml")):
        for key, variants in _load(path)["responses"].items():
            texts[key] = {variant["condition"][0]["value"]: variant["text"] for variant in variants}
    return texts


def _rules() -> dict[str, str]:
    """Return the action each intent's rule starts with."""
    rules: dict[str, str] = {}
    for path in sorted((ROOT / "data/rules").glob("*.yml")):
        for rule in _load(path)["rules"]:
            first, *rest = rule["steps"]
            for each in first.get("or", [first]):
                if "intent" in each:
                    rules[each["intent"]] = rest[0]["action"]
    return rules


DOMAIN = _load(ROOT / "domain.yml")
# The edge's own, which Rasa never sees.
COMMANDS = {"peyk:back_to_bot"}
INTENTS = [next(iter(intent)) if isinstance(intent, dict) else intent for intent in DOMAIN["intents"]]
ENTITIES = [next(iter(entity)) if isinstance(entity, dict) else entity for entity in DOMAIN["entities"]]
RESPONSES = _responses()
RULES = _rules()


def check_line(message: dict[str, Any], language: str) -> str:
    """Return the sentence as the customer reads it; fail on a missing key, a value missing, empty or not needed."""
    key = message["response"]
    assert key in RESPONSES, f"no such response: {key}"
    for each, text in RESPONSES[key].items():
        for name in PLACEHOLDER.findall(text):
            assert name in message, f"{key} ({each}) needs {name}"
    needed = {name for text in RESPONSES[key].values() for name in PLACEHOLDER.findall(text)}
    assert set(message) - OWN_KEYS <= needed, f"{key} is given what it does not say"
    template = RESPONSES[key][language]
    for name in PLACEHOLDER.findall(template):
        value = message[name]
        assert isinstance(value, str), f"{key}: {name} is {value!r}"
        assert value.strip(), f"{key} would have nothing in the place of {{{name}}}"
    _check_buttons(message)
    return PLACEHOLDER.sub(lambda match: str(message[match.group(1)]), template)


def _check_buttons(message: dict[str, Any]) -> None:
    for button in message["buttons"]:
        assert button["title"].strip()
        if button["payload"] in COMMANDS:
            continue
        intent, _, rest = button["payload"].removeprefix("/").partition("{")
        assert button["payload"].startswith("/")
        assert intent in INTENTS
        assert intent in RULES
        assert set(yaml.safe_load("{" + rest)) <= set(ENTITIES)
    if "nextActions" in message["custom"]:
        titles = [action["title"] for action in message["custom"]["nextActions"]]
        assert titles == [button["title"] for button in message["buttons"]]


def check_events(events: list[dict[str, Any]]) -> None:
    """Fail on a slot, an action or a form the domain does not know, and on two follow-ups."""
    for event in events:
        if event["event"] == "slot":
            assert event["name"] in {*DOMAIN["slots"], "requested_slot"}
        elif event["event"] == "active_loop":
            assert event["name"] is None
        else:
            assert event["event"] in {"followup", "action_execution_rejected"}
            assert event["name"] in {*DOMAIN["actions"], *DOMAIN["forms"], "action_listen"}
    assert sum(event["event"] == "followup" for event in events) <= 1
