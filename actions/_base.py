"""What every action shares: the call into a service, what follows it, and the one sentence when something fails."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Any, ClassVar

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions._meanings import offer_other_meanings
from actions._turn import IDENTITY_FORM, LISTEN, Turn
from actions._wishes import offer_second_wish, settle_offer
from peyk.bootstrap import App, build
from peyk.errors import ExternalError, Throttled
from peyk.logging import bind_correlation
from peyk.services import NotVerified
from peyk.services.side_by_side import begin_turn
from peyk.settings import load_settings

log = structlog.get_logger(__name__)


@lru_cache(maxsize=1)
def current_app() -> App:
    """Return the application of this process, built at its first use."""
    return build(load_settings())


class ServiceAction(Action, ABC):
    """An action that answers through services; failures become one honest sentence, never a traceback."""

    # An open request ("cancel which order?") is dropped when the customer goes on to something else.
    keeps_request: ClassVar[bool] = False
    # Steps inside the identity form leave what follows to the form.
    inside_form: ClassVar[bool] = False

    @abstractmethod
    def name(self) -> str:
        """Return the name the domain knows this action by."""

    @abstractmethod
    async def handle(self, turn: Turn) -> None:
        """Answer the turn. May raise ExternalError or Throttled."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: dict[str, Any]) -> list[EventType]:
        """Answer, and turn every failure into its sentence."""
        turn = Turn(current_app(), dispatcher, tracker)
        bind_correlation(turn.caller.correlation_id)
        begin_turn(turn.app.settings.deadline_s)
        if not self.inside_form:
            settle_offer(turn)
        answered = False
        try:
            await self.handle(turn)
            answered = True
        except Throttled as exc:
            log.info("action.throttled", action=self.name(), scope=exc.scope)
            turn.say("utter_general_too_many", custom={"limit": exc.scope, "retry_after_s": exc.retry_after_s})
        except NotVerified:
            # The proof has run out between the look-up and the act that needs it.
            turn.say("utter_identity_needed_for_request")
            turn.set_slots(pending_request=self.name(), pending_order=turn.slot("order_id"))
            turn.set_slots(pending_note=turn.slot("pending_note") or turn.words or None)
            turn.set_slots(otp_outcome=None, otp_code=None)
            turn.follow(IDENTITY_FORM)
        except ExternalError as exc:
            log.warning("action.system_failed", action=self.name(), system=exc.system, kind=exc.kind)
            turn.say(f"utter_general_{exc.kind}")
        except Exception:
            log.exception("action.failed", action=self.name())
            turn.say("utter_general_trouble")
        self._finish(turn, answered=answered)
        turn.forget_words()
        return turn.events

    def _finish(self, turn: Turn, *, answered: bool) -> None:
        """Decide what follows, forget what is over, and offer what is waiting."""
        if turn.handed_over:
            turn.leave()
            return
        if turn.intent != "nlu_fallback" and turn.slot("misses"):
            turn.set_slots(misses=0)
        if not self.inside_form:
            self._decide_what_follows(turn)
            if turn.follows == LISTEN and not self.keeps_request:
                if not turn.sets("pending_request"):
                    turn.set_slots(pending_request=None)
                if turn.slot("pending_request") is None:
                    turn.set_slots(pending_note=None, pending_order=None)
            if answered and not offer_second_wish(turn):
                offer_other_meanings(turn, self.name())

    @staticmethod
    def _decide_what_follows(turn: Turn) -> None:
        if turn.follows is None:
            # An action reached by a follow-up stands in no rule: without this the policies would guess on.
            turn.follow(IDENTITY_FORM if turn.in_form else LISTEN)
        if turn.in_form and turn.follows == IDENTITY_FORM:
            # The form sees this message again when it asks on: it is answered, not input.
            turn.set_slots(consumed_message=turn.message_id)
