"""One-time codes and proven mobiles."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import Engine, bindparam, delete, select, update

from peyk.domain.identity import Verification
from peyk.ports.records import OtpChallenge
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import otp_challenges, verifications

# In the place of a mobile whose proof has ended.
HIDDEN = "hidden:"
HIDDEN_CHARS = 40
_challenge = (
    otp_challenges.c.conversation_id,
    otp_challenges.c.mobile,
    otp_challenges.c.code_hash,
    otp_challenges.c.sent_at,
    otp_challenges.c.expires_at,
    otp_challenges.c.tries_left,
)

# Every message asks this: built once, for to build it costs more than to run it.
_PROOF = select(
    verifications.c.conversation_id, verifications.c.mobile, verifications.c.method, verifications.c.expires_at
).where(verifications.c.conversation_id == bindparam("here"), verifications.c.expires_at > bindparam("moment"))


class StoredOtpChallenges:
    """Keeps the open challenge of each conversation (the port `OtpChallenges`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace(self, challenge: OtpChallenge) -> None:
        """Make `challenge` the conversation's only open one; an older one is void from now on."""
        values = {
            "mobile": challenge.mobile,
            "code_hash": challenge.code_hash,
            "sent_at": challenge.sent_at,
            "expires_at": challenge.expires_at,
            "tries_left": challenge.tries_left,
        }
        with writing(self._engine) as connection:
            statement = insert_into(connection, otp_challenges).values(
                conversation_id=challenge.conversation_id, **values
            )
            connection.execute(statement.on_conflict_do_update(index_elements=["conversation_id"], set_=values))

    def current(self, conversation_id: str) -> OtpChallenge | None:
        """Return the open challenge of a conversation (it may have expired or be out of tries), or None."""
        query = select(*_challenge).where(otp_challenges.c.conversation_id == conversation_id)
        with reading(self._engine) as connection:
            found = connection.execute(query).one_or_none()
        return OtpChallenge(*found) if found else None

    def use(self, conversation_id: str, code_hash: str, now: datetime) -> OtpChallenge | None:
        """Spend the open challenge if `code_hash` is its own, it has tries left and has not expired.

        Returns the challenge that was spent, else None after taking one try away. The row is locked
        from the look to the change, so of two concurrent calls with the right hash one succeeds.
        """
        here = otp_challenges.c.conversation_id == conversation_id
        with writing(self._engine) as connection:
            found = connection.execute(select(*_challenge).where(here).with_for_update()).one_or_none()
            if found is None:
                return None
            challenge = OtpChallenge(*found)
            right = hmac.compare_digest(challenge.code_hash.encode(), code_hash.encode())
            if right and challenge.tries_left > 0 and now < challenge.expires_at:
                connection.execute(delete(otp_challenges).where(here))
                return challenge
            tries_left = max(0, challenge.tries_left - 1)
            connection.execute(update(otp_challenges).where(here).values(tries_left=tries_left))
        return None

    def void(self, conversation_id: str) -> None:
        """Forget the open challenge, if any."""
        with writing(self._engine) as connection:
            connection.execute(delete(otp_challenges).where(otp_challenges.c.conversation_id == conversation_id))


def hidden_mobile(secret_key: str, mobile: str) -> str:
    """Return what is kept of a proven mobile after its proof: enough to find the conversation by it, and no more."""
    name = b"proven\0" + mobile.encode()
    return HIDDEN + hmac.new(secret_key.encode(), name, hashlib.sha256).hexdigest()[:HIDDEN_CHARS]


def hide_ended(engine: Engine, secret_key: str, ended_before: datetime) -> None:
    """Hide the mobiles of proofs that have ended."""
    plain = (verifications.c.expires_at <= ended_before) & verifications.c.mobile.not_like(f"{HIDDEN}%")
    with reading(engine) as connection:
        mobiles = connection.execute(select(verifications.c.mobile).where(plain).distinct()).scalars().all()
    for mobile in mobiles:
        with writing(engine) as connection:
            hidden = {"mobile": hidden_mobile(secret_key, mobile)}
            connection.execute(update(verifications).where(plain, verifications.c.mobile == mobile).values(hidden))


class StoredVerifications:
    """Keeps the mobile proven in each conversation (the port `Verifications`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def grant(self, verification: Verification) -> None:
        """Keep a proof; it takes the place of an older one of the same conversation."""
        values = {
            "mobile": verification.mobile,
            "method": verification.method,
            "expires_at": verification.expires_at,
        }
        with writing(self._engine) as connection:
            statement = insert_into(connection, verifications).values(
                conversation_id=verification.conversation_id, **values
            )
            connection.execute(statement.on_conflict_do_update(index_elements=["conversation_id"], set_=values))

    def current(self, conversation_id: str, now: datetime) -> Verification | None:
        """Return the conversation's proof while it has not expired, else None."""
        with reading(self._engine) as connection:
            found = connection.execute(_PROOF, {"here": conversation_id, "moment": now}).one_or_none()
        return Verification(*found) if found else None
