"""Who works at the console, and what each may do there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from peyk.domain.conversations import Owner, Ownership

# What is typed into a log-in form: without blanks, so that nobody has two logins that look the same.
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}", re.ASCII)
NAME_MAX = 80


class Role(StrEnum):
    """What an operator is: each may do what the one before may."""

    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


class Permission(StrEnum):
    """What may be done at the console."""

    WORK = "work"
    SEE_ALL = "see_all"
    REASSIGN = "reassign"
    EDIT_MACROS = "edit_macros"
    EDIT_HOURS = "edit_hours"
    EDIT_USERS = "edit_users"


_AGENT = frozenset({Permission.WORK})
_LEAD = _AGENT | {Permission.SEE_ALL, Permission.REASSIGN, Permission.EDIT_MACROS}
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.LEAD: _LEAD,
    Role.ADMIN: _LEAD | {Permission.EDIT_HOURS, Permission.EDIT_USERS},
}


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who answers customers; `queues` are those whose waiting customers they see, none means all.

    `language` is the console's for this person, `languages` are those they can answer in.
    """

    id: str
    name: str
    login: str
    role: Role
    active: bool = True
    language: str = "fa"
    languages: tuple[str, ...] = ("fa", "en")
    queues: tuple[str, ...] = ()
    totp: bool = False
    must_change_password: bool = False

    def may(self, permission: Permission) -> bool:
        """Tell whether this person may do something."""
        return self.active and permission in PERMISSIONS[self.role]

    def may_see(self, ownership: Ownership, queue: str | None) -> bool:
        """Tell whether this person may read a conversation: their own, one waiting in their queues, or any.

        `queue` is the one it waits in; None when it waits in none.
        """
        if not self.may(Permission.WORK):
            return False
        if self.may(Permission.SEE_ALL) or ownership.agent == self.id:
            return True
        waits = ownership.owner is Owner.QUEUE and queue is not None
        return waits and (not self.queues or queue in self.queues)

    def may_move(self, ownership: Ownership) -> bool:
        """Tell whether this person may transfer or release a conversation: their own, or anybody's."""
        return self.may(Permission.REASSIGN) or (self.may(Permission.WORK) and ownership.agent == self.id)


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in in force; `key` is the hash of what the browser has."""

    key: str
    operator_id: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """A ready answer in both languages; variables stand in braces."""

    id: str
    title: str
    fa: str
    en: str

    def text(self, language: str) -> str:
        """Return the answer in a language."""
        return self.en if language == "en" else self.fa


def normalise_login(typed: str) -> str:
    """Return a login as it is kept; it may still be none (`LOGIN`)."""
    return typed.strip().lower()
