"""Admins keep the list of operators."""

from __future__ import annotations

import secrets
from typing import Any

from peyk.domain.staff import LOGIN, NAME_MAX, Operator, Role, normalise_login
from peyk.ports.clock import Clock
from peyk.ports.records import AuditLog
from peyk.ports.staff import Sessions, Staff
from peyk.services.passwords import Passwords, generated, is_acceptable


class OperatorRefused(ValueError):
    """An operator cannot be kept like this; `code` says why: login, name, password, taken, last_admin."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class KeepOperators:
    """Adds, changes, disables and resets operators; `by` is who does it ("" at the command line)."""

    def __init__(
        self, staff: Staff, sessions: Sessions, audit: AuditLog, clock: Clock, passwords: Passwords | None = None
    ) -> None:
        self._staff = staff
        self._sessions = sessions
        self._audit = audit
        self._clock = clock
        self._passwords = passwords or Passwords()

    def add(
        self, login: str, name: str, role: Role, *, password: str = "", by: str = "", **more: Any
    ) -> tuple[Operator, str]:
        """Keep a new operator; return them and their password: a generated one must be changed at the first log-in.

        Raises OperatorRefused.
        """
        login, name = normalise_login(login), _one_line(name)
        if not LOGIN.fullmatch(login):
            raise OperatorRefused("login")
        if not name or len(name) > NAME_MAX:
            raise OperatorRefused("name")
        if password and not is_acceptable(password, login):
            raise OperatorRefused("password")
        chosen = password or generated()
        new = Operator(secrets.token_hex(8), name, login, role, must_change_password=not password, **more)
        if not self._staff.add(new, self._passwords.hash(chosen), self._clock.now()):
            raise OperatorRefused("taken")
        self._note("console.operator_added", new.id, by, role=role.value)
        return new, chosen

    def change(self, operator_id: str, *, by: str = "", **changes: Any) -> bool:
        """Change an operator; a disabled one is out at once. False when there is no such. Raises OperatorRefused."""
        if "name" in changes:
            changes["name"] = _one_line(changes["name"])
            if not changes["name"] or len(changes["name"]) > NAME_MAX:
                raise OperatorRefused("name")
        try:
            done = self._staff.change(operator_id, **changes)
        except ValueError:
            raise OperatorRefused("last_admin") from None
        if changes.get("active") is False:
            self._sessions.close_all(operator_id)
        if done:
            self._note("console.operator_changed", operator_id, by, what=",".join(sorted(changes)))
        return done

    def reset(self, operator_id: str, *, by: str = "", must_change: bool = True) -> str:
        """Give a new password to be changed at the next log-in, turn off the second factor, end every session."""
        chosen = generated()
        self._staff.set_password(operator_id, self._passwords.hash(chosen), must_change=must_change)
        self._staff.set_totp(operator_id, None)
        self._sessions.close_all(operator_id)
        self._note("console.operator_reset", operator_id, by)
        return chosen

    def fits(self, login: str, password: str) -> bool:
        """Tell whether an active operator's password is this one."""
        kept = self._staff.credentials(login)
        return self._passwords.matches(kept.password_hash if kept else None, password)

    def _note(self, event: str, operator_id: str, by: str, **detail: str) -> None:
        detail["by"] = by or "command line"
        self._audit.append(at=self._clock.now(), conversation_id="", event=event, subject=operator_id, detail=detail)


def _one_line(name: str) -> str:
    return " ".join(name.split())
