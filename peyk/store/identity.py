"""One-time codes and proven mobiles."""

from __future__ import annotations

import hmac
from datetime import datetime

from sqlalchemy import Engine, delete, select, update

from peyk.domain.identity import Verification
from peyk.ports.records import OtpChallenge
from peyk.store.engine import insert_into, reading, writing
from peyk.store.tables import otp_challenges, verifications

_challenge = (
    otp_challenges.c.conversation_id,
    otp_challenges.c.mobile,
    otp_challenges.c.code_hash,
    otp_challenges.c.sent_at,
    otp_challenges.c.expires_at,
    otp_challenges.c.tries_left,
)


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
        columns = verifications.c
        query = select(columns.conversation_id, columns.mobile, columns.method, columns.expires_at).where(
            columns.conversation_id == conversation_id, columns.expires_at > now
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).one_or_none()
        return Verification(*found) if found else None
