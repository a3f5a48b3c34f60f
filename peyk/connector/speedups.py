"""Small, measured replacements in Rasa 3.6.21; `PEYK_RASA_SPEEDUPS=0` leaves Rasa as it comes.

Each replacement looks first whether Rasa still has what it replaces, and otherwise leaves it with a warning.
The time an action may take is bounded in any case.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import sqlite3
import tarfile
from collections.abc import Callable
from copy import copy, deepcopy
from types import TracebackType
from typing import Any

import aiohttp
import rasa.core.actions.action as rasa_actions
import rasa.core.tracker_store as rasa_tracker_store
import rasa.engine.storage.local_model_storage as rasa_storage
import rasa.shared.utils.validation as rasa_validation
import rasa.utils.endpoints as rasa_endpoints
from jsonschema.validators import validator_for
from rasa.core.lock_store import LockStore
from rasa.shared.core.events import Event
from rasa.shared.importers.importer import E2EImporter
from rasa.shared.nlu.constants import INTENT, RESPONSE
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sqlalchemy.pool import QueuePool

from peyk.connector import faster_store, faster_turns
from peyk.connector.replacing import left, takes

SWITCH = "PEYK_RASA_SPEEDUPS"
ACTION_TIMEOUT = "PEYK_ACTION_TIMEOUT_S"
DEFAULT_ACTION_TIMEOUT_S = 15.0
LOCK_WAIT_S = 0.05
SQLITE_TIMEOUT_S = 15


def enabled() -> bool:
    """Tell whether the speed-ups are wanted."""
    return os.environ.get(SWITCH, "1") not in {"0", "false", "no"}


def apply() -> list[str]:
    """Bound the time of actions, put the wanted speed-ups in place; return the names of what was done."""
    steps: list[Callable[[], bool]] = [bound_action_time]
    if enabled():
        steps += [
            cache_result_validator,
            cache_event_types,
            share_action_session,
            shorten_lock_wait,
            tune_tracker_store,
            *FOR_SERVING,
        ]
        steps += FOR_TRAINING
    return [step.__name__ for step in steps if step()]


def bound_action_time() -> bool:
    """Wait for an action as long as `PEYK_ACTION_TIMEOUT_S` says; Rasa's own 300 s outlast any customer."""
    if not hasattr(rasa_actions, "DEFAULT_REQUEST_TIMEOUT"):
        return left("the time-out of actions")
    rasa_actions.DEFAULT_REQUEST_TIMEOUT = float(os.environ.get(ACTION_TIMEOUT, DEFAULT_ACTION_TIMEOUT_S))
    return True


def cache_result_validator() -> bool:
    """Build the JSON-schema validator of action results once; Rasa builds and checks it for every call."""
    action = rasa_actions.RemoteAction
    stock: Any = getattr(action, "_validate_action_result", None)
    if not takes(stock, ["self", "result"]):
        return left("RemoteAction._validate_action_result")
    schema = action.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def _validate_action_result(self: Any, result: Any) -> bool:
        # The stock function is asked only for its own error.
        return True if validator.is_valid(result) else stock(self, result)

    action._validate_action_result = _validate_action_result
    return True


def cache_event_types() -> bool:
    """Remember which class an event name means; Rasa walks all subclasses for every event of a tracker."""
    stock: Any = getattr(Event, "resolve_by_type", None)
    if not takes(stock, ["type_name", "default"]):
        return left("Event.resolve_by_type")
    known: dict[str, Any] = {}

    def resolve_by_type(type_name: str, default: Any = None) -> Any:
        found = known.get(type_name)
        if found is None:
            found = stock(type_name, default)
            if found is not None and found.type_name == type_name:
                known[type_name] = found
        return found

    Event.resolve_by_type = staticmethod(resolve_by_type)
    return True


_kept_sessions: list[aiohttp.ClientSession] = []


class _Shared:
    """A session that outlives the `async with` Rasa puts round each call."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def cache_mark_validator() -> bool:
    """Build the JSON-schema validator of entity marks once; Rasa checks its own schema anew for every mark it reads."""
    stock: Any = getattr(rasa_validation, "validate_training_data", None)
    if not takes(stock, ["json_data", "schema"]):
        return left("validate_training_data")
    validators: dict[str, Any] = {}

    def validate_training_data(json_data: Any, schema: dict[str, Any]) -> None:
        key = repr(schema)
        if key not in validators:
            validators[key] = validator_for(schema)(schema)
        if not validators[key].is_valid(json_data):
            # For Rasa's own words.
            stock(json_data, schema)

    rasa_validation.validate_training_data = validate_training_data
    return True


def read_examples_once() -> bool:
    """Read and merge the examples once; Rasa does it for each language it is asked in, and YAML has no use for it."""
    stock: Any = getattr(E2EImporter, "get_nlu_data", None)
    if not takes(stock, ["self", "language"]):
        return left("E2EImporter.get_nlu_data")

    def get_nlu_data(self: Any, language: str | None = None) -> Any:  # noqa: ARG001  Rasa passes it by name
        return stock(self, "en")

    E2EImporter.get_nlu_data = get_nlu_data
    return True


def keep_fingerprints() -> bool:
    """Leave a clean example as it is; Rasa sets what it says already and so forgets its fingerprint at every merge."""
    stock: Any = getattr(TrainingData, "sanitize_examples", None)
    if not takes(stock, ["examples"]):
        return left("TrainingData.sanitize_examples")

    def sanitize_examples(examples: list[Message]) -> list[Message]:
        labels = ((example.get(INTENT), example.get(RESPONSE)) for example in examples)
        if all(label is None or label == label.strip() for of_example in labels for label in of_example):
            return list(dict.fromkeys(examples))
        cleaned: list[Message] = stock(examples)
        return cleaned

    TrainingData.sanitize_examples = staticmethod(sanitize_examples)
    return True


def merge_without_deep_copies() -> bool:
    """Copy of an example what can be changed when data is merged; Rasa copies every word of it at every merge."""
    stock: Any = getattr(TrainingData, "merge", None)
    if not (callable(stock) and list(inspect.signature(stock).parameters) == ["self", "others"]):
        return left("TrainingData.merge")

    def merge(self: TrainingData, *others: TrainingData | None) -> TrainingData:
        parts = [part for part in (self, *others) if part]
        rest: TrainingData = stock(*(_without_examples(part) for part in parts))
        copies = [_copied(example) for part in parts for example in part.training_examples]
        return TrainingData(copies, rest.entity_synonyms, rest.regex_features, rest.lookup_tables, rest.responses)

    TrainingData.merge = merge
    return True


def _without_examples(data: TrainingData) -> TrainingData:
    return TrainingData([], data.entity_synonyms, data.regex_features, data.lookup_tables, data.responses)


def _copied(example: Message) -> Message:
    """Return an example that shares nothing with the other that can be changed, as `deepcopy` would."""
    twin = copy(example)
    twin.data = {
        name: deepcopy(value) if isinstance(value, list | dict) else value for name, value in example.data.items()
    }
    twin.features = deepcopy(example.features)
    twin.output_properties = set(example.output_properties)
    return twin


def pack_models_fast() -> bool:
    """Pack models at gzip's fastest level; its best, which Rasa takes, is a sixth of the training for a tenth less."""
    stock: Any = getattr(rasa_storage, "TarSafe", None)
    if not (inspect.isclass(stock) and issubclass(stock, tarfile.TarFile)):
        return left("TarSafe of model storage")

    class FastTar(stock):  # type: ignore[misc]  # its package has no types
        @classmethod
        def open(cls, name: Any = None, mode: str = "r", **options: Any) -> Any:
            if mode == "w:gz":
                options.setdefault("compresslevel", 1)
            return stock.open(name, mode, **options)

    rasa_storage.TarSafe = FastTar
    return True


# What a message costs in a server.
FOR_SERVING: tuple[Callable[[], bool], ...] = (
    faster_store.read_events_plainly,
    faster_store.save_without_counting,
    faster_turns.validate_plain_results,
    faster_turns.copy_slots_plainly,
    faster_turns.run_graph_by_plan,
    faster_turns.share_past_states,
    faster_turns.match_rules_by_last_action,
    faster_turns.remember_a_full_domain,
)

# What training and `nlu-report` need of these.
FOR_TRAINING: tuple[Callable[[], bool], ...] = (
    cache_mark_validator,
    read_examples_once,
    keep_fingerprints,
    merge_without_deep_copies,
    pack_models_fast,
)


def share_action_session() -> bool:
    """Keep one HTTP session an endpoint and event loop; Rasa opens a new connection for every call."""
    endpoint = rasa_endpoints.EndpointConfig
    stock: Any = getattr(endpoint, "session", None)
    if not takes(stock, ["self"]):
        return left("EndpointConfig.session")

    def session(self: Any) -> Any:
        loop = asyncio.get_running_loop()
        kept = self.__dict__.get("_peyk_session")
        if kept is None or kept[0] is not loop or kept[1].closed:
            kept = (loop, stock(self))
            self.__dict__["_peyk_session"] = kept
            _kept_sessions.append(kept[1])
        return _Shared(kept[1])

    endpoint.session = session
    return True


async def close_sessions() -> None:
    """Close the sessions that were kept; called when the server stops."""
    while _kept_sessions:
        await _kept_sessions.pop().close()


def shorten_lock_wait() -> bool:
    """Look for a freed conversation every 50 ms; Rasa looks once a second."""
    stock: Any = getattr(LockStore, "_acquire_lock", None)
    if not takes(stock, ["self", "conversation_id", "ticket", "wait_time_in_seconds"]):
        return left("LockStore._acquire_lock")

    async def _acquire_lock(self: Any, conversation_id: str, ticket: int, wait_time_in_seconds: float) -> Any:
        return await stock(self, conversation_id, ticket, min(wait_time_in_seconds, LOCK_WAIT_S))

    LockStore._acquire_lock = _acquire_lock
    return True


def tune_tracker_store() -> bool:
    """Keep SQLite connections of the tracker store open, with a write-ahead log: no fsync for every message.

    On PostgreSQL a kept connection is tried before it is used: after a restart of the database Rasa would go on in its
    memory, with a conversation it knows nothing of.
    """
    stock: Any = getattr(rasa_tracker_store, "create_engine_kwargs", None)
    if not takes(stock, ["url"]):
        return left("create_engine_kwargs")

    def create_engine_kwargs(url: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = stock(url)
        if str(url).startswith("sqlite:///"):
            arguments = {"factory": _TunedConnection, "check_same_thread": False, "timeout": SQLITE_TIMEOUT_S}
            kwargs |= {"poolclass": QueuePool, "connect_args": arguments}
        else:
            kwargs["pool_pre_ping"] = True
        return kwargs

    rasa_tracker_store.create_engine_kwargs = create_engine_kwargs
    return True


class _TunedConnection(sqlite3.Connection):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute("PRAGMA journal_mode=WAL")
        self.execute("PRAGMA synchronous=NORMAL")
