"""Engines: which URLs are taken, what is the same on both databases, and a database that does not answer."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from peyk.errors import SettingsError, Unavailable
from peyk.store.engine import make_engine, normalise_url, reading, writing
from peyk.store.tables import api_keys, button_tokens, verifications
from tests.fakes.parallel import in_parallel


@pytest.mark.parametrize(
    "url", ["postgresql://root@db/peyk", "postgres://root@db/peyk", "postgresql+psycopg://root@db/peyk"]
)
def test_postgresql_is_spoken_with_psycopg_3(url: str) -> None:
    assert normalise_url(url).render_as_string() == "postgresql+psycopg://root@db/peyk"


@pytest.mark.parametrize("url", ["", "peyk.db", "mysql://root@db/peyk", "sqlite://", "sqlite:///:memory:"])
def test_any_other_url_is_a_wrong_setting_in_one_line(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^PEYK_DATABASE_URL: [^\n]+$"):
        normalise_url(url)


def test_no_piece_of_a_password_is_told() -> None:
    piece = "".join(reversed("dr0w"))
    with pytest.raises(SettingsError, match=r"^PEYK_DATABASE_URL: [^\n]+$") as caught:
        normalise_url(f"postgresql://peyk:p@ss:{piece}@db/peyk")
    assert piece not in "".join(traceback.format_exception(caught.value))


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/new/folder/peyk.db")
    with reading(engine) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 5000}


def test_times_come_back_as_aware_utc(engine: Engine) -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    at = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=tehran)
    row = {"conversation_id": "c", "mobile": "m", "method": "otp", "expires_at": at}
    with writing(engine) as connection:
        connection.execute(insert(verifications).values(row))
    with reading(engine) as connection:
        found = connection.execute(select(verifications.c.expires_at)).scalar_one()
    assert (found, found.tzinfo) == (at, UTC)


def test_naive_times_are_refused(engine: Engine) -> None:
    row = {"id": "k", "name": "n", "key_hash": "h", "created_at": datetime(2026, 11, 21)}  # noqa: DTZ001
    with pytest.raises(Exception, match="aware"), writing(engine) as connection:
        connection.execute(insert(api_keys).values(row))


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    row = {"id": "k", "name": "n", "key_hash": "h", "created_at": datetime.now(UTC)}
    with pytest.raises(RuntimeError), writing(engine) as connection:
        connection.execute(insert(api_keys).values(row))
        raise RuntimeError
    with reading(engine) as connection:
        assert connection.execute(select(api_keys)).all() == []


def test_foreign_keys_hold(engine: Engine) -> None:
    now = datetime.now(UTC)
    row = {"token": "t", "conversation_id": "nobody", "payload": "/p", "created_at": now, "expires_at": now}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(button_tokens).values(row))


def test_a_server_that_is_away_is_unavailable() -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unavailable, match="store"), reading(engine) as connection:
        connection.execute(select(1))


def test_a_locked_file_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peyk.store.engine.BUSY_TIMEOUT_MS", 20)
    engine = make_engine(f"sqlite:///{tmp_path}/peyk.db")
    with writing(engine), pytest.raises(Unavailable, match="store"), writing(engine):
        pass
    engine.dispose()


def test_a_damaged_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "peyk.db").write_bytes(b"this is no database" * 500)
    engine = make_engine(f"sqlite:///{tmp_path}/peyk.db")
    with pytest.raises(Unavailable, match="store"), reading(engine) as connection:
        connection.execute(select(1))
    engine.dispose()


def test_readers_are_not_held_up_by_a_writer(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.execute(text("DELETE FROM api_keys"))
        with reading(engine) as reader:
            assert reader.execute(select(api_keys)).all() == []


def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    for attempt in range(20):
        engines = [make_engine(f"sqlite:///{tmp_path}/{attempt}.db") for _ in range(8)]

        def look(index: int, engines: list[Engine] = engines) -> None:
            with reading(engines[index]) as connection:
                connection.execute(text("SELECT 1"))

        in_parallel(look, 8)
        for engine in engines:
            engine.dispose()


def test_writers_of_one_process_wait_for_each_other_and_not_for_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/peyk.db")
    # SQLite itself would be patient for longer, looking again and again after pauses that grow.
    monkeypatch.setattr("peyk.store.engine.BUSY_TIMEOUT_MS", 1)
    with writing(engine), pytest.raises(Unavailable, match="busy"), writing(engine):
        pass
    with writing(engine):
        pass
    engine.dispose()
