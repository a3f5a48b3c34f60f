"""Proving a mobile, by a one-time code or by a messenger that knows its customer's number.

The code goes to any valid mobile, whether the shop knows it or not, so nothing in the answer or its
timing tells who is a customer. What is proven is bound to the conversation and ends by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock

import structlog

from peyk.domain.conversations import Caller
from peyk.domain.identity import OtpOutcome, OtpResult, Verification, is_mobile
from peyk.errors import ExternalError, Throttled
from peyk.logging import mask
from peyk.ports.clock import Clock
from peyk.ports.messenger import Messenger
from peyk.ports.records import OtpChallenge, Records, Window
from peyk.services.limits import EVERYBODY
from peyk.settings import Settings
from peyk.text.digits import to_ascii_digits

log = structlog.get_logger(__name__)

CODE_DIGITS = 6
METHOD = "otp"
CONTACT_METHOD = "telegram"
_HOUR_S = 3600
# By mail or not, again or not.
_OUT = {
    (False, False): OtpOutcome.SENT,
    (False, True): OtpOutcome.RESENT,
    (True, False): OtpOutcome.MAILED,
    (True, True): OtpOutcome.REMAILED,
}
# Two requests of one conversation at the same moment must not send two codes of which one is void.
_LOCKS = tuple(Lock() for _ in range(64))


class VerifyCustomer:
    """Sends codes, checks them, and keeps what is proven. Every method may raise Unavailable("store")."""

    def __init__(self, *, messenger: Messenger, records: Records, clock: Clock, settings: Settings) -> None:
        self._messenger = messenger
        self._records = records
        self._clock = clock
        self._settings = settings
        self._key = settings.secret_key.get_secret_value().encode()

    def request(self, caller: Caller, mobile: str, language: str, *, resend: bool = False) -> OtpResult:
        """Send a code to `mobile` (normalised form); the answer is the same whoever it belongs to.

        With `resend` and an empty `mobile` the code goes to the mobile of the open challenge. Returns SENT,
        RESENT, MAILED or REMAILED (to the shop's mail address of the mobile, if it has one), TOO_SOON, TOO_MANY,
        BAD_MOBILE, NOTHING_PENDING or UNDELIVERABLE.
        """
        now = self._clock.now()
        if resend and not mobile:
            open_one = self._records.otp.current(caller.conversation_id)
            if open_one is None:
                return OtpResult(OtpOutcome.NOTHING_PENDING)
            mobile = open_one.mobile
        if not is_mobile(mobile):
            return OtpResult(OtpOutcome.BAD_MOBILE)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        with _LOCKS[hash(caller.conversation_id) % len(_LOCKS)]:
            refusal = self._refusal(caller, mobile, now)
            if refusal is not None:
                return refusal
            challenge = self._challenge(caller, mobile, code, now)
            self._records.otp.replace(challenge)
        return self._send(caller, challenge, code, language, resend=resend)

    def check(self, caller: Caller, code: str) -> OtpResult:
        """Check what the customer typed; the right code proves the mobile for this conversation.

        Returns VERIFIED, WRONG, LOCKED, EXPIRED, NOTHING_PENDING or TOO_MANY.
        """
        now = self._clock.now()
        pending = self._records.otp.current(caller.conversation_id)
        if pending is None:
            self._audit(caller, "otp.refused", "", now)
            return OtpResult(OtpOutcome.NOTHING_PENDING)
        mobile = pending.mobile
        if now >= pending.expires_at:
            self._audit(caller, "otp.expired", mobile, now)
            return OtpResult(OtpOutcome.EXPIRED, mobile)
        if pending.tries_left <= 0:
            self._audit(caller, "otp.refused", mobile, now)
            return OtpResult(OtpOutcome.LOCKED, mobile, retry_after_s=self._wait_s(pending, now))
        try:
            self._records.limiter.check(self._wrong_windows(caller))
        except Throttled as exc:
            return self._limited(caller, mobile, now, exc)
        typed = "".join(to_ascii_digits(code).split())
        if self._records.otp.use(caller.conversation_id, self._hash(caller, mobile, typed), now) is None:
            return self._wrong(caller, mobile, now)
        self._grant(caller, mobile, now)
        return OtpResult(OtpOutcome.VERIFIED, mobile)

    def accept_contact(self, caller: Caller, mobile: str, received_at: datetime) -> bool:
        """Take `mobile` (normalised form) as proven by Telegram, which gave it as the sender's own at `received_at`.

        The caller has made sure of both. The proof lasts as long as one by a code, from `received_at` on: False, and
        nothing is proven, when it would be over already, or for what is no mobile. The same contact counts once.
        """
        now = self._clock.now()
        expires_at = received_at + timedelta(seconds=self._settings.verification_ttl_s)
        if expires_at <= now or not is_mobile(mobile):
            return False
        proof = Verification(caller.conversation_id, mobile, CONTACT_METHOD, expires_at)
        if self._records.verifications.current(caller.conversation_id, now) != proof:
            self._audit(caller, "contact.verified", mobile, now)
            self._records.verifications.grant(proof)
            log.info("contact.verified", phone=mask(mobile))
        return True

    def current(self, caller: Caller) -> Verification | None:
        """Return what this conversation has proven, while it lasts."""
        return self._records.verifications.current(caller.conversation_id, self._clock.now())

    def _refusal(self, caller: Caller, mobile: str, now: datetime) -> OtpResult | None:
        pending = self._records.otp.current(caller.conversation_id)
        if pending is not None and pending.mobile == mobile:
            wait_s = self._wait_s(pending, now)
            if wait_s > 0:
                typable = now < pending.expires_at and pending.tries_left > 0
                return OtpResult(OtpOutcome.TOO_SOON, mobile, pending.tries_left, wait_s, pending=typable)
        try:
            self._records.limiter.check(self._wait_windows(caller, mobile))
        except Throttled as exc:
            # Another mobile was asked for in between: the open code, if any, is not this one's.
            return OtpResult(OtpOutcome.TOO_SOON, mobile, retry_after_s=exc.retry_after_s)
        try:
            # Whoever has used up the wrong codes could not type a new one either.
            self._records.limiter.check(self._wrong_windows(caller))
            self._records.limiter.hit(self._send_windows(caller, mobile))
        except Throttled as exc:
            return self._limited(caller, mobile, now, exc)
        return None

    def _limited(self, caller: Caller, mobile: str, now: datetime, limit: Throttled) -> OtpResult:
        log.info("otp.limited", scope=limit.scope)
        self._audit(caller, "otp.limited", mobile, now, scope=limit.scope)
        return OtpResult(OtpOutcome.TOO_MANY, mobile, retry_after_s=limit.retry_after_s)

    def _wait_s(self, pending: OtpChallenge, now: datetime) -> int:
        passed = (now - pending.sent_at).total_seconds()
        return max(0, math.ceil(self._settings.otp_resend_s - passed))

    def _challenge(self, caller: Caller, mobile: str, code: str, now: datetime) -> OtpChallenge:
        return OtpChallenge(
            conversation_id=caller.conversation_id,
            mobile=mobile,
            code_hash=self._hash(caller, mobile, code),
            sent_at=now,
            expires_at=now + timedelta(seconds=self._settings.otp_ttl_s),
            tries_left=self._settings.otp_tries,
        )

    def _send(self, caller: Caller, challenge: OtpChallenge, code: str, language: str, *, resend: bool) -> OtpResult:
        mobile, now = challenge.mobile, challenge.sent_at
        try:
            key = self._digest("send", challenge.code_hash, now.isoformat())
            by_mail = self._messenger.send_code(mobile, code, language, key)
        except ExternalError as exc:
            log.warning("otp.undeliverable", phone=mask(mobile), system=exc.system, kind=exc.kind)
            self._records.otp.void(caller.conversation_id)
            self._audit(caller, "otp.undeliverable", mobile, now)
            return OtpResult(OtpOutcome.UNDELIVERABLE, mobile)
        with suppress(Throttled):
            # Counted once the code is out: a code that could not be sent may be asked for again at once.
            self._records.limiter.hit(self._wait_windows(caller, mobile))
        self._audit(caller, "otp.sent", mobile, now)
        log.info("otp.sent", phone=mask(mobile))
        outcome = _OUT[by_mail, resend]
        wait_s = self._settings.otp_resend_s
        return OtpResult(outcome, mobile, challenge.tries_left, wait_s, pending=True)

    def _wrong(self, caller: Caller, mobile: str, now: datetime) -> OtpResult:
        try:
            self._records.limiter.hit(self._wrong_windows(caller))
        except Throttled as exc:
            return self._limited(caller, mobile, now, exc)
        self._audit(caller, "otp.wrong", mobile, now)
        left = self._records.otp.current(caller.conversation_id)
        if left is None:
            return OtpResult(OtpOutcome.NOTHING_PENDING)
        if left.tries_left <= 0:
            self._audit(caller, "otp.locked", mobile, now)
            return OtpResult(OtpOutcome.LOCKED, mobile, retry_after_s=self._wait_s(left, now))
        return OtpResult(OtpOutcome.WRONG, mobile, left.tries_left, pending=True)

    def _grant(self, caller: Caller, mobile: str, now: datetime) -> None:
        # The audit first: nothing is proven that is not on record.
        self._audit(caller, "otp.verified", mobile, now)
        expires_at = now + timedelta(seconds=self._settings.verification_ttl_s)
        self._records.verifications.grant(Verification(caller.conversation_id, mobile, METHOD, expires_at))
        log.info("otp.verified", phone=mask(mobile))

    def _send_windows(self, caller: Caller, mobile: str) -> list[Window]:
        settings = self._settings
        windows = [
            Window("otp.mobile", self._digest("mobile", mobile), settings.otp_per_mobile_hour, _HOUR_S),
            Window("otp.conversation", caller.conversation_id, settings.otp_per_conversation_hour, _HOUR_S),
            Window("otp.all", EVERYBODY, settings.otp_total_hour, _HOUR_S),
        ]
        if caller.address:
            windows.append(Window("otp.address", caller.address, settings.otp_per_address_hour, _HOUR_S))
        return windows

    def _wait_windows(self, caller: Caller, mobile: str) -> list[Window]:
        wait_s = self._settings.otp_resend_s
        if wait_s == 0:
            return []
        return [Window("otp.wait", self._digest("wait", caller.conversation_id, mobile), 1, wait_s)]

    def _wrong_windows(self, caller: Caller) -> list[Window]:
        settings = self._settings
        windows = [Window("otp_wrong.all", EVERYBODY, settings.otp_wrong_total_hour, _HOUR_S)]
        if caller.address:
            windows.append(Window("otp_wrong.address", caller.address, settings.otp_wrong_per_address_hour, _HOUR_S))
        return windows

    def _hash(self, caller: Caller, mobile: str, code: str) -> str:
        return self._digest("code", caller.conversation_id, mobile, code)

    def _digest(self, *parts: str) -> str:
        return hmac.new(self._key, "\x00".join(("otp", *parts)).encode(), hashlib.sha256).hexdigest()

    def _audit(self, caller: Caller, event: str, mobile: str, at: datetime, **detail: str) -> None:
        subject = mask(mobile) if mobile else ""
        self._records.audit.append(
            at=at, conversation_id=caller.conversation_id, event=event, subject=subject, detail=detail
        )
