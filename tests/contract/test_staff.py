"""Operators, sessions, canned answers and search, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from peyk.domain.staff import CannedAnswer, Operator, Role, Session
from peyk.ports.journal import CustomerMessage
from peyk.store.canned_answers import StoredCannedAnswers
from peyk.store.journal import StoredJournal
from peyk.store.operator_sessions import StoredOpenings, StoredSessions
from peyk.store.prune import prune
from peyk.store.search import StoredSearch
from peyk.store.staff import StoredStaff
from peyk.store.tables import operator_sessions
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW

SARA = Operator("1", "سارا", "sara", Role.ADMIN, queues=("l1", "vip"), languages=("fa",))
ALI = Operator("2", "علی", "ali", Role.AGENT)


@pytest.fixture
def staff(engine: Engine) -> StoredStaff:
    return StoredStaff(engine)


class TestStaff:
    def test_what_is_kept_comes_back(self, staff: StoredStaff) -> None:
        assert not staff.anybody()
        assert staff.add(SARA, "hash", NOW)
        assert staff.anybody()
        assert staff.operator("1") == staff.by_login("sara") == SARA
        assert staff.everybody() == [SARA]
        assert (staff.name("1"), staff.name("nobody")) == ("سارا", "")
        known = staff.credentials("sara")
        assert known is not None
        assert (known.password_hash, known.totp_salt) == ("hash", None)

    def test_a_login_is_one_persons(self, staff: StoredStaff) -> None:
        in_parallel(lambda index: staff.add(replace(SARA, id=str(index)), "hash", NOW), 6)
        assert len(staff.everybody()) == 1

    def test_the_disabled_have_no_credentials(self, staff: StoredStaff) -> None:
        staff.add(SARA, "hash", NOW)
        staff.add(ALI, "hash", NOW)
        assert staff.change("2", active=False)
        assert staff.credentials("ali") is None
        assert not staff.change("nobody", active=False)

    def test_two_admins_cannot_disable_each_other(self, staff: StoredStaff) -> None:
        staff.add(SARA, "hash", NOW)
        staff.add(replace(ALI, role=Role.ADMIN), "hash", NOW)

        def disable(index: int) -> bool:
            try:
                return staff.change(str(index + 1), active=False)
            except ValueError:
                return False

        assert in_parallel(disable, 2).count(True) == 1
        assert sum(person.active for person in staff.everybody()) == 1

    @pytest.mark.parametrize("changes", [{}, {"id": "7"}, {"login": "x"}, {"password_hash": "x"}])
    def test_not_everything_can_be_changed(self, staff: StoredStaff, changes: dict[str, str]) -> None:
        staff.add(SARA, "hash", NOW)
        with pytest.raises(ValueError, match="cannot be changed"):
            staff.change("1", **changes)
        assert staff.operator("1") == SARA

    def test_a_code_is_spent_once(self, staff: StoredStaff) -> None:
        staff.add(SARA, "hash", NOW)
        staff.set_totp("1", "a" * 32)
        assert in_parallel(lambda _: staff.use_totp("1", 100), 5).count(True) == 1
        assert not staff.use_totp("1", 99)
        assert staff.use_totp("1", 101)


class TestSessions:
    def test_open_seen_and_closed(self, staff: StoredStaff, engine: Engine) -> None:
        sessions = StoredSessions(engine)
        staff.add(SARA, "hash", NOW)
        for key in ("a", "b", "c"):
            sessions.open(Session(key, "1", NOW, NOW))
        later = NOW + timedelta(minutes=5)
        sessions.seen("a", later)
        assert sessions.find("a") == (Session("a", "1", NOW, later), SARA)
        sessions.close_all("1", but="a")
        assert [sessions.find(key) is not None for key in ("a", "b", "c")] == [True, False, False]
        sessions.close("a")
        assert sessions.find("a") is None

    def test_the_disabled_have_none(self, staff: StoredStaff, engine: Engine) -> None:
        sessions = StoredSessions(engine)
        staff.add(SARA, "hash", NOW)
        staff.add(ALI, "hash", NOW)
        sessions.open(Session("a", "2", NOW, NOW))
        staff.change("2", active=False)
        assert sessions.find("a") is None

    def test_old_ones_and_openings_are_forgotten(self, staff: StoredStaff, engine: Engine) -> None:
        staff.add(SARA, "hash", NOW)
        StoredSessions(engine).open(Session("a", "1", NOW, NOW))
        openings = StoredOpenings(engine)
        for minutes in (10, 30):
            openings.open("1", "c1", NOW + timedelta(minutes=minutes))
        assert openings.is_open("1", "c1", NOW + timedelta(minutes=29))
        assert not openings.is_open("1", "c1", NOW + timedelta(minutes=30))
        assert not openings.is_open("2", "c1", NOW)
        assert prune(engine, NOW + timedelta(days=40)) == 2
        with engine.begin() as connection:
            assert connection.execute(operator_sessions.select()).all() == []


def test_canned_answers(engine: Engine) -> None:
    canned = StoredCannedAnswers(engine)
    canned.save(CannedAnswer("1", "ب", "فا", "en"))
    canned.save(CannedAnswer("2", "الف", "فا", "en"))
    canned.save(CannedAnswer("1", "پ", "تازه", "new"))
    assert canned.all() == [CannedAnswer("2", "الف", "فا", "en"), CannedAnswer("1", "پ", "تازه", "new")]
    canned.remove("2")
    assert [answer.id for answer in canned.all()] == ["1"]


class TestSearch:
    @pytest.fixture
    def search(self, engine: Engine) -> StoredSearch:
        journal = StoredJournal(engine)
        for here, text in [("c1", "سفارش TS-104233 کجاست؟"), ("c2", "100% cotton, a_b"), ("c3", "100 cotton, axb")]:
            message = CustomerMessage(f"m-{here}", text)
            journal.accept(here, "rest", message, language=None, now=NOW)
        return StoredSearch(engine, "k" * 32)

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("ts-104233", ["c1"]),
            ("کجاست", ["c1"]),
            ("COTTON", ["c2", "c3"]),
            ("100%", ["c2"]),
            ("a_b", ["c2"]),
            ("' OR 1=1 --", []),
            ("x", []),
            ("  ", []),
        ],
    )
    def test_words_as_they_are_written(self, search: StoredSearch, words: str, found: list[str]) -> None:
        assert sorted(each.conversation_id for each in search.find(words, mobile=None, limit=10)) == found
