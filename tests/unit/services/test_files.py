"""Files as a service: who may open what, how much is taken, and that nothing is left behind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer
from pydantic import SecretStr
from sqlalchemy import Engine

from peyk.adapters.files.disk import DiskBlobs
from peyk.domain.files import JPEG, PDF, StoredFile
from peyk.domain.queues import Priority
from peyk.domain.tickets import TicketReason
from peyk.errors import NotFound, Unavailable
from peyk.ports.files import Cleaned, FileRefused
from peyk.services.files import PATH, TRIES_PER_FILE, Files
from peyk.services.tickets import OpenTicket
from peyk.settings import Settings
from peyk.store.files import StoredEvidenceTickets, StoredFiles
from peyk.store.limits import StoredLimiter
from peyk.store.prune import prune
from peyk.store.records import make_records
from peyk.store.tickets import BuiltinHelpdesk
from tests.unit.services.fakes import CALLER, FakeClock, FakeOrders

RAW = b"\xff\xd8\xff a photo"
LATER = timedelta(days=40)


class FakeCleaner:
    """Takes everything but what says that it is broken."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def clean(self, raw: bytes, media_type: str) -> Cleaned:
        self.seen.append(raw)
        if b"broken" in raw:
            raise FileRefused("broken")
        return Cleaned(media_type, b"clean " + raw)


class World:
    def __init__(self, engine: Engine, folder: Path, clock: FakeClock, **settings: Any) -> None:
        self.engine, self.clock, self.cleaner = engine, clock, FakeCleaner()
        self.records = StoredFiles(engine)
        self.wall = 0.0
        self.blobs = DiskBlobs(folder / "files", lambda: self.wall)
        self.folder = folder / "files"
        chosen: dict[str, Any] = {"secret_key": SecretStr("k" * 40), "_env_file": None, **settings}
        self.files = Files(
            cleaner=self.cleaner,
            blobs=self.blobs,
            records=self.records,
            tickets=StoredEvidenceTickets(engine),
            limiter=StoredLimiter(engine, clock),
            clock=clock,
            settings=Settings(**chosen),
        )

    def refused(self, raw: bytes = RAW, here: str = "c1") -> str:
        with pytest.raises(FileRefused) as caught:
            self.files.receive(here, "x.jpg", raw)
        return caught.value.code

    def on_disk(self) -> int:
        return sum(path.is_file() for path in self.folder.rglob("*"))

    def token(self, file: StoredFile, **ttl: Any) -> str:
        return self.files.link(file.id, **ttl).removeprefix(PATH)

    def ticket(self, here: str = "c1", reason: TicketReason = TicketReason.DAMAGED) -> str:
        desk = BuiltinHelpdesk(self.engine, self.clock)
        opened = desk.open(
            conversation_id=here, reason=reason, order_number=None, mobile=None, note="", priority=Priority.NORMAL
        )
        return opened.number


MakeWorld = Callable[..., World]


@pytest.fixture
def make(engine_of: Callable[[str], Engine], tmp_path: Path, clock: FakeClock) -> MakeWorld:
    engine = engine_of("sqlite")
    return lambda **settings: World(engine, tmp_path, clock, **settings)


@pytest.fixture
def world(make: MakeWorld) -> World:
    return make()


class TestReceive:
    def test_what_is_kept_is_clean(self, world: World) -> None:
        file = world.files.receive("c1", "../Évil\u202e.exe", RAW)
        assert (file.name, file.media_type, file.by) == ("Évil.jpg", JPEG, "customer")
        _, path = world.files.read(file.id)
        content = path.read_bytes()
        assert content == b"clean " + RAW
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())

    def test_the_same_again_is_looked_into_once(self, world: World) -> None:
        first = world.files.receive("c1", "a.jpg", RAW)
        assert world.files.receive("c1", "b.jpg", RAW) == first
        assert world.files.receive("c2", "b.jpg", RAW).id != first.id
        assert len(world.cleaner.seen) == 2
        assert world.on_disk() == 2

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (b"", "type"),
            (b"<svg/>", "type"),
            (b"PK\x03\x04", "type"),
            (b"\xff\xd8\xff broken", "broken"),
            (b"\xff\xd8\xff" + b"x" * 5 * 1024 * 1024, "too_large"),
        ],
    )
    def test_what_is_not_taken_leaves_nothing(self, world: World, raw: bytes, code: str) -> None:
        assert world.refused(raw) == code
        assert world.on_disk() == 0

    def test_so_many_a_day(self, make: MakeWorld) -> None:
        world = make(files_per_day=2)
        for number in range(2):
            world.files.receive("c1", "a.jpg", RAW + b"%d" % number)
        assert world.refused() == "too_many"
        assert world.on_disk() == 2
        world.files.receive("c2", "a.jpg", RAW)
        world.clock.advance(days=1)
        world.files.receive("c1", "a.jpg", RAW)

    def test_so_many_bytes_a_day(self, make: MakeWorld) -> None:
        world = make(file_bytes_per_day=1024)
        world.files.receive("c1", "a.jpg", RAW + b"x" * 600)
        assert world.refused(RAW + b"y" * 600) == "too_many"

    def test_so_many_tries_a_day(self, make: MakeWorld) -> None:
        world = make(files_per_day=1)
        for number in range(TRIES_PER_FILE):
            assert world.refused(b"\xff\xd8\xff broken %d" % number) == "broken"
        assert world.refused() == "too_many"
        assert len(world.cleaner.seen) == TRIES_PER_FILE

    def test_agents_have_no_such_limits(self, make: MakeWorld) -> None:
        world = make(files_per_day=1)
        for number in range(5):
            assert world.files.receive("c1", "a.pdf", b"%%PDF-%d" % number, by="sara").media_type == PDF
        world.files.receive("c1", "a.jpg", RAW)

    def test_a_store_that_is_away_leaves_bytes_that_are_swept(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object) -> None:
            raise Unavailable("store")

        monkeypatch.setattr(world.records, "add", away)
        with pytest.raises(Unavailable):
            world.files.receive("c1", "a.jpg", RAW)
        assert world.on_disk() == 1
        world.wall = 10**12
        assert world.files.sweep() == 1
        assert world.on_disk() == 0


class TestLinks:
    def test_a_link_opens_its_file(self, world: World) -> None:
        file = world.files.receive("c1", "a.jpg", RAW)
        found, path = world.files.open(world.token(file))
        assert found == file
        assert path.read_bytes() == b"clean " + RAW

    def test_it_ends(self, world: World) -> None:
        file = world.files.receive("c1", "a.jpg", RAW)
        token, short = world.token(file), world.token(file, ttl=timedelta(seconds=10))
        world.clock.advance(seconds=10)
        with pytest.raises(NotFound):
            world.files.open(short)
        world.clock.advance(seconds=889)
        assert world.files.open(token)
        world.clock.advance(seconds=1)
        with pytest.raises(NotFound):
            world.files.open(token)

    def test_it_cannot_be_made_or_changed(self, world: World) -> None:
        file = world.files.receive("c1", "a.jpg", RAW)
        other = world.files.receive("c2", "b.jpg", RAW + b"other")
        token = world.token(file)
        payload, _, signature = token.rpartition(".")
        forged = [
            file.id,
            "",
            payload,
            f"{world.token(other).rpartition('.')[0]}.{signature}",
            # Not its last character: some of its bits are nothing.
            f"{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
            str(URLSafeSerializer("x" * 40, "peyk.files.link").dumps([file.id, 10**12])),
            # Made by the same key for something else.
            str(URLSafeSerializer("k" * 40, "peyk.other").dumps([file.id, 10**12])),
            "x" * 5000,
        ]
        for each in forged:
            with pytest.raises(NotFound):
                world.files.open(each)

    def test_of_a_file_that_is_gone_it_opens_nothing(self, world: World) -> None:
        file = world.files.receive("c1", "a.jpg", RAW)
        token = world.token(file, ttl=2 * LATER)
        prune(world.engine, world.clock.now() + LATER)
        with pytest.raises(NotFound):
            world.files.open(token)

    def test_of_bytes_that_are_gone_it_opens_nothing(self, world: World) -> None:
        file = world.files.receive("c1", "a.jpg", RAW)
        world.files.read(file.id)[1].unlink()
        with pytest.raises(NotFound):
            world.files.open(world.token(file))


class TestOf:
    def test_a_client_names_its_own_files_only(self, world: World) -> None:
        mine, second = world.files.receive("c1", "a.jpg", RAW), world.files.receive("c1", "b.jpg", RAW + b"2")
        others = world.files.receive("c2", "a.jpg", RAW)
        agents = world.files.receive("c1", "c.jpg", RAW + b"3", by="sara")
        assert world.files.of("c1", [second.id, mine.id, mine.id]) == (second, mine)
        for bad in (others.id, agents.id, "unknown", ""):
            with pytest.raises(NotFound):
                world.files.of("c1", [mine.id, bad])


class TestTickets:
    def test_a_file_goes_to_the_newest_request(self, world: World) -> None:
        file = world.files.receive("c1", "a.jpg", RAW)
        assert world.files.attach("c1", [file]) is None
        world.ticket()
        newest = world.ticket(reason=TicketReason.LATE)
        assert world.files.attach("c1", [file]) == newest
        assert world.files.attach("c1", [file]) == newest
        assert world.files.of_ticket(newest) == [file]

    def test_anothers_request_is_not_touched(self, world: World) -> None:
        number = world.ticket("c2")
        file = world.files.receive("c1", "a.jpg", RAW)
        assert world.files.attach("c1", [file]) is None
        assert world.files.of_ticket(number) == []

    def test_what_was_sent_before_the_request_belongs_to_it(self, world: World) -> None:
        world.files.receive("c1", "old.jpg", RAW + b"old")
        world.clock.advance(days=1, seconds=1)
        before = world.files.receive("c1", "a.jpg", RAW)
        first = world.ticket()
        assert world.files.attach_earlier("c1", first) == 1
        assert world.files.of_ticket(first) == [before]
        second = world.ticket(reason=TicketReason.LATE)
        assert world.files.attach_earlier("c1", second) == 0


def test_a_request_that_is_opened_takes_what_was_sent_before_it(world: World) -> None:
    file = world.files.receive(CALLER.conversation_id, "a.jpg", RAW)
    service = OpenTicket(
        helpdesk=BuiltinHelpdesk(world.engine, world.clock),
        orders=FakeOrders(),
        records=make_records(world.engine, world.clock, "k" * 40),
        clock=world.clock,
        settings=Settings(_env_file=None),  # type: ignore[call-arg]
        files=world.files,
    )
    ticket = service.open(CALLER, TicketReason.TALK_TO_HUMAN)
    assert world.files.of_ticket(ticket.number) == [file]
    # A call that died between the two is made again.
    world.clock.advance(seconds=1)
    later = world.files.receive(CALLER.conversation_id, "b.jpg", RAW + b"2")
    assert service.open(CALLER, TicketReason.TALK_TO_HUMAN).number == ticket.number
    assert world.files.of_ticket(ticket.number) == [file, later]


def test_only_bytes_that_no_file_has_are_swept(world: World) -> None:
    kept = world.files.receive("c1", "a.jpg", RAW)
    world.blobs.write(b"orphan")
    assert world.files.sweep() == 0
    world.wall = 10**12
    assert world.files.sweep() == 1
    assert world.files.read(kept.id)
    prune(world.engine, world.clock.now() + LATER)
    assert world.files.sweep() == 1
    assert world.on_disk() == 0
