"""What is over is forgotten, what is not stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, Table, func, select

from peyk.domain.files import StoredFile
from peyk.domain.identity import Verification
from peyk.ports.files import NewFile
from peyk.ports.inbox import Received
from peyk.ports.journal import BotAnswer, CustomerMessage, Offer
from peyk.ports.records import OtpChallenge, Window
from peyk.store.addresses import StoredAddresses
from peyk.store.engine import reading
from peyk.store.files import StoredFiles
from peyk.store.inbox import StoredInbox
from peyk.store.journal import StoredJournal
from peyk.store.journal_rows import BUTTON_TTL
from peyk.store.prune import (
    CHALLENGE_TTL,
    CONVERSATION_TTL,
    DONE_TTL,
    ENTRY_TTL,
    LIMIT_TTL,
    PROOF_TTL,
    SNAPSHOT_TTL,
    StoreUpkeep,
    prune,
)
from peyk.store.records import make_records
from peyk.store.search import StoredSearch
from peyk.store.tables import (
    audit,
    button_tokens,
    channel_addresses,
    conversations,
    files,
    inbox,
    journal,
    limit_hits,
    otp_challenges,
    ratings,
    tracking_snapshots,
    verifications,
)
from tests.unit.services.fakes import NOW, FakeClock, tracking

MOMENT = timedelta(microseconds=1)
KEY = "k" * 32
MINUTE = timedelta(minutes=1)
FORGOTTEN: list[tuple[Table, timedelta]] = [
    (verifications, MINUTE + PROOF_TTL),
    (otp_challenges, MINUTE + CHALLENGE_TTL),
    (button_tokens, BUTTON_TTL),
    (limit_hits, LIMIT_TTL),
    (tracking_snapshots, SNAPSHOT_TTL),
    (journal, ENTRY_TTL),
    (files, ENTRY_TTL),
    (inbox, DONE_TTL),
    (conversations, CONVERSATION_TTL),
    (channel_addresses, CONVERSATION_TTL),
]


@pytest.fixture
def full(engine: Engine) -> Engine:
    """A store with one row of everything, made at NOW."""
    records = make_records(engine, FakeClock(), "k" * 32)
    records.verifications.grant(Verification("proven", "09121234567", "otp", NOW + MINUTE))
    records.otp.replace(OtpChallenge("c", "09121234567", "hash", NOW, NOW + MINUTE, 3))
    records.limiter.hit([Window("order_guess.all", "all", 5, 60)])
    records.snapshots.save(tracking())
    records.ratings.save("TS-104201", 5, "c", True, NOW)
    records.audit.append(at=NOW, conversation_id="c", event="otp.sent", subject="", detail={})
    said = StoredJournal(engine)
    said.accept("c", "rest", CustomerMessage("m", "hello"), language=None, now=NOW)
    said.answer("c", 1, BotAnswer((), (Offer("b:1", "/a", "a"),)), NOW)
    box = StoredInbox(engine)
    box.put("telegram", Received("1", "c", {}, NOW))
    box.done("telegram", "1", NOW)
    StoredAddresses(engine).arrived("telegram", "c", "5001", NOW)
    file = StoredFile("f", "c", "photo.jpg", "image/jpeg", 1, "a" * 64, NOW)
    StoredFiles(engine).add(NewFile(file, "blob", "hash"), None)
    return engine


def rows(engine: Engine, table: Table) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.parametrize(("table", "after"), FORGOTTEN, ids=[table.name for table, _ in FORGOTTEN])
def test_a_row_goes_when_its_time_is_over_and_not_before(full: Engine, table: Table, after: timedelta) -> None:
    prune(full, NOW + after - MOMENT)
    assert rows(full, table) == 1
    prune(full, NOW + after)
    assert rows(full, table) == 0


def test_what_is_not_done_waits_longer(engine: Engine) -> None:
    StoredInbox(engine).put("telegram", Received("1", "c", {}, NOW))
    prune(engine, NOW + ENTRY_TTL - MOMENT)
    assert rows(engine, inbox) == 1
    prune(engine, NOW + ENTRY_TTL)
    assert rows(engine, inbox) == 0


@pytest.mark.parametrize("table", [audit, ratings], ids=lambda table: table.name)
def test_what_is_on_record_stays(full: Engine, table: Table) -> None:
    prune(full, datetime(2126, 1, 1, tzinfo=NOW.tzinfo))
    assert rows(full, table) == 1


def test_it_says_how_many_rows_went(full: Engine) -> None:
    assert StoreUpkeep(full, KEY).prune(NOW) == 0
    assert StoreUpkeep(full, KEY).prune(NOW + CONVERSATION_TTL) == len(FORGOTTEN)


def test_a_sign_of_life(full: Engine) -> None:
    StoreUpkeep(full, KEY).ping()


def test_of_a_proven_mobile_a_hash_is_left_as_long_as_the_conversation(engine: Engine) -> None:
    StoredJournal(engine).accept("c", "rest", CustomerMessage("m", "hello"), language=None, now=NOW)
    proofs, upkeep = make_records(engine, FakeClock(), KEY).verifications, StoreUpkeep(engine, KEY)
    for here in ("c", "nobody"):
        proofs.grant(Verification(here, "09121234567", "otp", NOW + MINUTE))
    search = StoredSearch(engine, KEY)

    def found(mobile: str) -> list[str]:
        return [each.conversation_id for each in search.find("", mobile=mobile, limit=9)]

    assert (found("09121234567"), found("09121234568")) == (["c"], [])
    for _ in range(2):
        upkeep.prune(NOW + MINUTE + PROOF_TTL)
    with reading(engine) as connection:
        (kept,) = connection.execute(select(verifications.c.mobile)).scalars().all()
    assert kept.startswith("hidden:")
    assert "0912" not in kept
    assert (found("09121234567"), found("09121234568")) == (["c"], [])
    assert StoredSearch(engine, "another key" * 3).find("", mobile="09121234567", limit=9) == []
    # The customer proves another one later.
    proofs.grant(Verification("c", "09350000000", "otp", NOW + timedelta(days=1)))
    assert found("09350000000") == ["c"]
    upkeep.prune(NOW + CONVERSATION_TTL)
    upkeep.prune(NOW + CONVERSATION_TTL)
    assert rows(engine, verifications) == 0
