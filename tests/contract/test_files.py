"""What is known of files, on both databases: once an upload, so many a day, kept as long as a ticket needs them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from peyk.domain.files import StoredFile
from peyk.domain.queues import Priority
from peyk.domain.tickets import TicketReason, TicketState
from peyk.ports.files import Allowance, NewFile
from peyk.store.engine import make_engine, writing
from peyk.store.files import StoredEvidenceTickets, StoredFiles
from peyk.store.prune import ENTRY_TTL, prune
from peyk.store.tables import tickets
from peyk.store.ticket_desk import StoredTickets
from peyk.store.ticket_rows import row_of
from peyk.store.tickets import BuiltinHelpdesk
from tests.fakes.parallel import in_parallel
from tests.unit.services.fakes import NOW, FakeClock

MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
PLENTY = Allowance(100, 10**9, DAY)


@pytest.fixture
def files(engine: Engine) -> StoredFiles:
    return StoredFiles(engine)


def stored(file_id: str = "f1", here: str = "c1", **changes: object) -> StoredFile:
    plain = StoredFile(file_id, here, "photo.jpg", "image/jpeg", 1000, "a" * 64, NOW)
    return replace(plain, **changes)  # type: ignore[arg-type]


def add(
    files: StoredFiles,
    file: StoredFile,
    upload: str | None = None,
    allowance: Allowance | None = PLENTY,
) -> StoredFile | None:
    return files.add(NewFile(file, f"blob-{file.id}-{file.conversation_id}", upload or f"hash-{file.id}"), allowance)


def open_ticket(engine: Engine, here: str = "c1", reason: TicketReason = TicketReason.DAMAGED) -> str:
    desk = BuiltinHelpdesk(engine, FakeClock())
    return desk.open(
        conversation_id=here, reason=reason, order_number=None, mobile=None, note="", priority=Priority.NORMAL
    ).number


def resolve(engine: Engine, number: str) -> None:
    with writing(engine) as connection:
        connection.execute(
            update(tickets).where(tickets.c.id == row_of(number)).values(state=TicketState.RESOLVED.value)
        )


class TestOnce:
    def test_what_is_kept_is_found(self, files: StoredFiles) -> None:
        assert add(files, stored()) == stored()
        assert files.find("f1") == (stored(), "blob-f1-c1")
        assert files.find("nothing") is None

    def test_the_same_upload_is_the_same_file(self, files: StoredFiles) -> None:
        add(files, stored(), "same")
        assert add(files, stored("f2"), "same") == stored()
        assert files.same("c1", "same") == stored()
        assert files.find("f2") is None

    def test_in_another_conversation_it_is_another(self, files: StoredFiles) -> None:
        add(files, stored(), "same")
        assert files.same("c2", "same") is None
        assert add(files, stored("f2", "c2"), "same") == stored("f2", "c2")

    def test_of_the_same_at_once_one_is_kept(self, engine: Engine) -> None:
        url = engine.url.render_as_string(hide_password=False)
        engines = [make_engine(url) for _ in range(8)]
        kept = in_parallel(lambda index: add(StoredFiles(engines[index]), stored(f"f{index}"), "same"))
        assert len({file.id for file in kept if isinstance(file, StoredFile)}) == 1
        for each in engines:
            each.dispose()


class TestAllowance:
    def test_so_many_a_day(self, files: StoredFiles) -> None:
        few = Allowance(2, 10**9, DAY)
        assert add(files, stored("f1"), allowance=few)
        assert add(files, stored("f2"), allowance=few)
        assert add(files, stored("f3"), allowance=few) is None
        assert files.find("f3") is None
        assert add(files, stored("f4", "c2"), allowance=few)
        assert add(files, stored("f5", at=NOW + DAY - MOMENT), allowance=few) is None
        assert add(files, stored("f6", at=NOW + DAY), allowance=few)

    def test_so_many_bytes_a_day(self, files: StoredFiles) -> None:
        small = Allowance(100, 2500, DAY)
        assert add(files, stored("f1"), allowance=small)
        assert add(files, stored("f2", size=1501), allowance=small) is None
        assert add(files, stored("f3", size=1500), allowance=small)

    def test_what_agents_send_is_not_counted(self, files: StoredFiles) -> None:
        few = Allowance(1, 10**9, DAY)
        for number in range(3):
            assert add(files, stored(f"a{number}", by="sara"), allowance=None)
        assert add(files, stored("f1"), allowance=few)

    def test_the_same_again_is_no_other(self, files: StoredFiles) -> None:
        few = Allowance(1, 10**9, DAY)
        add(files, stored(), "same", few)
        assert add(files, stored("f2"), "same", few) == stored()

    def test_of_many_at_once_no_more_are_kept(self, engine: Engine) -> None:
        url = engine.url.render_as_string(hide_password=False)
        engines = [make_engine(url) for _ in range(8)]
        few = Allowance(3, 10**9, DAY)
        kept = in_parallel(lambda index: add(StoredFiles(engines[index]), stored(f"f{index}"), allowance=few))
        assert sum(file is not None for file in kept) == 3
        for each in engines:
            each.dispose()


class TestTickets:
    def test_the_newest_that_is_not_resolved(self, engine: Engine) -> None:
        known = StoredEvidenceTickets(engine)
        assert known.newest_unresolved("c1") is None
        first = open_ticket(engine)
        second = open_ticket(engine, reason=TicketReason.LATE)
        open_ticket(engine, "c2")
        assert known.newest_unresolved("c1") == second
        resolve(engine, second)
        assert known.newest_unresolved("c1") == first
        resolve(engine, first)
        assert known.newest_unresolved("c1") is None

    def test_what_belongs_to_no_ticket(self, engine: Engine, files: StoredFiles) -> None:
        for file in (stored("f1"), stored("f2", at=NOW + DAY), stored("a", by="sara"), stored("f3", "c2")):
            add(files, file)
        assert [file.id for file in files.unlinked("c1", since=NOW)] == ["f1", "f2"]
        assert [file.id for file in files.unlinked("c1", since=NOW + MOMENT)] == ["f2"]
        StoredEvidenceTickets(engine).attach(open_ticket(engine), "f1", "customer", NOW)
        assert [file.id for file in files.unlinked("c1", since=NOW)] == ["f2"]


class TestForgotten:
    def test_with_what_was_said_beside_it(self, engine: Engine, files: StoredFiles) -> None:
        add(files, stored())
        prune(engine, NOW + ENTRY_TTL - MOMENT)
        assert files.find("f1")
        prune(engine, NOW + ENTRY_TTL)
        assert files.find("f1") is None

    def test_not_while_a_ticket_needs_it(self, engine: Engine, files: StoredFiles) -> None:
        number = open_ticket(engine)
        add(files, stored("f1"))
        add(files, stored("f2"))
        StoredEvidenceTickets(engine).attach(number, "f1", "customer", NOW)
        prune(engine, NOW + 10 * ENTRY_TTL)
        assert files.find("f1")
        # Another file of the same conversation goes.
        assert files.find("f2") is None
        resolve(engine, number)
        prune(engine, NOW + 10 * ENTRY_TTL)
        assert files.find("f1") is None

    def test_what_a_merged_ticket_had_its_heir_needs(self, engine: Engine, files: StoredFiles) -> None:
        first, heir = open_ticket(engine), open_ticket(engine, reason=TicketReason.LATE)
        add(files, stored())
        StoredEvidenceTickets(engine).attach(first, "f1", "customer", NOW)
        assert StoredTickets(engine).merge(first, heir, "sara", NOW)
        assert StoredEvidenceTickets(engine).newest_unresolved("c1") == heir
        prune(engine, NOW + 10 * ENTRY_TTL)
        assert files.find("f1")
        resolve(engine, heir)
        prune(engine, NOW + 10 * ENTRY_TTL)
        assert files.find("f1") is None

    def test_which_bytes_a_file_has(self, files: StoredFiles) -> None:
        add(files, stored())
        assert files.blobs(["blob-f1-c1", "orphan"]) == {"blob-f1-c1"}
        assert files.blobs([]) == set()
