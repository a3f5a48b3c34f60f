"""What is done with a ticket at the console, and by whom."""

from __future__ import annotations

from peyk.domain.files import PNG, StoredFile
from peyk.domain.queues import Priority, Queue
from peyk.domain.staff import Role
from peyk.domain.tickets import EventKind, TicketReason, TicketState
from tests.unit.services.fakes import MOBILE, NOW
from tests.unit.web.console.conftest import Console

LATE = TicketReason.LATE


def test_its_files_are_there_with_links(console: Console) -> None:
    sara = console.inside("sara")
    number = console.tickets.open(LATE, "c1").number
    console.files.evidence[number] = [StoredFile("f9", "c1", f"{MOBILE} <b>.png", PNG, 1, "", NOW, "customer")]
    page = sara.get(f"/console/tickets/{number}").text
    assert f'href="/console/tickets/{number}/files/f9"' in page
    opened = sara.get(f"/console/tickets/{number}/files/f9")
    assert (opened.status_code, opened.headers["location"]) == (303, "/files/f9.token")
    assert sara.get(f"/console/tickets/{number}/files/f8").status_code == 404
    assert console.browser().get(f"/console/tickets/{number}/files/f9").headers["location"].startswith("/console/login")
    assert MOBILE not in page
    assert "<b>" not in page


def test_a_question_is_asked_once_and_waited_for(console: Console) -> None:
    sara = console.inside("sara")
    number = console.tickets.open(LATE, "c1").number
    page = f"/console/tickets/{number}"
    key = sara.get(page).text.split('name="key" value="')[1].split('"')[0]
    sara.post(f"{page}/answer", text="بررسی می‌کنم", key=key)
    for _ in range(2):
        sara.post(f"{page}/wait", text="کدام بسته؟", key=key)
    sara.post(f"{page}/wait", text="", key="other")
    assert console.tickets.tickets[number].state is TicketState.WAITING_CUSTOMER
    said = [event.text for event in console.tickets.history(number) if event.kind is EventKind.MESSAGE]
    assert said == ["بررسی می‌کنم", "کدام بسته؟"]


def test_moved_and_raised(console: Console) -> None:
    sara = console.inside("sara")
    number = console.tickets.open(LATE, "c1", assignee=console.person("sara").id).number
    page = f"/console/tickets/{number}"
    assert f'action="{page}/move"' in sara.get(page).text
    sara.post(f"{page}/escalate", text="خیلی ناراحت است")
    raised = console.tickets.tickets[number]
    assert (raised.queue, raised.priority) == (Queue.L2, Priority.TOPIC)
    sara.post(f"{page}/move", queue="nowhere")
    sara.post(f"{page}/move", queue="security")
    moved = console.tickets.tickets[number]
    assert (moved.queue, moved.assignee) == (Queue.SECURITY, None)


def test_what_a_colleague_has_only_a_lead_moves_and_resolves(console: Console) -> None:
    ali, lena, sara = console.inside("ali"), console.inside("lena", Role.LEAD), console.operator("sara")
    one, two = (console.tickets.open(LATE, "c1", assignee=sara.id).number for _ in range(2))
    for what in ("move", "resolve", "wait", "escalate"):
        form = {"queue": "vip", "reason": "solved", "text": "x", "key": "k", "force": "yes"}
        assert ali.post(f"/console/tickets/{one}/{what}", **form).status_code == 404, what
    assert console.tickets.tickets[one].assignee == sara.id
    assert 'name="force"' in lena.get(f"/console/tickets/{two}").text
    assert lena.post(f"/console/tickets/{two}/resolve", reason="solved").status_code == 409
    lena.post(f"/console/tickets/{one}/move", queue="vip")
    lena.post(f"/console/tickets/{two}/resolve", reason="solved", force="yes")
    assert console.tickets.tickets[one].queue is Queue.VIP
    assert console.tickets.tickets[two].state is TicketState.RESOLVED


def test_tickets_of_two_customers_are_merged_by_force_alone(console: Console) -> None:
    lena = console.inside("lena", Role.LEAD)
    one, two = (console.tickets.open(LATE, here).number for here in ("c1", "c2"))
    refused = lena.post(f"/console/tickets/{two}/merge", into=one)
    assert refused.status_code == 409
    assert "دو مشتری" in refused.text
    lena.post(f"/console/tickets/{two}/merge", into=one, force="yes")
    assert console.tickets.tickets[two].merged_into == one


def test_nothing_is_given_to_who_is_disabled(console: Console) -> None:
    lena, sara = console.inside("lena", Role.LEAD), console.operator("sara")
    number = console.tickets.open(LATE, "c1").number
    console.staff.change(sara.id, active=False)
    assert lena.post(f"/console/tickets/{number}/assign", to=sara.id).status_code == 409
    assert console.tickets.tickets[number].assignee is None


def test_others_tickets_push_nothing_off_the_list(console: Console) -> None:
    ali = console.inside("ali")
    for _ in range(200):
        console.tickets.open(LATE, "c1", assignee="somebody")
    number = console.tickets.open(LATE, "c2").number
    assert number in ali.get("/console/tickets").text
