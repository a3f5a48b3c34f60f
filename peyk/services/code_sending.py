"""One-time codes by the first vendor that takes them: once a key, within the shop's caps (the port `Messenger`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from peyk.domain.code_sends import CodeSend, SendState
from peyk.errors import ExternalError, RateLimited, Unavailable, Unsure
from peyk.ports.clock import Clock
from peyk.ports.messenger import CodeSender, CodeSends, Handed
from peyk.settings_systems import SystemsSettings

log = structlog.get_logger(__name__)

SYSTEM = "sms"
DAY = timedelta(days=1)
# How long a vendor is asked whether a message has arrived.
ASKED_FOR = timedelta(hours=1)
ASKED_AT_ONCE = 50


class SendCodes:
    """Sends a code by the first of the vendors, by the next one when that fails."""

    def __init__(
        self,
        senders: Sequence[CodeSender],
        sends: CodeSends,
        clock: Clock,
        settings: SystemsSettings,
        deadline_s: float,
    ) -> None:
        """Take the vendors in the order they are asked."""
        self._senders = senders
        self._sends = sends
        self._clock = clock
        self._settings = settings
        self._deadline_s = deadline_s
        self._asked_at: dict[str, datetime] = {}

    def send_code(self, mobile: str, code: str, language: str, key: str) -> bool:
        """Send `code` once per `key`; return whether the shop's mail address of the mobile, known or not, had a part.

        Raises RateLimited at the shop's own cap, else what the last vendor raised.

        A vendor that was too slow may have sent it: the next one is asked all the same, since the same code twice does
        no harm and none at all locks a customer out. It counts in the caps as if it had; and where nobody else took the
        code, it is as good as sent, or a code would arrive that is worth nothing.
        """
        # A process that died while it was sending holds a key for as long as it could have been sending.
        if not self._sends.begin(key, self._clock.now(), len(self._senders) * self._deadline_s):
            return False
        try:
            self._keep_caps()
            return self._by_first(mobile, code, language, key)
        except ExternalError:
            self._sends.give_up(key)
            raise

    def tick(self, now: datetime) -> None:
        """Ask the vendors what became of the messages of the last hour."""
        by_name = {sender.system: sender for sender in self._senders}
        waiting = self._sends.open(now - ASKED_FOR)
        self._asked_at = {send.key: self._asked_at.get(send.key, send.sent_at) for send in waiting}
        # Who was asked about longest ago comes first: some that say nothing hold up nobody.
        for send in sorted(waiting, key=lambda send: self._asked_at[send.key])[:ASKED_AT_ONCE]:
            self._asked_at[send.key] = now
            try:
                state = _delivery(by_name.get(send.system), send)
            except ExternalError as exc:
                log.info("sms.not_known", system=exc.system, kind=exc.kind)
                continue
            if state is not SendState.HANDED_OVER:
                self._sends.settle(send.key, state)
                log.info("sms.settled", system=send.system, state=state.value)

    def _by_first(self, mobile: str, code: str, language: str, key: str) -> bool:
        failure: ExternalError = Unavailable(SYSTEM, "no vendor is connected")
        may_arrive, by_mail = False, False
        not_taken: tuple[CodeSender, Handed] | None = None
        for sender in self._senders:
            try:
                handed = sender.send(mobile, code, language)
            except ExternalError as exc:
                log.warning("sms.failed", system=exc.system, kind=exc.kind)
                failure = exc
                if isinstance(exc, Unsure):
                    may_arrive = may_arrive or not exc.answered
                    self._note(key, sender, None)
                continue
            by_mail = by_mail or handed.by_mail
            if handed.taken:
                self._note(key, sender, handed)
                return by_mail
            not_taken = not_taken or (sender, handed)
        if not_taken is not None:
            # To fail here would tell that the shop knows no address of this mobile.
            self._note(key, *not_taken)
        elif not may_arrive:
            raise failure
        return by_mail

    def _note(self, key: str, sender: CodeSender, handed: Handed | None) -> None:
        told = handed.cost_rial if handed else None
        try:
            self._sends.done(key, sender.system, handed, (sender.cost_rial or 0) if told is None else told)
        except ExternalError as exc:
            # It is out: that it could not be noted is no reason to say it is not.
            log.warning("sms.not_noted", system=sender.system, error=str(exc))

    def _keep_caps(self) -> None:
        count, rial = self._sends.spent(self._clock.now() - DAY)
        caps = self._settings
        if (caps.sms_per_day and count > caps.sms_per_day) or (caps.sms_rial_per_day and rial >= caps.sms_rial_per_day):
            log.error("sms.cap_reached", messages=count, rial=rial)
            raise RateLimited(SYSTEM, "the shop's own cap of the day is reached")


def _delivery(sender: CodeSender | None, send: CodeSend) -> SendState:
    if sender is None or not send.message_id:
        # Its vendor is not connected any more, or gave it no number: nobody can be asked.
        return SendState.TAKEN
    return sender.delivery(send.message_id)
