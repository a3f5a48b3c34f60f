"""A message costs less and means the same: whole conversations, and each replacement by itself."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import rasa
import rasa.core.actions.action as rasa_actions
import yaml
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import SQLTrackerStore
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.slots import BooleanSlot, TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from peyk.connector import faster_turns, speedups
from peyk.connector.channel import Collected
from tests.rasa.connector_helpers import EVENTS, action_server, put_back, rows_of

CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "tiny",
    "language": "en",
    "pipeline": [{"name": "WhitespaceTokenizer"}, {"name": "KeywordIntentClassifier"}],
    "policies": [
        {"name": "MemoizationPolicy", "max_history": 5},
        {"name": "RulePolicy", "core_fallback_action_name": "action_ask_back", "core_fallback_threshold": 0.3},
    ],
}
MAPPED = {"mappings": [{"type": "custom"}]}
DOMAIN = {
    "version": "3.1",
    "intents": ["greet", "track", "prove", "inform", "thank", "never"],
    "entities": ["order_id", "phone"],
    "slots": {
        "order_id": {"type": "text", "mappings": [{"type": "from_entity", "entity": "order_id"}]},
        "phone": {"type": "text", "mappings": [{"type": "from_entity", "entity": "phone"}]},
        "stage": {"type": "categorical", "values": ["out", "home"], "influence_conversation": True, **MAPPED},
        "misses": {"type": "float", "influence_conversation": False, **MAPPED},
    },
    "forms": {"proof": {"required_slots": ["phone"]}},
    "actions": ["action_track", "action_ask_back", "action_ask_phone", "validate_proof"],
    "responses": {"utter_hello": [{"text": "hello"}], "utter_proved": [{"text": "proved"}]},
    "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
}
DATA = {
    "version": "3.1",
    "nlu": [{"intent": "greet", "examples": "- hello\n- hi\n"}, {"intent": "thank", "examples": "- thanks\n"}],
    "rules": [
        {"rule": "greet", "steps": [{"intent": "greet"}, {"action": "utter_hello"}]},
        {"rule": "track", "steps": [{"intent": "track"}, {"action": "action_track"}]},
        {"rule": "prove", "steps": [{"intent": "prove"}, {"action": "proof"}, {"active_loop": "proof"}]},
        {
            "rule": "proved",
            "condition": [{"active_loop": "proof"}],
            "steps": [{"action": "proof"}, {"active_loop": None}, {"action": "utter_proved"}],
        },
    ],
    "stories": [
        {
            "story": "thanks",
            "steps": [
                {"intent": "track"},
                {"action": "action_track"},
                {"slot_was_set": [{"stage": "out"}]},
                {"intent": "thank"},
                {"action": "utter_hello"},
            ],
        }
    ],
}
SCRIPT = (
    "hello",
    '/track{"order_id": "TS-1"}',
    "thanks",
    "/prove",
    "hello",
    "something else",
    '/inform{"phone": "1"}',
    "thanks",
    "/session_start",
    "hello",
    "/track",
    "/back",
    "/restart",
    "/prove",
    '/inform{"phone": "wrong"}',
    '/inform{"phone": "2"}',
    "/never",
)
ANSWERS: dict[str, Any] = {
    "action_track": {"events": [{"event": "slot", "name": "stage", "value": "out"}], "responses": [{"text": "out"}]},
    "action_ask_back": {
        "events": [{"event": "slot", "name": "misses", "value": 1.0}, {"event": "followup", "name": "action_listen"}],
        "responses": [{"text": "what?"}],
    },
    "action_ask_phone": {"events": [], "responses": [{"text": "your phone?"}]},
}
SLOT = {"event": "slot", "name": "a", "value": None}
RESULTS: tuple[Any, ...] = (
    {},
    {"events": [], "responses": []},
    {"events": [SLOT, {"event": "followup", "name": "x"}, {"event": "active_loop", "name": None}]},
    {"events": [{**SLOT, "timestamp": 1.5, "metadata": {}}], "responses": [{"text": "hi"}, {}], "more": 1},
    {"events": [{**SLOT, "timestamp": 1}, {"event": "action_execution_rejected"}, {"event": "reset_slots"}]},
    {"events": [{"event": "user", "text": "hi"}, {"event": "restart"}]},
    {"events": [{"event": "slot", "name": "a"}]},
    {"events": [{"event": "slot", "name": 5, "value": 1}]},
    {"events": [{**SLOT, "timestamp": "now"}]},
    {"events": [{**SLOT, "timestamp": True}]},
    {"events": [{**SLOT, "metadata": []}]},
    {"events": [{"event": ["slot"]}]},
    {"events": [{"event": "no_such_event"}]},
    {"events": [{}]},
    {"events": ["slot"]},
    {"events": None},
    {"events": {}},
    {"responses": [5]},
    {"responses": None},
    [],
    None,
    "text",
)


@pytest.fixture(autouse=True)
def stock_rasa(monkeypatch: pytest.MonkeyPatch) -> None:
    put_back(monkeypatch)


async def answer(request: web.Request) -> web.Response:
    """Do what the actions of the tiny project do."""
    call = await request.json()
    name, slots = call["next_action"], call["tracker"]["slots"]
    if name != "validate_proof":
        return web.json_response(ANSWERS[name])
    if call["tracker"]["latest_message"]["intent"]["name"] == "greet":
        return web.json_response({"action_name": "proof", "error": "not now"}, status=400)
    phone = None if slots["phone"] == "wrong" else slots["phone"]
    return web.json_response({"events": [{"event": "slot", "name": "phone", "value": phone}], "responses": []})


class TestConversations:
    @pytest.fixture(scope="class")
    def model(self, tmp_path_factory: pytest.TempPathFactory) -> str:
        folder: Path = tmp_path_factory.mktemp("tiny")
        for name, content in {"config": CONFIG, "domain": DOMAIN, "data": DATA}.items():
            (folder / f"{name}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RASA_TELEMETRY_ENABLED", "false")
            patch.setenv("RASA_CACHE_DIRECTORY", str(folder / "cache"))
            files = (str(folder / f"{name}.yml") for name in ("domain", "config"))
            path = rasa.train(*files, [str(folder / "data.yml")], str(folder), fixed_model_name="tiny").model
        assert path is not None
        return str(path)

    def test_the_same_is_said_and_kept(self, model: str, tmp_path: Path) -> None:
        expected = asyncio.run(self._talk(model, tmp_path / "stock.db"))
        applied = speedups.apply()
        assert {step.__name__ for step in speedups.FOR_SERVING} <= set(applied)
        said, kept = asyncio.run(self._talk(model, tmp_path / "faster.db"))
        assert said == expected[0]
        assert kept == expected[1]
        assert len(kept) > 5 * len(SCRIPT)
        assert all(
            turn or text in {"/session_start", "/restart", "/back"} for turn, text in zip(said, SCRIPT, strict=True)
        )

    async def _talk(self, model: str, path: Path) -> tuple[list[Any], list[Any]]:
        """Go through the script; return what was said, and what was written, without the moments."""
        said = []
        async with action_server(answer) as url:
            store = SQLTrackerStore(Domain.empty(), host=f"sqlite:///{path}")
            agent = Agent.load(model, action_endpoint=EndpointConfig(url), tracker_store=store)
            for number, text in enumerate(SCRIPT):
                collected = Collected()
                await agent.handle_message(
                    UserMessage(text, collected, "c-1", input_channel="peyk", message_id=str(number))
                )
                said.append(collected.messages)
        return said, _written(store)


@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_results_pass_and_fail_as_before(result: Any) -> None:
    action = rasa_actions.RemoteAction("action_track", None)
    expected = _outcome(lambda: action._validate_action_result(copy.deepcopy(result)))
    assert faster_turns.validate_plain_results()
    assert _outcome(lambda: action._validate_action_result(copy.deepcopy(result))) == expected


def test_a_copied_slot_is_a_slot_of_its_own() -> None:
    slots = [TextSlot("city", [{}], initial_value="Shiraz"), BooleanSlot("sure", [{}])]
    expected = [vars(copy.copy(slot)) for slot in slots]
    assert faster_turns.copy_slots_plainly()
    twins = [copy.copy(slot) for slot in slots]
    assert [type(twin) for twin in twins] == [TextSlot, BooleanSlot]
    assert [vars(twin) for twin in twins] == expected
    twins[0].value = "Tabriz"
    assert slots[0].value == "Shiraz"
    twins[0].reset()
    assert (twins[0].value, twins[0].has_been_set) == ("Shiraz", False)


@pytest.mark.parametrize("error", [RuntimeError, ValueError])
def test_a_part_that_fails_fails_as_before(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    class Node:
        _eager, _hooks = True, ()

        def __call__(self, *_: Any) -> Any:
            raise error

    def minimal(_: list[str]) -> Any:
        return schema

    schema = SimpleNamespace(
        nodes={"part": SimpleNamespace(needs={"text": "__message__"})},
        target_names=["part"],
        minimal_graph_schema=minimal,
    )
    runner = DaskGraphRunner.__new__(DaskGraphRunner)
    monkeypatch.setattr(runner, "_graph_schema", schema, raising=False)
    monkeypatch.setattr(runner, "_instantiated_nodes", {"part": Node()}, raising=False)
    monkeypatch.setattr(runner, "_execution_context", None, raising=False)
    expected = GraphRunError if error is RuntimeError else error
    for replace in (lambda: True, faster_turns.run_graph_by_plan):
        assert replace()
        with pytest.raises(expected):
            runner.run(inputs={"__message__": []}, targets=["part"])


def test_policies_get_states_of_their_own() -> None:
    domain = Domain.from_dict(DOMAIN)
    tracker = DialogueStateTracker.from_events("c-1", copy.deepcopy(EVENTS[2:]), domain.slots)
    expected = [domain.states_for_tracker_history(tracker, ignore_rule_only_turns=ml) for ml in (False, True)]
    assert faster_turns.share_past_states()
    for _ in range(2):
        for ml in (False, True):
            states = domain.states_for_tracker_history(tracker, ignore_rule_only_turns=ml)
            assert states == expected[ml]
            states[-1]["user"].clear()
            states[-1]["slots"].clear()
    tracker.update(ActionExecuted("action_track"))
    assert domain.states_for_tracker_history(tracker)[-1]["prev_action"] == {"action_name": "action_track"}
    assert domain.states_for_tracker_history(DialogueStateTracker("c-1", [])) == [{}]


def test_an_empty_domain_stays_empty() -> None:
    assert faster_turns.remember_a_full_domain()
    for _ in range(2):
        assert Domain.empty().is_empty()
        assert not Domain.from_dict(DOMAIN).is_empty()


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ValidationError as exc:
        return exc.message
    except AttributeError as exc:
        return type(exc)


def _written(store: SQLTrackerStore) -> list[dict[str, Any]]:
    rows = rows_of(store, "c-1")
    store.engine.dispose()
    for row in rows:
        del row["timestamp"]
        row["data"] = json.loads(row["data"])
        del row["data"]["timestamp"]
    return rows
