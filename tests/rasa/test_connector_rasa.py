"""The speed-ups, and the files that point Rasa at its neighbours."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rasa.core.actions.action as rasa_actions
import rasa.core.tracker_store as rasa_tracker_store
import rasa.engine.storage.local_model_storage as rasa_storage
import rasa.shared.nlu.training_data.loading as rasa_loading
import rasa.shared.utils.validation as rasa_validation
import rasa.utils.endpoints as rasa_endpoints
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.lock_store import InMemoryLockStore, LockStore
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.run import create_http_input_channels
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.importers.importer import E2EImporter, TrainingDataImporter
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RESPONSE_KEY, RESPONSE, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from peyk.connector import PeykInput, faster_store, faster_turns, speedups
from peyk.connector.__main__ import with_auth_token
from tests.rasa.connector_helpers import PATCHED, SECRET, action_server, put_back, run_action
from tests.rasa.nlu_helpers import write_project

ROOT = Path(__file__).parents[2]
ROWS = [("hello", "greet "), ("hi", "greet"), ("no", "deny"), ("hi", "greet")]


@pytest.fixture(autouse=True)
def stock_rasa(monkeypatch: pytest.MonkeyPatch) -> None:
    put_back(monkeypatch)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set what the launcher sets."""
    monkeypatch.setenv("PEYK_RUN_SECRET", SECRET)
    monkeypatch.setenv("PEYK_ACTION_URL", "http://127.0.0.1:1/webhook")
    monkeypatch.setenv("PEYK_TRACKER_URL", f"sqlite:///{tmp_path / 'rasa.db'}")


class TestSpeedups:
    def test_all_fit_this_rasa(self, caplog: pytest.LogCaptureFixture) -> None:
        assert len(speedups.apply()) == 19
        assert caplog.records == []

    def test_the_switch_leaves_rasa_as_it_comes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(speedups.SWITCH, "0")
        before = [inspect.getattr_static(owner, name) for owner, name in PATCHED[1:]]
        assert speedups.apply() == ["bound_action_time"]
        assert [inspect.getattr_static(owner, name) for owner, name in PATCHED[1:]] == before
        assert "__copy__" not in vars(Slot)

    @pytest.mark.parametrize(
        ("step", "owner", "name"),
        [
            (speedups.cache_result_validator, rasa_actions.RemoteAction, "_validate_action_result"),
            (speedups.cache_event_types, Event, "resolve_by_type"),
            (speedups.share_action_session, rasa_endpoints.EndpointConfig, "session"),
            (speedups.shorten_lock_wait, LockStore, "_acquire_lock"),
            (speedups.tune_tracker_store, rasa_tracker_store, "create_engine_kwargs"),
            (speedups.cache_mark_validator, rasa_validation, "validate_training_data"),
            (speedups.read_examples_once, E2EImporter, "get_nlu_data"),
            (speedups.keep_fingerprints, TrainingData, "sanitize_examples"),
            (speedups.merge_without_deep_copies, TrainingData, "merge"),
            (speedups.pack_models_fast, rasa_storage, "TarSafe"),
            (faster_store.read_events_plainly, SQLTrackerStore, "_retrieve"),
            (faster_store.save_without_counting, SQLTrackerStore, "save"),
            (faster_turns.validate_plain_results, rasa_actions.RemoteAction, "_validate_action_result"),
            (faster_turns.copy_slots_plainly, Slot, "__copy__"),
            (faster_turns.run_graph_by_plan, DaskGraphRunner, "run"),
            (faster_turns.share_past_states, Domain, "states_for_tracker_history"),
            (faster_turns.share_past_states, Domain, "get_active_state"),
            (faster_turns.match_rules_by_last_action, RulePolicy, "_get_possible_keys"),
            (faster_turns.remember_a_full_domain, Domain, "is_empty"),
        ],
    )
    def test_another_rasa_is_left_alone(
        self,
        step: Callable[[], bool],
        owner: Any,
        name: str,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def other(unknown: object) -> None: ...

        monkeypatch.setattr(owner, name, other, raising=False)
        caplog.set_level(logging.WARNING)
        assert step() is False
        assert inspect.getattr_static(owner, name) is other
        assert name in caplog.text

    def test_results_are_still_validated(self) -> None:
        assert speedups.cache_result_validator()
        action = rasa_actions.RemoteAction("action_track_order", None)
        good = {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"text": "hi"}]}
        assert action._validate_action_result(good) is True
        for bad in ({"events": "x"}, {"responses": [5]}, {"events": [{"event": "no_such_event"}]}):
            with pytest.raises(ValidationError, match="Failed to validate Action server response"):
                action._validate_action_result(bad)

    def test_events_mean_the_same_classes(self) -> None:
        names = ["slot", "user", "bot", "action", "restart", "session_started"]
        expected = [Event.resolve_by_type(name) for name in names]
        assert speedups.cache_event_types()
        for _ in range(2):
            assert [Event.resolve_by_type(name) for name in names] == expected
        assert Event.resolve_by_type("nonsense", SlotSet) is SlotSet
        assert Event.resolve_by_type("topic") is None
        with pytest.raises(ValueError, match="nonsense"):
            Event.resolve_by_type("nonsense")

    def test_the_examples_are_the_same_read_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        files = write_project(tmp_path)

        def fingerprints() -> list[str]:
            importer = TrainingDataImporter.load_from_config(files["config"], files["domain"], [files["nlu"]])
            return [importer.get_nlu_data(language).fingerprint() for language in ("fa", "en", "fa")]

        expected = fingerprints()
        reads: list[Any] = []
        read = rasa_loading.load_data

        def counted(*args: Any) -> Any:
            reads.append(args)
            return read(*args)

        monkeypatch.setattr(rasa_loading, "load_data", counted)
        assert speedups.read_examples_once()
        assert speedups.keep_fingerprints()
        assert speedups.merge_without_deep_copies()
        assert fingerprints() == expected
        assert len(reads) == 1

    def test_untidy_examples_are_still_tidied(self) -> None:
        def examples() -> list[Message]:
            return [Message({TEXT: text, INTENT: intent}) for text, intent in ROWS]

        expected = TrainingData(examples()).training_examples
        assert speedups.keep_fingerprints()
        assert TrainingData(examples()).training_examples == expected
        assert [example.get(INTENT) for example in TrainingData(examples()[1:]).training_examples] == ["greet", "deny"]

    def test_merged_examples_are_copies(self) -> None:
        def data(text: str) -> TrainingData:
            marks = [{"entity": "city", "value": "Shiraz", "start": 0, "end": 2}]
            return TrainingData([Message({TEXT: text, INTENT: "greet", ENTITIES: marks})], {text: "hi"})

        first, second = data("hi"), data("hello")
        expected = first.merge(second, None)
        assert speedups.merge_without_deep_copies()
        merged = first.merge(second, None)
        assert merged.fingerprint() == expected.fingerprint()
        merged.training_examples[0].set(INTENT, "deny")
        merged.training_examples[1].get(ENTITIES)[0]["value"] = "changed"
        assert first.training_examples[0].get(INTENT) == "greet"
        assert second.training_examples[0].get(ENTITIES)[0]["value"] == "Shiraz"
        assert merged.entity_synonyms == {"hi": "hi", "hello": "hi"}

    def test_answers_of_another_file_are_found_when_merged(self) -> None:
        asked = TrainingData([Message({TEXT: "when?", INTENT: "faq", INTENT_RESPONSE_KEY: "faq/hours"})])
        told = TrainingData(responses={"utter_faq/hours": [{"text": "We open at nine"}]})
        expected = asked.merge(told).training_examples[0].get(RESPONSE)
        assert expected == "We open at nine"
        assert speedups.merge_without_deep_copies()
        assert asked.merge(told).training_examples[0].get(RESPONSE) == expected

    def test_a_model_packed_fast_is_read_by_rasa_as_it_comes(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("سلام" * 1000, encoding="utf-8")
        stock = rasa_storage.TarSafe
        assert speedups.pack_models_fast()
        with rasa_storage.TarSafe.open(tmp_path / "model.tar.gz", "w:gz") as tar:
            tar.add(tmp_path / "a.txt", arcname="a.txt")
        # The byte of a gzip header that says how: 4 is the fastest.
        assert (tmp_path / "model.tar.gz").read_bytes()[8] == 4
        for reader in (stock, rasa_storage.TarSafe):
            with reader.open(tmp_path / "model.tar.gz", "r:gz") as tar:
                assert tar.getnames() == ["a.txt"]

    def test_calls_of_actions_share_one_connection(self) -> None:
        peers = []

        async def answer(request: web.Request) -> web.Response:
            peers.append(request.transport.get_extra_info("peername"))
            return web.json_response({"events": [], "responses": []})

        async def run() -> None:
            async with action_server(answer) as url:
                endpoint = rasa_endpoints.EndpointConfig(url)
                for _ in range(3):
                    assert await run_action(endpoint) == []

        assert speedups.share_action_session()
        asyncio.run(run())
        assert len(set(peers)) == 1
        # Another event loop gets a session of its own; the old one was closed.
        asyncio.run(run())
        assert len(peers) == 6

    def test_a_slow_action_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(speedups.ACTION_TIMEOUT, "0.1")

        async def run() -> None:
            leave = asyncio.Event()

            async def slow(_: web.Request) -> web.Response:
                await leave.wait()
                return web.json_response({})

            async with action_server(slow) as url:
                with pytest.raises(asyncio.TimeoutError):
                    await run_action(rasa_endpoints.EndpointConfig(url))
                leave.set()

        assert "bound_action_time" in speedups.apply()
        asyncio.run(run())

    def test_a_second_message_does_not_wait_a_second(self, monkeypatch: pytest.MonkeyPatch) -> None:
        naps: list[float] = []
        real_sleep = asyncio.sleep

        async def sleep(seconds: float) -> None:
            naps.append(seconds)
            await real_sleep(0)

        async def run() -> None:
            locks = InMemoryLockStore()
            begun = asyncio.Event()

            async def first() -> None:
                async with locks.lock("c-1"):
                    begun.set()
                    while not naps:
                        await real_sleep(0)

            holding = asyncio.ensure_future(first())
            await begun.wait()
            async with locks.lock("c-1"):
                pass
            await holding

        monkeypatch.setattr(asyncio, "sleep", sleep)
        assert speedups.shorten_lock_wait()
        asyncio.run(run())
        assert naps
        assert max(naps) <= speedups.LOCK_WAIT_S


class TestProjectFiles:
    @pytest.fixture
    def endpoints(self, environment: None) -> AvailableEndpoints:
        return AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))

    def test_credentials_hold_the_private_channel_only(self, environment: None) -> None:
        (channel,) = create_http_input_channels(None, str(ROOT / "credentials.yml"))
        assert isinstance(channel, PeykInput)
        assert channel._secret == SECRET.encode()

    def test_no_channel_without_a_secret(self) -> None:
        with pytest.raises(Exception, match="credentials"):
            PeykInput.from_credentials({"secret": ""})

    def test_the_action_server_is_shown_the_secret_and_spared_the_domain(self, endpoints: AvailableEndpoints) -> None:
        calls = []

        async def answer(request: web.Request) -> web.Response:
            calls.append((request.headers.get("X-Peyk-Secret"), request.query_string, await request.json()))
            return web.json_response({"events": [], "responses": []})

        async def run() -> None:
            async with action_server(answer) as url:
                endpoints.action.url = url
                await run_action(endpoints.action)

        asyncio.run(run())
        ((secret, query, body),) = calls
        assert (secret, query) == (SECRET, "")
        assert "domain" not in body
        assert body["sender_id"] == "c-1"

    @pytest.mark.parametrize("fast", [True, False])
    def test_the_tracker_store_keeps_conversations(
        self, endpoints: AvailableEndpoints, fast: bool, tmp_path: Path
    ) -> None:
        if fast:
            assert speedups.tune_tracker_store()
        store = TrackerStore.create(endpoints.tracker_store, Domain.empty())
        tracker = DialogueStateTracker.from_events("c-1", [UserUttered("سلام")])

        async def run() -> DialogueStateTracker | None:
            await store.save(tracker)
            return await store.retrieve("c-1")

        kept = asyncio.run(run())
        inner = getattr(store, "_tracker_store", store)
        assert isinstance(inner, SQLTrackerStore)
        with inner.engine.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        inner.engine.dispose()
        assert (tmp_path / "rasa.db").exists()
        assert mode == ("wal" if fast else "delete")
        assert kept is not None
        assert [event.text for event in kept.events if isinstance(event, UserUttered)] == ["سلام"]

    def test_a_connection_to_postgresql_is_tried_before_it_is_used(self) -> None:
        assert speedups.tune_tracker_store()
        kwargs = rasa_tracker_store.create_engine_kwargs("postgresql+psycopg2://localhost/peyk")
        assert kwargs["pool_pre_ping"]
        assert kwargs["pool_size"] > 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "-p", "5005"], ["run", "-p", "5005", "--auth-token=s3"]),
        (["run", "--auth-token", "x"], ["run", "--auth-token", "x"]),
        (["run", "--auth-token=x"], ["run", "--auth-token=x"]),
        (["run", "actions"], ["run", "actions"]),
        (["train", "nlu"], ["train", "nlu"]),
        ([], []),
    ],
)
def test_the_run_secret_is_no_command_line_argument(arguments: list[str], expected: list[str]) -> None:
    assert with_auth_token(arguments, "s3") == expected
    assert with_auth_token(arguments, "") == arguments
