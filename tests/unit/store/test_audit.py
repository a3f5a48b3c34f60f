"""The audit: whatever is done to its rows shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text, update

from peyk.store.audit import FirstBroken, StoredAudit, verify
from peyk.store.engine import reading, writing
from peyk.store.tables import audit, audit_head
from tests.fakes.parallel import in_parallel

KEY = "k" * 32
AT = datetime(2026, 11, 21, 8, 30, 0, 5, tzinfo=UTC)


@pytest.fixture
def log(engine: Engine) -> StoredAudit:
    """An audit of five rows."""
    made = StoredAudit(engine, KEY)
    for number in range(1, 6):
        add(made, f"TS-10423{number}")
    return made


def add(log: StoredAudit, subject: str) -> None:
    log.append(
        at=AT, conversation_id="c", event="order.shown", subject=subject, detail={"mobile": "0912***67", "ن": "۱"}
    )


def test_an_untouched_audit_is_whole(engine: Engine, log: StoredAudit) -> None:
    assert verify(engine, KEY) is None


def test_an_empty_audit_is_whole(engine: Engine) -> None:
    assert verify(engine, KEY) is None


def _edit(connection: Connection) -> None:
    connection.execute(update(audit).where(audit.c.seq == 3).values(subject="TS-999999"))


def _edit_detail(connection: Connection) -> None:
    connection.execute(update(audit).where(audit.c.seq == 3).values(detail="{}"))


def _edit_time(connection: Connection) -> None:
    connection.execute(update(audit).where(audit.c.seq == 3).values(at=AT.replace(microsecond=6)))


def _delete(connection: Connection) -> None:
    connection.execute(delete(audit).where(audit.c.seq == 3))


def _delete_and_close_the_gap(connection: Connection) -> None:
    _delete(connection)
    connection.execute(update(audit).where(audit.c.seq == 4).values(seq=3))
    connection.execute(update(audit).where(audit.c.seq == 5).values(seq=4))


def _insert(connection: Connection) -> None:
    third = connection.execute(select(audit).where(audit.c.seq == 3)).one()._asdict()
    connection.execute(update(audit).where(audit.c.seq == 5).values(seq=6))
    connection.execute(update(audit).where(audit.c.seq == 4).values(seq=5))
    connection.execute(update(audit).where(audit.c.seq == 3).values(seq=4))
    connection.execute(insert(audit).values({**third, "subject": "TS-999999"}))


def _swap(connection: Connection) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        connection.execute(update(audit).where(audit.c.seq == old).values(seq=new))


@pytest.mark.parametrize(
    "harm",
    [_edit, _edit_detail, _edit_time, _delete, _delete_and_close_the_gap, _insert, _swap],
    ids=lambda f: f.__name__,
)
def test_harm_to_the_third_row_shows_there(
    engine: Engine, log: StoredAudit, harm: Callable[[Connection], None]
) -> None:
    with writing(engine) as connection:
        harm(connection)
    broken = verify(engine, KEY)
    assert isinstance(broken, FirstBroken)
    assert broken.seq == 3


def test_cutting_off_the_end_shows(engine: Engine, log: StoredAudit) -> None:
    with writing(engine) as connection:
        connection.execute(delete(audit).where(audit.c.seq > 3))
    broken = verify(engine, KEY)
    assert broken is not None
    assert (broken.seq, broken.reason) == (4, "cut off: the head knows 5 rows, there are 3")


def test_emptying_the_rows_shows(engine: Engine, log: StoredAudit) -> None:
    with writing(engine) as connection:
        connection.execute(delete(audit))
    broken = verify(engine, KEY)
    assert broken is not None
    assert broken.seq == 1


def test_a_head_made_to_fit_what_is_left_shows(engine: Engine, log: StoredAudit) -> None:
    _cut_with_head(engine)
    broken = verify(engine, KEY)
    assert broken is not None
    assert broken.reason == "the head was edited"


def test_removing_the_head_shows(engine: Engine, log: StoredAudit) -> None:
    with writing(engine) as connection:
        connection.execute(delete(audit_head))
    assert verify(engine, KEY) == FirstBroken(5, "the head is missing")


@pytest.mark.parametrize("forged", [True, False])
def test_going_on_after_a_forgery_does_not_make_it_good(engine: Engine, log: StoredAudit, forged: bool) -> None:
    if forged:
        _cut_with_head(engine)
    else:
        with writing(engine) as connection:
            connection.execute(delete(audit).where(audit.c.seq > 3))
            connection.execute(delete(audit_head))
    add(log, "TS-104234")
    broken = verify(engine, KEY)
    assert broken is not None
    assert broken.seq == 4


def test_going_on_after_a_cut_does_not_make_it_good(engine: Engine, log: StoredAudit) -> None:
    with writing(engine) as connection:
        connection.execute(delete(audit).where(audit.c.seq > 3))
    add(log, "TS-104234")
    broken = verify(engine, KEY)
    assert broken is not None
    assert broken.seq == 4


def test_another_key_does_not_fit(engine: Engine, log: StoredAudit) -> None:
    broken = verify(engine, "x" * 32)
    assert broken is not None
    assert broken.seq == 1


def test_concurrent_rows_make_one_chain(engine: Engine) -> None:
    logs = [StoredAudit(engine, KEY) for _ in range(8)]

    def write(index: int) -> None:
        for number in range(5):
            add(logs[index], f"TS-{index}{number}")

    in_parallel(write)
    assert verify(engine, KEY) is None
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*), max(seq) FROM audit")).one() == (40, 40)


def _cut_with_head(engine: Engine) -> None:
    """Cut off two rows and make the head say so; its own MAC cannot be forged."""
    with writing(engine) as connection:
        connection.execute(delete(audit).where(audit.c.seq > 3))
        last = connection.execute(select(audit.c.mac).where(audit.c.seq == 3)).scalar_one()
        connection.execute(update(audit_head).values(rows=3, last_mac=last))
