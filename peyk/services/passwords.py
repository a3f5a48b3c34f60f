"""Passwords of operators: Argon2id, and generated ones that can be read out over a telephone."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MIN_LENGTH = 10
# More is no safer, and is work for the hash.
MAX_LENGTH = 200
# Without those that look alike.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 4, 4


class Passwords:
    """Hashes and checks passwords; an unknown login takes as long as a wrong password."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take a hasher; the library's own follows RFC 9106."""
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(password)

    def matches(self, kept: str | None, typed: str) -> bool:
        """Tell whether a password is the kept one; without a kept one it takes as long, and is not."""
        try:
            self._hasher.verify(kept or self._nobody, typed[:MAX_LENGTH])
        except (Argon2Error, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def is_acceptable(password: str, login: str) -> bool:
    """Tell whether somebody may choose a password: long enough, and not the login."""
    return MIN_LENGTH <= len(password) <= MAX_LENGTH and login.lower() not in password.lower()


def generated() -> str:
    """Return a new password of about 79 bits, in groups."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)
