"""When a webhook is tried again, and how it is signed."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from peyk.domain.webhooks import GIVE_UP_AFTER, Event, EventType, next_try, secret_of, signature

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def test_pauses_grow_and_end_after_three_days() -> None:
    moments, failures = [NOW], 0
    while (again := next_try(moments[-1], NOW, failures := failures + 1)) is not None:
        moments.append(again)
    pauses = [after - before for before, after in itertools.pairwise(moments)]
    assert pauses[0] == timedelta(seconds=10)
    # The last one is cut off.
    assert pauses[:-1] == sorted(pauses[:-1])
    assert len(pauses) < 20
    assert moments[-1] == NOW + GIVE_UP_AFTER


def test_a_wish_lengthens_a_pause_and_never_shortens_one() -> None:
    assert next_try(NOW, NOW, 1, wish_s=60) == NOW + timedelta(minutes=1)
    assert next_try(NOW, NOW, 5, wish_s=1) == next_try(NOW, NOW, 5)
    assert next_try(NOW, NOW, 1, wish_s=10**9) == NOW + timedelta(hours=1)


def test_the_signature_is_what_the_documents_say() -> None:
    # printf '1795249800.{}' | openssl dgst -sha256 -hmac whsec_1
    known = "8a202803667b89ce16941c20c484dbb69c0d678bd4a55d8bfbb5e29b278d8f5a"
    at = datetime.fromtimestamp(1795249800, UTC)
    assert signature(["whsec_1"], at, b"{}") == f"t=1795249800,v1={known}"
    assert signature(["whsec_2", "whsec_1"], at, b"{}").endswith(f",v1={known}")


def test_a_secret_needs_key_name_and_salt() -> None:
    made = {secret_of(key, name, salt) for key in ("k1", "k2") for name in ("wh_1", "wh_2") for salt in ("s1", "s2")}
    assert len(made) == 8


def test_an_event_keeps_its_id_and_shares_it_with_no_other() -> None:
    ids = {Event(EventType.MESSAGE_CREATED, here, NOW, seq=seq).id for here in ("c1", "c2") for seq in (1, 2)} | {
        Event(EventType.OWNER_CHANGED, "c1", NOW, owner="bot").id
    }
    assert len(ids) == 5
    assert Event(EventType.MESSAGE_CREATED, "c1", NOW + GIVE_UP_AFTER, seq=1).id in ids
