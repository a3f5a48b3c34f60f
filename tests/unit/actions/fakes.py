"""A conversation with the real actions, over the services and their fakes; stands where Rasa stands."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

import actions
from actions._base import ServiceAction
from actions._turn import IDENTITY_FORM
from peyk.services import Services
from tests.unit.actions.wording import RULES, check_events, check_line
from tests.unit.services.fakes import CALLER
from tests.unit.services.people import as_service
from tests.unit.services.world import World

TALK = "/talk_to_human{}"
MY_ORDERS = "/press_my_orders{}"
CHANGE_MOBILE = "/press_change_mobile{}"
RESEND = "/press_resend{}"
TRACK = "/track_order{}"
REQUIRED = ("phone_number", "otp_code")
# Entities that fill the slot of their own name whatever is going on (the slot mappings of domain.yml).
ALWAYS_MAPPED = ("language", "order_id", "tracking_code", "phone_number", "city", "ticket_reason")
MOST_STEPS = 10
LISTEN = FollowupAction("action_listen")

Event = dict[str, Any]
Meaning = tuple[str, float]


def every_action() -> dict[str, ServiceAction]:
    """Return an instance of each action of the package, by its name."""
    modules = [importlib.import_module(f"actions.{each.name}") for each in pkgutil.iter_modules(actions.__path__)]
    classes = {member for module in modules for _, member in inspect.getmembers(module, inspect.isclass)}
    made = [each() for each in classes if issubclass(each, ServiceAction) and not each.__subclasses__()]
    return {action.name(): action for action in made}


ACTIONS = every_action()


@dataclass(frozen=True)
class Line:
    """One uttered response: its key, the payloads of its buttons, its `custom` object."""

    response: str
    buttons: tuple[str, ...] = ()
    custom: Any = field(default_factory=dict)


class About:
    """Equals a `custom` object about one order at a level, with nothing in it the level does not allow."""

    def __init__(self, number: str, status: str, level: int) -> None:
        self.number, self.status, self.level = number, status, level

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, dict):
            return False
        facts = other["order"]
        allowed = {"orderId", "status", "statusFa"} if self.level == 1 else set(facts)
        proven = self.level == 2
        security = {"verified": proven, "method": "otp" if proven else None, "level": self.level}
        said = (facts["orderId"], facts["status"], other["security"], set(facts))
        return said == (self.number, self.status, security, allowed) and (not proven or "items" in facts)

    def __hash__(self) -> int:
        return hash((self.number, self.status, self.level))

    def __repr__(self) -> str:
        return f"About({self.number}, {self.status}, level {self.level})"


def limit(scope: str, retry_after_s: int, *next_ids: str) -> dict[str, Any]:
    """Return the `custom` of a reached limit, in Persian."""
    titles = {"talk_to_human": "گفت‌وگو با پشتیبان"}
    next_actions = [{"id": each, "title": titles[each]} for each in next_ids]
    return {"limit": scope, "retry_after_s": retry_after_s, "nextActions": next_actions}


@dataclass(frozen=True)
class Answer:
    """What one action, or a whole turn, gave back."""

    events: list[Event]
    said: list[Line]
    texts: list[str]
    titles: list[list[str]]

    @property
    def responses(self) -> list[str]:
        return [line.response for line in self.said]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def slots(**values: Any) -> list[Event]:
    """Return the events that set these slots, in this order."""
    return [SlotSet(name, value) for name, value in values.items()]


def done(**values: Any) -> list[Event]:
    """Return the events that set these slots and end the turn."""
    return [*slots(**values), LISTEN]


class Chat:
    """A conversation: slots and the active form as Rasa keeps them, and one message at a time."""

    def __init__(self, world: World, language: str = "fa") -> None:
        self.world = world
        self.slots: dict[str, Any] = {"language": language}
        self.active_loop: str | None = None
        self.message: dict[str, Any] = {}
        self.steps: list[str] = []
        self._count = 0
        handoff = as_service(world.people)
        self.services = Services(world.tracking, world.identity, world.shipping, world.tickets, world.feedback, handoff)
        self.app = SimpleNamespace(settings=world.settings, clock=world.clock, services=self.services)

    @property
    def id(self) -> str:
        """The id of the message being answered."""
        return f"message-{self._count}"

    def hear(self, text: str = "", intent: str = "", *, ranking: Sequence[Meaning] = (), **found: Any) -> None:
        """Take a message as Rasa hands it over.

        `bare` is a number that may be an order or a code, `lone` one digit that may be a rating, `wish` the second
        thing asked for in the message, `others` what else the message may have meant.
        """
        self._count += 1
        entities = [
            {"entity": name, "value": value}
            for name, values in found.items()
            for value in (values if isinstance(values, list) else [values])
            if name not in {"bare", "lone", "wish", "others"}
        ]
        if "bare" in found:
            entities.append({"entity": "order_id", "role": "bare", "value": f"TS-{found['bare']}"})
            entities.append({"entity": "otp_code", "value": found["bare"]})
        if "lone" in found:
            entities.append({"entity": "rating", "role": "bare", "value": found["lone"]})
        self.message = {
            "text": text,
            "message_id": self.id,
            "intent": {"name": intent},
            "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking],
            "entities": entities,
            "metadata": {"address": CALLER.address, "correlation_id": CALLER.correlation_id},
        }
        if "wish" in found:
            self.message["second_wish"] = {"name": found["wish"], "confidence": 0.9}
        if "others" in found:
            self.message["other_meanings"] = found["others"]
        self._fill_slots(entities)

    def _fill_slots(self, entities: list[dict[str, Any]]) -> None:
        asked_code = self.active_loop == IDENTITY_FORM and self.slots.get("requested_slot") == "otp_code"
        for entity in entities:
            name, value = entity["entity"], entity["value"]
            mapped = name in ALWAYS_MAPPED and (entity.get("role") is None or self.active_loop is None)
            if mapped or (name == "otp_code" and asked_code):
                self.slots[name] = value

    def press(self, payload: str) -> None:
        """Press a button: its payload comes as the message."""
        intent, _, rest = payload.removeprefix("/").partition("{")
        self.hear(payload, intent, **json.loads("{" + rest))

    def run(self, name: str) -> Answer:
        """Run one action on the message; what it sets is kept."""
        self.steps.append(name)
        tracker = Tracker(
            CALLER.conversation_id,
            dict(self.slots),
            self.message,
            [],
            False,
            None,
            {"name": self.active_loop} if self.active_loop else {},
            None,
        )
        dispatcher = CollectingDispatcher()
        events = asyncio.run(ACTIONS[name].run(dispatcher, tracker, {}))
        check_events(events)
        self.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        texts = [
            check_line(message, self.slots["language"] or self.world.settings.default_language)
            for message in dispatcher.messages
        ]
        said = [
            Line(message["response"], tuple(b["payload"] for b in message["buttons"]), message["custom"])
            for message in dispatcher.messages
        ]
        titles = [[button["title"] for button in message["buttons"]] for message in dispatcher.messages]
        return Answer(events, said, texts, titles)

    def ask(self, name: str, text: str = "", intent: str = "", **found: Any) -> Answer:
        """Hear a message and run one action on it."""
        self.hear(text, intent, **found)
        return self.run(name)

    def form(self) -> Answer:
        """Do with the identity form what Rasa does: validate, then ask for the next slot, or end."""
        if self.active_loop is None:
            self.slots["requested_slot"] = None
        answer = self.run("validate_identity_form")
        self.active_loop = IDENTITY_FORM
        if any(event["event"] == "action_execution_rejected" for event in answer.events):
            return answer
        ended = SlotSet("requested_slot", None) in answer.events
        missing = None if ended else next((name for name in REQUIRED if self.slots.get(name) is None), None)
        self.slots["requested_slot"] = missing
        if missing is None:
            self.active_loop = None
            return _joined([answer, self.run("action_submit_identity")])
        return _joined([answer, self.run(f"action_ask_identity_form_{missing}")])

    def say(self, text: str = "", intent: str = "", **found: Any) -> Answer:
        """Answer a whole message by the rules: the form first, then the rule of the intent, then follow-ups."""
        self.hear(text, intent, **found)
        return self.turn()

    def press_turn(self, payload: str) -> Answer:
        """Answer the press of a button by the rules."""
        self.press(payload)
        return self.turn()

    def turn(self) -> Answer:
        """Answer the message heard last by the rules."""
        return _joined(list(self._steps()))

    def _steps(self) -> Iterator[Answer]:
        self.steps = []
        following: str | None = IDENTITY_FORM if self.active_loop else RULES[self.message["intent"]["name"]]
        while following:
            assert len(self.steps) < MOST_STEPS, f"the turn never ends: {self.steps}"
            answer = self.form() if following == IDENTITY_FORM else self.run(following)
            yield answer
            if any(event["event"] == "action_execution_rejected" for event in answer.events):
                following = RULES[self.message["intent"]["name"]]
            else:
                following = next((event["name"] for event in answer.events if event["event"] == "followup"), None)
                following = None if following == LISTEN["name"] else following


def _joined(answers: Sequence[Answer]) -> Answer:
    return Answer(
        [event for answer in answers for event in answer.events],
        [line for answer in answers for line in answer.said],
        [text for answer in answers for text in answer.texts],
        [titles for answer in answers for titles in answer.titles],
    )
