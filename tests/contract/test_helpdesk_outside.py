"""Help desks outside, on servers of their documented shape: everything once, every fault a named error."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from peyk.adapters._auth import HeaderAuth
from peyk.adapters._http import Http, Rejected
from peyk.adapters.helpdesk.chatwoot import ChatwootApi, ChatwootHelpdesk
from peyk.adapters.helpdesk.zammad import ZammadApi, ZammadHelpdesk
from peyk.domain.outside import OutsideNote
from peyk.domain.tickets import TicketState
from peyk.errors import (
    AccessRefused,
    BadAnswer,
    ExternalError,
    NotFound,
    RateLimited,
    SettingsError,
    Unavailable,
    Unsure,
)
from tests.contract.outside_desks import SYSTEMS, Subject, chatwoot_place, draft, subject_of, zammad_place
from tests.fakes import zammad as zammad_server
from tests.fakes.chatwoot import FakeChatwoot
from tests.fakes.vendor_http import Fault
from tests.fakes.zammad import FakeZammad

FAULTS: dict[Fault, type[ExternalError]] = {
    Fault.RATE_LIMITED: RateLimited,
    Fault.SERVER_ERROR: Unavailable,
    Fault.BAD_GATEWAY: Unavailable,
    Fault.HTML: BadAnswer,
    Fault.REDIRECT: BadAnswer,
    Fault.SLOW: Unavailable,
    Fault.RESET: Unavailable,
    Fault.CUT_OFF: Unavailable,
    Fault.TRUNCATED: BadAnswer,
    Fault.HUGE: BadAnswer,
    Fault.WRONG_TYPES: BadAnswer,
    Fault.MISSING_FIELDS: BadAnswer,
}


@pytest.fixture(params=SYSTEMS)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with subject_of(request.param) as made:
        yield made


def made(subject: Subject, **changes: object) -> str:
    ticket = subject.desk.create(draft(**changes))
    subject.desk.complete(ticket.id, draft(**changes))
    return ticket.id


def test_what_was_made_is_found_by_its_key(subject: Subject) -> None:
    assert subject.desk.find(draft()) is None
    ticket = subject.desk.create(draft())
    assert subject.desk.find(draft()) == ticket
    assert subject.desk.find(draft(key="PK-1001-ffffffffffff")) is None
    assert subject.state(ticket.id) is TicketState.OPEN


def test_it_says_what_the_ticket_says_once(subject: Subject) -> None:
    external_id = made(subject)
    subject.desk.complete(external_id, draft())
    whole = "\n".join(subject.texts(external_id))
    assert whole.count("TS-104180") == whole.count("چرا نرسیده؟") == 1


def test_two_tickets_of_a_customer_are_two_of_one_contact(subject: Subject) -> None:
    first, second = made(subject), made(subject, key="PK-1002-0a1b2c3d4e5f")
    assert first != second
    people = subject.server.contacts if isinstance(subject.server, FakeChatwoot) else subject.server.customers  # type: ignore[attr-defined]
    assert len(people) == 1


def test_a_note_is_added_once_a_key_also_after_many_others(subject: Subject) -> None:
    external_id = made(subject)
    for number in range(45):
        subject.desk.add_note(external_id, OutsideNote(f"n{number}", f"text {number}"))
    before = len(subject.texts(external_id))
    subject.desk.add_note(external_id, OutsideNote("n3", "text 3"))
    assert len(subject.texts(external_id)) == before
    assert subject.texts(external_id)[-1] == "text 44"


@pytest.mark.parametrize("state", [TicketState.OPEN, TicketState.IN_PROGRESS, TicketState.RESOLVED])
def test_states_are_set_and_read(subject: Subject, state: TicketState) -> None:
    external_id = made(subject)
    word = subject.desk.states.ours[state]
    assert subject.desk.set_state(external_id, word).state == word
    assert subject.desk.states.read(word) in {state, TicketState.OPEN, TicketState.IN_PROGRESS}
    subject.move(external_id, state)
    assert subject.state(external_id) is state


def test_what_is_not_there_is_not_found(subject: Subject) -> None:
    for external_id in ("999999", "nonsense", "١٢", "1/../2"):
        with pytest.raises(NotFound):
            subject.desk.read(external_id)
    assert all(call.path.endswith("999999") for call in subject.server.calls)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_a_named_error(subject: Subject, fault: Fault) -> None:
    external_id = made(subject)
    calls: tuple[Callable[[], object], ...] = (
        lambda: subject.desk.read(external_id),
        lambda: subject.desk.find(draft()),
        lambda: subject.desk.add_note(external_id, OutsideNote("n1", "text")),
    )
    for call in calls:
        subject.server.fail(fault)
        with pytest.raises(FAULTS[fault]) as caught:
            call()
        assert caught.value.system == subject.desk.system
        subject.server.mend()
        subject.server.let_go()
    assert subject.desk.read(external_id).id == external_id


@pytest.mark.parametrize(("header", "seconds"), [("17", 17), (None, None), ("soon", None), ("0", 1)])
def test_the_pause_the_desk_asks_for_is_told(subject: Subject, header: str | None, seconds: int | None) -> None:
    subject.server.fail(Fault.RATE_LIMITED, retry_after=header)
    with pytest.raises(RateLimited) as caught:
        subject.desk.find(draft())
    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.RESET, Fault.CUT_OFF, Fault.SERVER_ERROR, Fault.TRUNCATED])
def test_what_was_made_though_the_answer_was_lost_is_found(subject: Subject, fault: Fault) -> None:
    method, part = subject.making
    subject.server.fail(fault, method=method, part=part, done=True)
    if subject.desk.system == "chatwoot":
        # The contact is there from an earlier ticket: only the conversation's answer is lost.
        subject.server.mend()
        made(subject, key="PK-1000-000000000000")
        subject.server.fail(fault, method=method, part=part, done=True)
    with pytest.raises(ExternalError):
        subject.desk.create(draft())
    found = subject.desk.find(draft())
    assert found is not None
    assert subject.tickets.count(found.id) == 1


def test_a_refusal_is_told_in_the_desks_own_words_without_the_token(subject: Subject) -> None:
    subject.server.token = "another"
    wrong = subject.server
    wrong.authorised = lambda headers: False  # type: ignore[method-assign]
    with pytest.raises(AccessRefused, match="HTTP 401 Invalid Access Token"):
        subject.desk.find(draft())


@pytest.mark.parametrize("fault", [Fault.BAD_GATEWAY, Fault.HTML, Fault.SLOW, Fault.RESET, Fault.REDIRECT])
def test_no_error_holds_the_token_or_what_was_said(
    subject: Subject, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    subject.server.fail(fault, times=9)
    with pytest.raises(ExternalError) as caught:
        subject.desk.create(draft())
    whole = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(subject.desk.__dict__)
    assert subject.server.token not in whole
    assert "چرا نرسیده؟" not in whole
    assert caught.value.__context__ is None


def test_a_desk_that_is_down_is_unavailable_and_nothing_was_sent(subject: Subject) -> None:
    subject.server.__exit__()
    with pytest.raises(Unavailable) as caught:
        subject.desk.find(draft())
    assert not isinstance(caught.value, Unsure)


def test_a_redirect_takes_the_token_nowhere(subject: Subject) -> None:
    subject.server.fail(Fault.REDIRECT)
    with pytest.raises(BadAnswer, match="redirects"):
        subject.desk.find(draft())
    assert len(subject.server.calls) == 1


@pytest.mark.parametrize(
    "url", ["http://desk.example.com", "ftp://desk.example.com", "desk", "https://u:p@desk.example"]
)
def test_a_token_does_not_travel_unprotected(url: str) -> None:
    with pytest.raises(SettingsError):
        ChatwootApi(chatwoot_place(url))
    with pytest.raises(SettingsError):
        ZammadApi(zammad_place(url))


def test_plain_http_in_a_network_of_ones_own_has_to_be_allowed() -> None:
    assert "10.0.0.5" in repr(Http("desk", "http://10.0.0.5/", allow_http=True))
    with pytest.raises(SettingsError, match="https://"):
        Http("desk", "http://10.0.0.5/")


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "کلید"])
def test_a_token_that_cannot_be_one_is_refused(token: str) -> None:
    with pytest.raises(SettingsError):
        HeaderAuth("desk", "X-Key", SecretStr(token))


def test_chatwoot_finds_a_customer_by_the_proven_mobile_whatever_they_were_called() -> None:
    with FakeChatwoot() as server:
        known = server.add_contact(name="Mina", phone_number="+989351112233")
        desk = ChatwootHelpdesk(ChatwootApi(chatwoot_place(server.url)))
        external_id = desk.create(draft()).id
        assert server.conversations[int(external_id)]["meta"]["sender"]["id"] == known["id"]
        assert len(server.contacts) == 1


def test_chatwoot_takes_a_name_that_only_contains_the_key_for_nobody() -> None:
    with FakeChatwoot() as server:
        server.add_contact(name="about peyk-77aa and more", identifier="peyk-77aab")
        desk = ChatwootHelpdesk(ChatwootApi(chatwoot_place(server.url)))
        assert desk.find(draft(mobile=None)) is None
        desk.create(draft(mobile=None))
        assert len(server.contacts) == 2


def test_chatwoot_shows_the_customer_nothing_but_their_own_words() -> None:
    with FakeChatwoot() as server:
        desk = ChatwootHelpdesk(ChatwootApi(chatwoot_place(server.url)))
        external_id = desk.create(draft()).id
        desk.complete(external_id, draft())
        desk.add_note(external_id, OutsideNote("n1", "for people", internal=False))
        said = [(kind, private) for kind, private, _ in server.texts(int(external_id))]
        assert said == [("outgoing", True), ("incoming", False), ("outgoing", True)]


def test_zammad_without_our_attribute_finds_by_the_title_once_its_index_has_it() -> None:
    with FakeZammad(attributes=frozenset()) as server:
        desk = ZammadHelpdesk(ZammadApi(zammad_place(server.url)))
        made_one = desk.create(draft())
        assert desk.find(draft()) is None
        desk.create(draft(key="PK-1002-0a1b2c3d4e5f", title="PK-1001 · another"))
        server.index()
        assert desk.find(draft()) == made_one
        assert desk.settle_s >= 60


def test_zammad_mails_nobody() -> None:
    with FakeZammad() as server:
        ZammadHelpdesk(ZammadApi(zammad_place(server.url))).create(draft())
        assert list(server.customers) == ["peyk-77aa@peyk.invalid"]
        assert all(article["internal"] for articles in server.articles.values() for article in articles)


def test_zammad_needs_a_group_that_is_there() -> None:
    with FakeZammad() as server:
        desk = ZammadHelpdesk(ZammadApi(zammad_place(server.url, group="Nobody")))
        with pytest.raises(Rejected, match="Group can't be blank"):
            desk.create(draft())
        assert zammad_server.TOKEN not in json.dumps([call.body for call in server.calls])
