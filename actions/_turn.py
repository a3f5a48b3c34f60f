"""One message being answered: who speaks, what was understood, what is said back, and the buttons under it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import yaml
from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from peyk import i18n
from peyk.bootstrap import App
from peyk.domain.conversations import Caller
from peyk.services import Services
from peyk.threads import in_thread

IDENTITY_FORM = "identity_form"
LISTEN = "action_listen"
RESPONSES = Path(__file__).resolve().parent.parent / "data" / "responses"
PLACEHOLDER = re.compile(r"{(\w+)}")
SECONDS_IN_WORDS = 90
# What the bot was at; none of it counts after people have had the conversation.
OPEN_MATTERS = (
    "pending_request",
    "pending_note",
    "pending_order",
    "pending_offer",
    "ticket_reason",
    "second_wish",
    "second_wish_words",
    "meaning_words",
    "otp_code",
    "otp_outcome",
)
MOST_TRIED = 10
_RASAS_OWN = frozenset({LISTEN, "action_session_start", "action_extract_slots", "action_unlikely_intent"})

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Button:
    """A next step: `id` is its title's key in `peyk/i18n/texts/buttons.yml`.

    The payload stays on this side: the edge hands clients an opaque token for it. A `command` is for the edge itself.
    """

    id: str
    intent: str
    entities: tuple[tuple[str, Any], ...] = ()
    title_values: tuple[tuple[str, str], ...] = ()
    command: str = ""

    def title(self, language: str) -> str:
        """Return what stands on the button in `language`."""
        return i18n.text(f"button.{self.id}", language, **dict(self.title_values))

    def payload(self) -> str:
        """Return the payload in Rasa's syntax, or the edge's command."""
        return self.command or f"/{self.intent}{json.dumps(dict(self.entities), ensure_ascii=False)}"


@cache
def placeholders(response: str) -> frozenset[str]:
    """Return the names in braces of a response of `data/responses`; of an unknown one none."""
    return read_placeholders().get(response, frozenset())


@cache
def read_placeholders() -> dict[str, frozenset[str]]:
    """Return the names in braces of every response of `data/responses`, read once."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted(RESPONSES.glob("*.yml")):
        for key, variants in yaml.safe_load(path.read_text(encoding="utf-8"))["responses"].items():
            found[key] = frozenset(name for variant in variants for name in PLACEHOLDER.findall(variant["text"]))
    return found


class Turn:
    """One message being answered: who speaks, what was understood, and what is said back."""

    def __init__(self, app: App, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self.app = app
        self._dispatcher = dispatcher
        self._tracker = tracker
        self.events: list[EventType] = []
        message = tracker.latest_message or {}
        metadata = message.get("metadata") or {}
        self.caller = Caller(
            conversation_id=tracker.sender_id,
            address=str(metadata.get("address", "")),
            correlation_id=str(metadata.get("correlation_id", "")),
        )
        self.in_form = (tracker.active_loop or {}).get("name") == IDENTITY_FORM
        self.message_id: str = str(message.get("message_id") or "")
        # After the form has taken the message (a one-time code, a mobile), nobody may read it again.
        self.consumed = bool(self.message_id) and tracker.get_slot("consumed_message") == self.message_id
        self.text: str = "" if self.consumed else str(message.get("text") or "")
        self.intent: str = str((message.get("intent") or {}).get("name") or "")
        self.ranking: list[dict[str, Any]] = list(message.get("intent_ranking") or [])
        self.second_wish: str | None = None if self.consumed else (message.get("second_wish") or {}).get("name")
        self.other_meanings: list[str] = [] if self.consumed else list(message.get("other_meanings") or [])
        # Whether something was done that a customer cannot undo by saying it in other words.
        self.acted = False
        # Whether the conversation goes to a person with this turn: then nothing follows.
        self.handed_over = False
        self._entities: list[dict[str, Any]] = [] if self.consumed else list(message.get("entities") or [])

    @property
    def services(self) -> Services:
        """The use cases."""
        return self.app.services

    @property
    def language(self) -> str:
        """The language to answer in: "fa" or "en"."""
        return str(self.slot("language") or self.app.settings.default_language)

    @property
    def words(self) -> str:
        """What the customer wrote; empty when a button was pressed or the form has taken the message.

        A button that says what a message meant stands for the words of that message.
        """
        return str(self._tracker.get_slot("meaning_words") or "") if self.pressed else self.text

    @property
    def pressed(self) -> bool:
        """Whether this message is a button, not text."""
        return self.text.startswith("/")

    @property
    def tried(self) -> tuple[str, ...]:
        """The actions run so far in this conversation, oldest first, the last few."""
        names = [str(event.get("name")) for event in self._tracker.events or [] if event.get("event") == "action"]
        own = [name for name in names if name.startswith("action_") and name not in _RASAS_OWN]
        return tuple(dict.fromkeys(reversed(own)))[:MOST_TRIED][::-1]

    def slot(self, name: str) -> Any:
        """Return a slot as it is now, with what this turn has set."""
        for event in reversed(self.events):
            if event.get("event") == "slot" and event.get("name") == name:
                return event.get("value")
        return self._tracker.get_slot(name)

    def entities(self, name: str) -> list[Any]:
        """Return the values of an entity in this message, in order of appearance."""
        return [entity["value"] for entity in self._entities if entity.get("entity") == name]

    def entity(self, name: str, role: str | None = None) -> Any:
        """Return the first value of an entity in this message, or None; `role` "" takes only those without a role."""
        for entity in self._entities:
            if entity.get("entity") == name and role in (None, entity.get("role") or ""):
                return entity["value"]
        return None

    def wait(self, name: str) -> str:
        """Return a slot of seconds as a time to wait: seconds up to a minute and a half, else minutes."""
        seconds = max(1, int(self.slot(name) or 0))
        if seconds <= SECONDS_IN_WORDS:
            return i18n.count("seconds", seconds, self.language)
        return i18n.count("minutes", -(-seconds // 60), self.language)

    def sets(self, name: str) -> bool:
        """Tell whether this turn has set a slot."""
        return any(event.get("event") == "slot" and event.get("name") == name for event in self.events)

    def set_slots(self, **values: Any) -> None:
        """Set slots; a value that is there already is not set again."""
        for name, value in values.items():
            if self.slot(name) != value:
                self.events.append(SlotSet(name, value))

    def leave(self) -> None:
        """Leave what was going on, an open form too; the turn ends with it."""
        self.set_slots(**dict.fromkeys(OPEN_MATTERS))
        if self.slot("misses"):
            self.set_slots(misses=0)
        if self.in_form:
            self.set_slots(requested_slot=None)
            self.events.append(ActiveLoop(None))
        if self.follows is None:
            self.follow(LISTEN)

    def follow(self, action: str) -> None:
        """Let `action` run next in this same turn."""
        self.events.append(FollowupAction(action))

    @property
    def follows(self) -> str | None:
        """The action that runs next in this turn, if one was named."""
        return next((event["name"] for event in self.events if event.get("event") == "followup"), None)

    @property
    def payloads(self) -> list[str]:
        """The payloads of the buttons shown in this turn."""
        return [button["payload"] for message in self._dispatcher.messages for button in message.get("buttons") or []]

    def forget_words(self) -> None:
        """Forget the words of an unclear message once the next one has been answered."""
        if self._tracker.get_slot("meaning_words") and not self.sets("meaning_words") and self.follows == LISTEN:
            self.set_slots(meaning_words=None)

    def say(
        self,
        response: str,
        *,
        buttons: Sequence[Button] = (),
        custom: dict[str, Any] | None = None,
        **values: Any,
    ) -> None:
        """Say a response of `data/responses`, with buttons and, for an order, the `custom` object."""
        if custom is not None:
            custom = custom | {"nextActions": [{"id": b.id, "title": b.title(self.language)} for b in buttons]}
        self._dispatcher.utter_message(
            response=response,
            # Rasa keeps what it is given with the conversation: nothing goes there that is not said.
            **{name: value for name, value in values.items() if name in placeholders(response)},
            buttons=[{"title": b.title(self.language), "payload": b.payload()} for b in buttons],
            json_message=custom or {},
        )

    async def act(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service that does something, such as opening a ticket."""
        self.acted = True
        return await self.call(function, *args, **kwargs)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service in a thread of its own: services block; neither the event loop nor another turn may wait."""
        call = partial(copy_context().run, function, *args, **kwargs)
        return await asyncio.wrap_future(in_thread(call))
