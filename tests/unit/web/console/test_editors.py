"""Canned answers, office hours, tickets and search at the console."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from peyk.domain.conversations import Ownership
from peyk.domain.office_hours import FRIDAY, SATURDAY
from peyk.domain.queues import Queue
from peyk.domain.staff import Role
from peyk.domain.tickets import EventKind, TicketReason, TicketState
from peyk.ports.staff import Found
from tests.unit.services.fakes import MOBILE, NOW
from tests.unit.web.console.conftest import Browser, Console

MACROS = "/console/macros"
HOURS = "/console/hours"


class TestMacros:
    @pytest.fixture
    def lena(self, console: Console) -> Browser:
        return console.inside("lena", Role.LEAD)

    def test_kept_changed_and_removed(self, console: Console, lena: Browser) -> None:
        lena.post(MACROS, title="سلام", fa="سلام {name}", en="Hello {name}")
        (kept,) = console.canned.all()
        lena.post(MACROS, id=kept.id, title="درود", fa="درود", en="Hi")
        (changed,) = console.canned.all()
        assert (changed.id, changed.title, changed.text("fa"), changed.text("en")) == (kept.id, "درود", "درود", "Hi")
        lena.post(f"{MACROS}/{kept.id}/remove")
        assert console.canned.all() == []

    @pytest.mark.parametrize("word", ["foo", "Name", "order_id", "0.__class__", "نام", "order!r", ""])
    def test_an_unknown_variable_is_refused_and_nothing_typed_is_lost(
        self, console: Console, lena: Browser, word: str
    ) -> None:
        answer = lena.post(MACROS, title="عنوان من", fa="متن من", en=f"x {{{word}}}")
        assert answer.status_code == 422
        assert "عنوان من" in answer.text
        assert "متن من" in answer.text
        assert console.canned.all() == []

    @pytest.mark.parametrize("missing", ["title", "fa", "en"])
    def test_both_languages_are_needed(self, console: Console, lena: Browser, missing: str) -> None:
        fields = {"title": "t", "fa": "ف", "en": "e", missing: " "}
        assert lena.post(MACROS, **fields).status_code == 422
        assert console.canned.all() == []

    def test_they_are_filled_in_the_customers_language(self, console: Console, lena: Browser) -> None:
        text = "{order} {status} {eta} {shop} {agent} {name}"
        lena.post(MACROS, title="همه", fa=text, en=text)
        facts = {"orderId": "TS-104233", "status": "out_for_delivery", "eta": "2026-11-22T08:30:00+00:00"}
        console.desk.begin("c1", order=facts, language="en")
        page = lena.get("/console/conversations/c1/macros").text
        # The name is personal data, and not opened.
        expected = "TS-104233 out for delivery 22 November 2026 Demo Shop Lena {name}"
        assert f'data-inserts="{expected}"' in page
        assert "۱ آذر ۱۴۰۵ فروشگاه نمونه" in lena.get("/console/conversations/c1/macros?lang=fa").text


class TestOfficeHours:
    @pytest.fixture
    def boss(self, console: Console) -> Browser:
        return console.inside("boss", Role.ADMIN)

    def form(self, **changes: str) -> dict[str, Any]:
        return {"version": "0", f"opens-{SATURDAY}-0": "09:00", f"closes-{SATURDAY}-0": "17:00", **changes}

    def test_the_sample_of_a_date_keeps_its_order_inside_persian(self, boss: Browser) -> None:
        assert '<bdi dir="ltr">1405-12-19</bdi>' in boss.get(HOURS).text

    def test_a_week_and_holidays_in_both_calendars(self, console: Console, boss: Browser) -> None:
        typed = "۱۴۰۵/۱۲/۱۹ انبارگردانی\n2026-12-25 Christmas\n"
        more = {f"opens-{SATURDAY}-1": "۱۸:۰۰", f"closes-{SATURDAY}-1": "24:00", "holidays": typed}
        assert boss.post(HOURS, **self.form(**more)).status_code == 303
        assert console.hours.kept.weekly == {SATURDAY: ((time(9), time(17)), (time(18), time(0)))}
        assert console.hours.holidays == {date(2027, 3, 10): "انبارگردانی", date(2026, 12, 25): "Christmas"}
        assert console.hours.kept.iranian_holidays is False
        assert "1405-12-19 انبارگردانی" in boss.get(HOURS).text

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({f"closes-{SATURDAY}-0": "08:00"}, "خوانده نشد"),
            ({f"closes-{SATURDAY}-0": ""}, "خوانده نشد"),
            ({f"closes-{SATURDAY}-0": "25:00"}, "خوانده نشد"),
            ({f"opens-{SATURDAY}-0": "", f"closes-{SATURDAY}-0": ""}, "خوانده نشد"),
            ({f"opens-{FRIDAY}-0": "nine", f"closes-{FRIDAY}-0": "17:00"}, "خوانده نشد"),
            ({"holidays": "عید نوروز"}, "عید نوروز"),
            ({"holidays": "1405-13-01"}, "1405-13-01"),
            ({"version": "7"}, "همکار دیگری"),
        ],
    )
    def test_what_cannot_be_is_not_kept(
        self, console: Console, boss: Browser, changes: dict[str, str], said: str
    ) -> None:
        before = console.hours.kept
        answer = boss.post(HOURS, **self.form(**changes))
        assert answer.status_code == 422
        assert said in answer.text
        assert console.hours.kept == before


class TestTickets:
    def test_the_way_of_one(self, console: Console) -> None:
        sara = console.inside("sara")
        number = console.tickets.open(TicketReason.LATE, "c1", note=f"شماره {MOBILE}").number
        page = f"/console/tickets/{number}"
        assert MOBILE not in sara.get(page).text
        sara.post(f"{page}/take")
        key = sara.get(page).text.split('name="key" value="')[1].split('"')[0]
        for _ in range(2):
            sara.post(f"{page}/answer", text="بررسی شد", key=key)
        sara.post(f"{page}/note", text="انبار خبر دارد")
        sara.post(f"{page}/resolve", reason="solved", summary="فردا می‌رسد")
        assert console.tickets.tickets[number].state is TicketState.RESOLVED
        kinds = [event.kind for event in console.tickets.history(number)]
        assert kinds.count(EventKind.MESSAGE) == 1
        sara.post(f"{page}/reopen")
        assert console.tickets.tickets[number].state is TicketState.OPEN
        assert "فردا می‌رسد" in sara.get(page).text

    def test_somebody_elses_is_refused_with_the_reason(self, console: Console) -> None:
        lena, sara = console.inside("lena", Role.LEAD), console.operator("sara")
        number = console.tickets.open(TicketReason.LATE, "c1", assignee=sara.id).number
        lena.get(f"/console/tickets/{number}")
        answer = lena.post(f"/console/tickets/{number}/answer", text="x", key="k")
        assert answer.status_code == 409
        assert "همکار دیگری" in answer.text

    def test_an_agent_sees_their_queues_and_their_own(self, console: Console) -> None:
        ali = console.inside("ali", queues=("vip",))
        numbers = [
            console.tickets.open(TicketReason.LATE, "c1").number,
            console.tickets.open(TicketReason.LATE, "c2", queue=Queue.VIP).number,
            console.tickets.open(TicketReason.LATE, "c3", assignee=console.person("ali").id).number,
            console.tickets.open(TicketReason.LATE, "c4", queue=Queue.VIP, assignee="somebody").number,
        ]
        page = ali.get("/console/tickets").text
        assert [number in page for number in numbers] == [False, True, True, False]
        assert [ali.get(f"/console/tickets/{number}").status_code for number in numbers] == [404, 200, 200, 404]
        assert ali.post(f"/console/tickets/{numbers[0]}/take").status_code == 404

    def test_leads_assign_and_merge(self, console: Console) -> None:
        lena, sara = console.inside("lena", Role.LEAD), console.operator("sara")
        one, two = (console.tickets.open(TicketReason.LATE, "c1").number for _ in range(2))
        lena.get("/console/tickets")
        lena.post(f"/console/tickets/{one}/assign", to=sara.id)
        assert console.tickets.tickets[one].assignee == sara.id
        lena.post(f"/console/tickets/{one}/assign", to="nobody-there")
        assert console.tickets.tickets[one].assignee == sara.id
        lena.post(f"/console/tickets/{two}/merge", into=one.lower())
        assert console.tickets.tickets[two].merged_into == one
        assert lena.post(f"/console/tickets/{one}/merge", into="PK-9999").status_code == 409

    def test_an_unknown_one_or_step(self, console: Console) -> None:
        lena = console.inside("lena", Role.LEAD)
        number = console.tickets.open(TicketReason.LATE, "c1").number
        assert lena.get("/console/tickets/PK-9").status_code == 404
        assert lena.post(f"/console/tickets/{number}/explode").status_code == 404
        lena.post(f"/console/tickets/{number}/resolve", reason="merged", summary="x")
        assert console.tickets.tickets[number].state is TicketState.OPEN


class FakeSearch:
    """Finds two conversations, one of them somebody else's."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    def find(self, words: str, *, mobile: str | None, limit: int) -> list[Found]:
        self.asked.append((words, mobile))
        return [
            Found("c1", Ownership(), "rest", NOW, f"ربات {MOBILE}"),
            Found("c2", Ownership(), "rest", NOW, "خصوصی", "PK-1002", "TS-104233"),
        ]


class TestSearch:
    def test_only_what_one_may_see_is_found(self, console: Console) -> None:
        search = FakeSearch()
        object.__setattr__(console.parts, "search", search)
        sara, lena = console.inside("sara"), console.inside("lena", Role.LEAD)
        assert "خصوصی" not in sara.get("/console/search?q=TS-104233").text
        page = lena.get("/console/search?q=TS-104233").text
        assert "خصوصی" in page
        assert MOBILE not in page

    @pytest.mark.parametrize("typed", [MOBILE, "۰۹۱۲۱۲۳۴۵۶۷", "+98 912 123 4567"])
    def test_a_mobile_is_found_as_it_is_kept(self, console: Console, typed: str) -> None:
        search = FakeSearch()
        object.__setattr__(console.parts, "search", search)
        lena = console.inside("lena", Role.LEAD)
        lena._run(lena._client.get("/console/search", params={"q": typed}))
        assert search.asked[-1][1] == MOBILE


def test_each_operator_has_their_language(console: Console) -> None:
    sara = console.inside("sara")
    assert '<html lang="fa" dir="rtl">' in sara.get("/console/").text
    sara.post("/console/account/language", language="en")
    page = sara.get("/console/").text
    assert '<html lang="en" dir="ltr">' in page
    assert "Queue" in page
    sara.post("/console/account/language", language="de")
    assert '<html lang="en" dir="ltr">' in sara.get("/console/").text


def test_only_the_consoles_own_files_are_served(console: Console) -> None:
    browser = console.browser()
    assert browser.get("/console/static/console.css").status_code == 200
    for name in ("pages.py", "..%2fpages.py", "%2e%2e/pages.py", "nothing.css"):
        assert browser.get(f"/console/static/{name}").status_code == 404
