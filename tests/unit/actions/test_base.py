"""What every action shares: one sentence for a failure, the form goes on, nothing is read twice."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import cast

import pytest
from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions._turn import Turn
from peyk.bootstrap import App
from peyk.errors import BadAnswer, ExternalError, NotFound, NotYet, RateLimited, Throttled, Unavailable
from tests.unit.actions.fakes import ACTIONS, LISTEN, TALK, TRACK, Chat, Line, done, every_action, limit
from tests.unit.actions.wording import DOMAIN, OWN_KEYS, ROOT, RULES
from tests.unit.services.fakes import CALLER

PERSIAN = re.compile("[\u0600-\u06ff]")
# Persian in these is what customers type (recognition), the shop's own data or settings, or marks in numbers.
PERSIAN_IS_MEANT = (
    "peyk/text/",
    "peyk/nlu/",
    "peyk/evaluation/noise.py",
    "peyk/i18n/digits.py",
    "peyk/i18n/money.py",
    "peyk/logging.py",
    "peyk/settings.py",
    "peyk/settings_systems.py",
    "peyk/adapters/orders/_reading.py",
    "peyk/adapters/orders/_rows.py",
    "peyk/adapters/orders/csv/reader.py",
    "peyk/adapters/demo_shop/",
    "peyk/adapters/storefront/demo/mapping.py",
)


def state_of(action: str) -> dict[str, str]:
    """Return what the form has always set by the time its own actions run."""
    ended = action == "action_submit_identity"
    return {"phone_number": "09121234567", "otp_outcome": "cancelled" if ended else "waiting"}


def sources(*packages: str) -> list[Path]:
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


def literals(path: Path) -> Iterator[tuple[ast.Constant, str]]:
    """Yield the string literals of a file that are no docstrings, each with its text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node, node.value


def failing(chat: Chat, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Make the question for tickets end in `error`."""

    def status(_caller: object) -> None:
        raise error

    monkeypatch.setattr(chat.world.tickets, "status", status)


class TestProject:
    def test_every_action_of_the_domain_is_there_and_no_other(self) -> None:
        assert set(every_action()) == set(DOMAIN["actions"])

    def test_every_rule_starts_with_an_action_that_is_there(self) -> None:
        assert set(RULES.values()) <= set(ACTIONS)

    def test_every_intent_of_the_domain_has_a_rule(self) -> None:
        intents = {next(iter(intent)) for intent in DOMAIN["intents"]}
        assert set(RULES) == intents | {"nlu_fallback"}

    def test_no_persian_sentence_in_python(self) -> None:
        checked = {path.relative_to(ROOT).as_posix(): path for path in sources("actions", "peyk")}
        found = {
            name: [text for _, text in literals(path) if PERSIAN.search(text)]
            for name, path in checked.items()
            if not name.startswith(PERSIAN_IS_MEANT)
        }
        assert len(found) > 50
        assert {name: values for name, values in found.items() if values} == {}

    @pytest.mark.parametrize("path", sources("actions"), ids=lambda path: path.stem)
    def test_actions_name_responses_and_never_word_them(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
        for call in calls:
            said = isinstance(call.func, ast.Attribute) and call.func.attr in {"say", "utter_message"}
            assert not (said and any(keyword.arg == "text" for keyword in call.keywords))
        # A sentence is several words; a key, a slot, a name or a placeholder is one.
        logged = {id(node) for call in calls for node in ast.walk(call) if _is_log(call)}
        spoken = [text for node, text in literals(path) if id(node) not in logged and len(text.split()) > 1]
        assert [value for value in spoken if path.stem != "__main__"] == []


def _is_log(call: ast.Call) -> bool:
    called = call.func
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "log"


class TestFailures:
    @pytest.mark.parametrize("error", [NotFound, NotYet, Unavailable, BadAnswer, RateLimited])
    def test_a_system_that_fails_is_one_honest_sentence(
        self, chat: Chat, monkeypatch: pytest.MonkeyPatch, error: type[ExternalError]
    ) -> None:
        failing(chat, monkeypatch, error("helpdesk", "secret detail"))
        answer = chat.ask("action_tell_ticket_status", "تیکتم چی شد", "ask_ticket_status")
        assert answer.events == [LISTEN]
        assert answer.said == [Line(f"utter_general_{error.kind}")]
        assert "secret" not in answer.text

    def test_a_limit_is_said_and_told_to_the_edge(self, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
        failing(chat, monkeypatch, Throttled("order_guess.address", 300))
        answer = chat.ask("action_tell_ticket_status", "تیکتم چی شد", "ask_ticket_status")
        assert answer.events == [LISTEN]
        assert answer.said == [Line("utter_general_too_many", custom=limit("order_guess.address", 300))]

    @pytest.mark.parametrize("error", [ValueError("secret detail"), KeyError("x"), ZeroDivisionError()])
    def test_a_fault_of_ours_is_one_sentence_and_no_traceback(
        self, chat: Chat, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        failing(chat, monkeypatch, error)
        answer = chat.ask("action_tell_ticket_status", "تیکتم چی شد", "ask_ticket_status")
        assert answer.events == [LISTEN]
        assert answer.said == [Line("utter_general_trouble")]
        assert "secret" not in answer.text

    @pytest.mark.parametrize("name", sorted(ACTIONS))
    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_every_action_survives_services_that_all_fail(
        self, chat: Chat, monkeypatch: pytest.MonkeyPatch, name: str, language: str
    ) -> None:
        """Whatever is in the message: no exception leaves, and every sentence is whole."""
        chat.slots |= state_of(name) | {"language": language, "order_id": "TS-104233"}
        chat.world.verifications.error = Unavailable("store")
        chat.world.orders.error = Unavailable("shop")
        chat.world.storefront.error = Unavailable("shop")
        for method in ("tickets_of", "open"):
            monkeypatch.setattr(chat.world.helpdesk, method, _unavailable)
        chat.hear("TS-104233", "greet", order_id="TS-104233", city="Tehran")
        answer = chat.run(name)
        assert answer.said or answer.events

    @pytest.mark.parametrize("name", sorted(ACTIONS))
    @pytest.mark.parametrize("language", ["fa", "en"])
    def test_every_action_answers_a_message_with_nothing_in_it(self, chat: Chat, name: str, language: str) -> None:
        chat.slots |= state_of(name) | {"language": language}
        answer = chat.ask(name, "", "greet")
        assert answer.said or answer.events

    def test_a_failure_in_the_form_keeps_the_form_going(self, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
        failing(chat, monkeypatch, Unavailable("helpdesk"))
        chat.active_loop = "identity_form"
        answer = chat.ask("action_tell_ticket_status", "تیکتم چی شد", "ask_ticket_status")
        assert answer.events == [FollowupAction("identity_form"), SlotSet("consumed_message", chat.id)]
        assert answer.responses == ["utter_general_unavailable"]


def _unavailable(**_: object) -> None:
    raise Unavailable("helpdesk")


class TestForm:
    def test_a_side_question_is_answered_and_the_form_goes_on(self, chat: Chat) -> None:
        chat.active_loop = "identity_form"
        answer = chat.ask("action_chat", "ممنون", "thank")
        assert answer.events == [FollowupAction("identity_form"), SlotSet("consumed_message", chat.id)]
        assert answer.said == [Line("utter_general_thank")]

    def test_outside_the_form_the_turn_ends(self, chat: Chat) -> None:
        assert chat.ask("action_chat", "ممنون", "thank").events == [LISTEN]

    def test_steps_inside_the_form_leave_what_follows_to_the_form(self) -> None:
        own = {name for name, action in ACTIONS.items() if action.inside_form}
        assert own == {
            "validate_identity_form",
            "action_ask_identity_form_phone_number",
            "action_ask_identity_form_otp_code",
        }

    def test_a_message_the_form_has_taken_is_read_by_nobody_else(self, chat: Chat) -> None:
        chat.hear("09121234567", "track_order", phone_number="09121234567")
        chat.slots["consumed_message"] = chat.id
        answer = chat.run("action_track_order")
        assert answer.responses == ["utter_tracking_ask_number"]

    def test_the_next_message_is_read_again(self, chat: Chat) -> None:
        chat.hear("09121234567", "track_order", phone_number="09121234567")
        chat.slots["consumed_message"] = chat.id
        answer = chat.ask("action_track_order", "09121234567", "track_order", phone_number="09121234567")
        assert FollowupAction("identity_form") in answer.events


class TestTurn:
    def test_the_caller_is_who_the_edge_vouches_for(self, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[object] = []

        def status(caller: object) -> list[object]:
            asked.append(caller)
            return []

        monkeypatch.setattr(chat.world.tickets, "status", status)
        chat.ask("action_tell_ticket_status", "تیکتم چی شد", "ask_ticket_status")
        assert asked == [CALLER]

    def test_only_what_is_said_reaches_rasa(self, chat: Chat) -> None:
        """Rasa keeps every value it is given with the conversation."""
        chat.hear("", "greet")
        dispatcher = CollectingDispatcher()
        tracker = Tracker("conversation-1", chat.slots, chat.message, [], False, None, {}, None)
        turn = Turn(cast(App, chat.app), dispatcher, tracker)
        turn.say("utter_tracking_not_found", order_id="TS-104233", payment_ref="A-1", items="headphones", unpaid=True)
        (message,) = dispatcher.messages
        assert set(message) - OWN_KEYS == {"order_id"}
        assert message["order_id"] == "TS-104233"

    def test_services_that_hang_keep_no_other_turn_waiting(self, chat: Chat) -> None:
        chat.hear("", "greet")
        tracker = Tracker("conversation-1", chat.slots, chat.message, [], False, None, {}, None)
        turn, never = Turn(cast(App, chat.app), CollectingDispatcher(), tracker), Event()

        async def many() -> None:
            hanging = [asyncio.ensure_future(turn.call(never.wait)) for _ in range(50)]
            await asyncio.sleep(0)
            assert await turn.call(lambda: 42) == 42
            assert not any(each.done() for each in hanging)
            never.set()
            assert await asyncio.gather(*hanging) == [True] * 50

        asyncio.run(asyncio.wait_for(many(), 30))

    def test_a_turn_has_one_time_limit(self, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
        began: list[float] = []
        monkeypatch.setattr("actions._base.begin_turn", began.append)
        chat.ask("action_chat", "سلام", "greet")
        assert began == [chat.world.settings.deadline_s]

    def test_without_a_language_it_is_the_shops(self, chat: Chat) -> None:
        chat.slots["language"] = ""
        assert chat.ask("action_chat", "سلام", "greet").titles == [["پیگیری سفارش", "گفت‌وگو با پشتیبان"]]

    def test_buttons_speak_the_language_and_their_payloads_stay(self, chat: Chat) -> None:
        chat.slots["language"] = "en"
        answer = chat.ask("action_chat", "hello", "greet")
        assert answer.said == [Line("utter_general_greet", (TRACK, TALK))]
        assert answer.titles == [["Track an order", "Talk to a person"]]

    @pytest.mark.parametrize(("misses", "events"), [(1, done(misses=0)), (0, done()), (None, done())])
    def test_an_understood_message_forgets_misses(self, chat: Chat, misses: int | None, events: list[object]) -> None:
        chat.slots["misses"] = misses
        assert chat.ask("action_chat", "سلام", "greet").events == events

    def test_names_are_those_of_the_domain(self) -> None:
        assert [name for name in DOMAIN["actions"] if ACTIONS[name].name() != name] == []
