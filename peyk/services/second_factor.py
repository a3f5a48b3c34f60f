"""The second factor of a log-in: codes that change every 30 seconds (TOTP, RFC 6238)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp

PERIOD_S = 30
# Clocks of phones are a little off: the code before and the one after are taken too.
STEPS_AROUND = (0, -1, 1)
SECRET_BYTES = 20
SALT = re.compile(r"[0-9a-f]{32}", re.ASCII)
ISSUER = "Peyk"


class SecondFactor:
    """Derives each operator's secret from Peyk's secret key and a salt: the database alone does not give it away."""

    def __init__(self, secret_key: str) -> None:
        """Take Peyk's secret key; with another one every second factor has to be set up anew."""
        self._key = hmac.new(secret_key.encode(), b"peyk second factor", hashlib.sha256).digest()

    @staticmethod
    def new_salt() -> str:
        """Return what a new secret is derived from."""
        return secrets.token_hex(16)

    def secret(self, operator_id: str, salt: str) -> str:
        """Return the secret as an authenticator app takes it. Raises ValueError for what is no salt."""
        if not SALT.fullmatch(salt):
            raise ValueError("not a salt")
        digest = hmac.new(self._key, f"{operator_id}\0{salt}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:SECRET_BYTES]).decode()

    def address(self, operator_id: str, login: str, salt: str) -> str:
        """Return the `otpauth://` address that a QR code shows."""
        return pyotp.TOTP(self.secret(operator_id, salt)).provisioning_uri(name=login, issuer_name=ISSUER)

    def step_of(self, operator_id: str, salt: str, code: str, now: datetime) -> int | None:
        """Return the time step whose code this is, or None."""
        totp = pyotp.TOTP(self.secret(operator_id, salt))
        this = int(now.timestamp()) // PERIOD_S
        digits = code.encode()
        matching = [
            this + around
            for around in STEPS_AROUND
            if hmac.compare_digest(totp.at((this + around) * PERIOD_S).encode(), digits)
        ]
        return matching[0] if matching else None
