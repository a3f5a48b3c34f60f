"""Operators log in, stay logged in, and log out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from peyk.domain.staff import LOGIN, Operator, Session, normalise_login
from peyk.ports.clock import Clock
from peyk.ports.records import AuditLog, Limiter, Window
from peyk.ports.staff import Credentials, Sessions, Staff
from peyk.services.passwords import Passwords, is_acceptable
from peyk.services.second_factor import SecondFactor
from peyk.settings import Settings
from peyk.text.digits import to_ascii_digits

TOKEN_BYTES = 32
TRIES_WINDOW_S = 900
# The store need not learn of every click.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody is in: `token` is for their browser alone."""

    token: str
    operator: Operator


class SignIn:
    """Log-in with password and, if it is on, a second factor; sessions; the tokens that guard forms."""

    def __init__(
        self,
        staff: Staff,
        sessions: Sessions,
        limiter: Limiter,
        audit: AuditLog,
        clock: Clock,
        settings: Settings,
        passwords: Passwords | None = None,
    ) -> None:
        self._staff = staff
        self._sessions = sessions
        self._limiter = limiter
        self._audit = audit
        self._clock = clock
        self._settings = settings
        self._passwords = passwords or Passwords()
        secret = settings.secret_key.get_secret_value()
        self._form_key = hmac.new(secret.encode(), b"peyk console forms", hashlib.sha256).digest()
        self.second_factor = SecondFactor(secret)

    def log_in(self, login: str, password: str, code: str, address: str) -> LoggedIn | None:
        """Begin a new session; None for any of login, password and code that is wrong, with nothing to tell them apart.

        Raises Throttled after too many tries for this login or from this address, whether or not the login exists.
        """
        login = normalise_login(login)
        # Counted before it is checked: of many tries at once no more than allowed are.
        # One after the other: a try for a login that is locked counts for the address, too.
        self._limiter.hit([Window("console.address", address, self._settings.console_tries_address, TRIES_WINDOW_S)])
        self._count_try(login)
        known = self._staff.credentials(login) if LOGIN.fullmatch(login) else None
        right = self._passwords.matches(known.password_hash if known else None, password)
        if known is None or not right or not self._second_factor_is_right(known, code):
            self._note("console.refused", known.operator.id if known else "", address)
            return None
        if self._passwords.is_outdated(known.password_hash):
            must_change = known.operator.must_change_password
            self._staff.set_password(known.operator.id, self._passwords.hash(password), must_change=must_change)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock.now()
        self._sessions.open(Session(_key(token), known.operator.id, now, now))
        self._note("console.logged_in", known.operator.id, address)
        return LoggedIn(token, known.operator)

    def who(self, token: str, *, there: bool) -> Operator | None:
        """Return whose session this is, if it is in force; `there` says that a person, not the page, asks."""
        found = self._sessions.find(_key(token)) if token else None
        if found is None:
            return None
        session, operator = found
        now = self._clock.now()
        idle, whole = self._settings.console_idle_min, self._settings.console_session_h
        if now >= session.seen_at + timedelta(minutes=idle) or now >= session.created_at + timedelta(hours=whole):
            self._sessions.close(session.key)
            return None
        if there and now >= session.seen_at + SEEN_EVERY:
            self._sessions.seen(session.key, now)
        return operator

    def log_out(self, token: str) -> None:
        """End a session."""
        self._sessions.close(_key(token))

    def form_token(self, token: str) -> str:
        """Return what a form of this session has to bring along."""
        return hmac.new(self._form_key, token.encode(), hashlib.sha256).hexdigest()

    def form_is_ours(self, token: str, given: str) -> bool:
        """Tell whether a form was made for this session."""
        return bool(token) and hmac.compare_digest(self.form_token(token).encode(), given.encode())

    def is_password(self, operator: Operator, password: str) -> bool:
        """Check the password of somebody who is in. Raises Throttled after too many tries."""
        self._count_try(operator.login)
        known = self._staff.credentials(operator.login)
        return self._passwords.matches(known.password_hash if known else None, password)

    def choose_password(self, operator: Operator, new: str, token: str) -> bool:
        """Replace one's password; every other session of theirs ends. False for one that may not be chosen."""
        if not is_acceptable(new, operator.login):
            return False
        self._staff.set_password(operator.id, self._passwords.hash(new), must_change=False)
        self._sessions.close_all(operator.id, but=_key(token))
        self._note("console.password_changed", operator.id, "")
        return True

    def turn_on_second_factor(self, operator: Operator, salt: str, code: str) -> bool:
        """Turn it on once a first code proves that the phone has it."""
        step = self.second_factor.step_of(operator.id, salt, _digits(code), self._clock.now())
        if step is None:
            return False
        self._staff.set_totp(operator.id, salt)
        self._staff.use_totp(operator.id, step)
        self._note("console.second_factor_on", operator.id, "")
        return True

    def turn_off_second_factor(self, operator: Operator) -> None:
        """Turn it off."""
        self._staff.set_totp(operator.id, None)
        self._note("console.second_factor_off", operator.id, "")

    def _second_factor_is_right(self, known: Credentials, code: str) -> bool:
        if known.totp_salt is None:
            return True
        step = self.second_factor.step_of(known.operator.id, known.totp_salt, _digits(code), self._clock.now())
        return step is not None and self._staff.use_totp(known.operator.id, step)

    def _count_try(self, login: str) -> None:
        self._limiter.hit([Window("console.login", _key(login), self._settings.console_tries, TRIES_WINDOW_S)])

    def _note(self, event: str, operator_id: str, address: str) -> None:
        detail = {"address": address} if address else {}
        self._audit.append(at=self._clock.now(), conversation_id="", event=event, subject=operator_id, detail=detail)


def _key(token: str) -> str:
    # A plain hash is enough: a token has 256 random bits. A typed login is kept as short as any.
    return hashlib.sha256(token.encode()).hexdigest()


def _digits(code: str) -> str:
    return to_ascii_digits(code).replace(" ", "")
