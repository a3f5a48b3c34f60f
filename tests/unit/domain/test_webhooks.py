"""When a webhook is tried again, and how it is signed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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


def sample() -> Callable[..., bool]:
    """Return the documents' function that tells who signed a request."""
    text = (Path(__file__).parents[3] / "docs" / "rest.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    check: Callable[..., bool] = names["is_from_peyk"]
    return check


class TestTheDocumentsSample:
    BODY = '{"id": "evt_1", "text": "سلام"}'.encode()

    def now(self, **ago: float) -> datetime:
        return datetime.now(UTC) - timedelta(**ago)

    def test_it_believes_what_is_signed_with_a_secret_in_force(self) -> None:
        header = signature(["whsec_new", "whsec_old"], self.now(), self.BODY)
        assert sample()("whsec_new", header, self.BODY)
        assert sample()("whsec_old", header, self.BODY)

    def test_it_refuses_what_is_forged(self) -> None:
        check, header = sample(), signature(["whsec_1"], self.now(), self.BODY)
        moment, value = header.split(",")
        later = f"t={int(moment.removeprefix('t=')) + 1}"
        assert not check("whsec_2", header, self.BODY)
        assert not check("whsec_1", header, self.BODY + b" ")
        for forged in (f"{later},{value}", f"{later},{header}", moment, value, "", "t=x,v1=y", f"{moment},v1=ب"):
            assert not check("whsec_1", forged, self.BODY)

    def test_it_refuses_what_was_recorded(self) -> None:
        old, new = (signature(["whsec_1"], self.now(minutes=minutes), self.BODY) for minutes in (6, 4))
        assert not sample()("whsec_1", old, self.BODY)
        assert sample()("whsec_1", new, self.BODY)
        assert not sample()("whsec_1", signature(["whsec_1"], self.now(minutes=-6), self.BODY), self.BODY)
