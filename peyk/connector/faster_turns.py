"""What Rasa does anew several times a message, done once or in fewer steps; what comes out stays the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME

from peyk.connector.replacing import left, takes

RULES_REMEMBERED = 4096
# Events the schema of results asks nothing of but their name.
FREE_EVENTS = frozenset({"active_loop", "followup", "action_execution_rejected", "reset_slots"})


def validate_plain_results() -> bool:
    """Pass a result with nothing in it but well-formed slots and the like; the schema tries 23 kinds for each event."""
    stock: Any = getattr(RemoteAction, "_validate_action_result", None)
    if not takes(stock, ["self", "result"]):
        return left("RemoteAction._validate_action_result")

    def _validate_action_result(self: Any, result: Any) -> bool:
        return _plain(result) or stock(self, result)

    RemoteAction._validate_action_result = _validate_action_result
    return True


def _plain(result: Any) -> bool:
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    return (
        isinstance(events, list)
        and all(isinstance(event, dict) and _plain_event(event) for event in events)
        and isinstance(responses, list)
        and all(isinstance(response, dict) for response in responses)
    )


def _plain_event(event: dict[str, Any]) -> bool:
    name, timestamp, metadata = event.get("event"), event.get("timestamp"), event.get("metadata")
    if name == "slot":
        known = isinstance(event.get("name"), str) and "value" in event
    else:
        known = isinstance(name, str) and name in FREE_EVENTS
    return (
        known
        and (timestamp is None or type(timestamp) in {int, float})
        and (metadata is None or isinstance(metadata, dict))
    )


def copy_slots_plainly() -> bool:
    """Copy a slot by its attributes; Rasa copies all of them nine times a message, by the general way of `copy`."""
    if any(name in vars(Slot) for name in ("__copy__", "__reduce__", "__reduce_ex__", "__getstate__", "__slots__")):
        return left("Slot.__copy__")

    def __copy__(self: Any) -> Any:  # noqa: N807
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    Slot.__copy__ = __copy__
    return True


def run_graph_by_plan() -> bool:
    """Run the parts of a loaded model in an order found once; Rasa builds a dask graph for every prediction.

    In training dask stays: it lets go of what no part needs any more.
    """
    stock: Any = getattr(DaskGraphRunner, "run", None)
    if not takes(stock, ["self", "inputs", "targets"]):
        return left("DaskGraphRunner.run")

    def run(self: Any, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        wanted = tuple(targets or self._graph_schema.target_names)
        plans = self.__dict__.setdefault("_peyk_plans", {})
        if wanted not in plans:
            plans[wanted] = _plan(self, wanted) if _is_loaded(self) else None
        plan = plans[wanted]
        if plan is None or not inputs or any(name in self._instantiated_nodes for name in inputs):
            result: dict[str, Any] = stock(self, inputs, targets)
            return result
        done = {name: (name, value) for name, value in inputs.items()}
        try:
            for name, node, needs in plan:
                # What nobody brought is handed on as its name, for the node's own complaint.
                done[name] = node(*(done.get(need, need) for need in needs))
        except RuntimeError as exc:
            raise GraphRunError("Error running runner.") from exc
        return dict(done[target] for target in wanted)

    DaskGraphRunner.run = run
    return True


def _is_loaded(runner: Any) -> bool:
    return all(node._eager and not node._hooks for node in runner._instantiated_nodes.values())


def _plan(runner: Any, targets: tuple[str, ...]) -> list[tuple[str, Any, tuple[str, ...]]]:
    nodes = runner._graph_schema.minimal_graph_schema(list(targets)).nodes
    needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
    order = TopologicalSorter(needs).static_order()
    return [(name, runner._instantiated_nodes[name], needs[name]) for name in order if name in needs]


@dataclass(frozen=True, slots=True)
class _Moment:
    """What Rasa looks at of a tracker as it was before an action."""

    state: dict[str, Any]
    latest_action: dict[str, str] | None
    latest_action_name: str | None
    active_loop_name: str | None
    followup_action: str | None


@dataclass(frozen=True, slots=True)
class _Past:
    """The moments of a tracker, in the place of the tracker."""

    moments: list[tuple[_Moment, bool]]

    def generate_all_prior_trackers(self) -> list[tuple[_Moment, bool]]:
        return self.moments


def share_past_states() -> bool:
    """Replay a conversation once a prediction; each policy does it for itself, the rules twice."""
    stock: Any = getattr(Domain, "states_for_tracker_history", None)
    active: Any = getattr(Domain, "get_active_state", None)
    if not takes(stock, ["self", "tracker", "omit_unset_slots", "ignore_rule_only_turns", "rule_only_data"]):
        return left("Domain.states_for_tracker_history")
    if not takes(active, ["self", "tracker", "omit_unset_slots"]):
        return left("Domain.get_active_state")

    def get_active_state(self: Any, tracker: Any, omit_unset_slots: bool = False) -> Any:
        if type(tracker) is _Moment:
            # The policies change what they get.
            return {name: dict(part) for name, part in tracker.state.items()}
        return active(self, tracker, omit_unset_slots)

    def states_for_tracker_history(
        self: Any,
        tracker: Any,
        omit_unset_slots: bool = False,
        ignore_rule_only_turns: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> Any:
        if type(tracker) is not DialogueStateTracker or not tracker.events:
            return stock(self, tracker, omit_unset_slots, ignore_rule_only_turns, rule_only_data)
        # An event changes a tracker only when it is added to it, so the number and the last one say whether it is the
        # same still.
        number, last = len(tracker.events), tracker.events[-1]
        kept = tracker.__dict__.get("_peyk_past")
        if kept is None or not (kept[0] is self and kept[1] is last and kept[2:4] == (number, omit_unset_slots)):
            moments = [
                (_moment(tr, active(self, tr, omit_unset_slots)), hidden)
                for tr, hidden in tracker.generate_all_prior_trackers()
            ]
            kept = (self, last, number, omit_unset_slots, _Past(moments))
            tracker.__dict__["_peyk_past"] = kept
        return stock(self, kept[4], omit_unset_slots, ignore_rule_only_turns, rule_only_data)

    Domain.get_active_state = get_active_state
    Domain.states_for_tracker_history = states_for_tracker_history
    return True


def _moment(tracker: DialogueStateTracker, state: dict[str, Any]) -> _Moment:
    return _Moment(
        state,
        tracker.latest_action,
        tracker.latest_action_name,
        tracker.active_loop_name,
        tracker.followup_action,
    )


def match_rules_by_last_action() -> bool:
    """Look closely only at rules that go on from the same action, and only as far back as they reach."""
    stock: Any = getattr(RulePolicy, "_get_possible_keys", None)
    applicable: Any = getattr(RulePolicy, "_is_rule_applicable", None)
    if not takes(stock, ["self", "lookup", "states"]):
        return left("RulePolicy._get_possible_keys")
    if not takes(applicable, ["self", "rule_key", "turn_index", "conversation_state"]):
        return left("RulePolicy._is_rule_applicable")

    def _get_possible_keys(self: Any, lookup: dict[str, str], states: list[dict[str, Any]]) -> set[str]:
        possible = set(lookup)
        for index, state in enumerate(reversed(states)):
            action = _action_before(state)
            possible = {
                key
                for key in possible
                if not _another_action(key, index, action) and applicable(self, key, index, state)
            }
            if all(len(_actions_of(key)) <= index + 1 for key in possible):
                break
        return possible

    RulePolicy._get_possible_keys = _get_possible_keys
    return True


def _another_action(key: str, index: int, action: Any) -> bool:
    """Tell whether a rule certainly does not apply: both follow an action, and not the same one."""
    actions = _actions_of(key)
    of_rule = actions[index] if index < len(actions) else None
    return bool(of_rule and of_rule != SHOULD_NOT_BE_SET and action and of_rule != action)


@lru_cache(maxsize=RULES_REMEMBERED)
def _actions_of(key: str) -> list[Any]:
    """Return the actions before each turn of a rule, the last turn first."""
    return [_action_before(state) for state in reversed(json.loads(key))]


def _action_before(state: dict[str, Any]) -> Any:
    name = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    return name if isinstance(name, str) else None


def remember_a_full_domain() -> bool:
    """Remember that a domain is not empty; Rasa writes it out as a dictionary for every message to see that."""
    stock: Any = getattr(Domain, "is_empty", None)
    if not takes(stock, ["self"]):
        return left("Domain.is_empty")

    def is_empty(self: Any) -> bool:
        if "_peyk_full" not in self.__dict__:
            if stock(self):
                return True
            self.__dict__["_peyk_full"] = True
        return False

    Domain.is_empty = is_empty
    return True
