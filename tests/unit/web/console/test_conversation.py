"""A conversation at the console: who sees it, who speaks, what is shown."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from peyk.domain.conversations import Author, Owner
from peyk.domain.queues import Queue
from peyk.domain.staff import CannedAnswer, Role
from peyk.domain.tickets import TicketReason
from peyk.i18n.dates import format_moment
from peyk.web.files import UPLOAD_PATHS
from tests.unit.services.fakes import MOBILE, NOW, order
from tests.unit.web.console.conftest import Browser, Console

HERE = "/console/conversations/c1"
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
MESSAGE_ID = re.compile(r'name="message_id" value="([0-9a-f]+)"')


def message_id(browser: Browser) -> str:
    found = MESSAGE_ID.search(browser.get(HERE).text)
    assert found
    return found.group(1)


def owner(console: Console) -> tuple[Owner, str | None]:
    ownership = console.desk.kept["c1"].about.ownership
    return ownership.owner, ownership.agent


class TestTaking:
    def test_from_the_queue_to_the_end(self, console: Console) -> None:
        sara = console.inside("sara")
        console.desk.begin("c1", "سفارشم نرسیده")
        assert "سفارشم نرسیده" in sara.get("/console/").text
        assert sara.post(f"{HERE}/take").headers["Location"] == HERE
        sara.post(f"{HERE}/reply", text="سلام، بررسی می‌کنم.", message_id=message_id(sara))
        assert sara.post(f"{HERE}/resolve", summary="فردا می‌رسد.").headers["Location"] == "/console/"
        assert [(entry.author, entry.text) for entry in console.desk.kept["c1"].entries] == [
            (Author.AGENT, "سلام، بررسی می‌کنم."),
            (Author.SYSTEM, "فردا می‌رسد."),
        ]
        assert owner(console) == (Owner.BOT, None)

    def test_two_take_one(self, console: Console) -> None:
        sara, ali = console.inside("sara"), console.inside("ali")
        console.desk.begin("c1")
        ali.get(HERE)
        assert sara.post(f"{HERE}/take").status_code == 303
        assert ali.post(f"{HERE}/take", htmx=True).status_code in {404, 409}
        assert owner(console) == (Owner.AGENT, console.person("sara").id)

    def test_a_lead_who_is_late_is_told(self, console: Console) -> None:
        sara, lena = console.inside("sara"), console.inside("lena", Role.LEAD)
        console.desk.begin("c1")
        lena.get(HERE)
        sara.post(f"{HERE}/take")
        answer = lena.post(f"{HERE}/take", htmx=True)
        assert answer.status_code == 409
        assert answer.headers["HX-Retarget"] == "#problems"
        assert owner(console) == (Owner.AGENT, console.person("sara").id)


class TestReplies:
    @pytest.fixture
    def sara(self, console: Console) -> Browser:
        browser = console.inside("sara")
        console.desk.begin("c1")
        browser.post(f"{HERE}/take")
        return browser

    def test_a_form_sent_twice_says_it_once(self, console: Console, sara: Browser) -> None:
        form = message_id(sara)
        for _ in range(2):
            assert sara.post(f"{HERE}/reply", htmx=True, text="سلام", message_id=form).status_code == 200
        assert len(console.desk.kept["c1"].entries) == 1
        sara.post(f"{HERE}/reply", htmx=True, text="سلام", message_id=message_id(sara))
        assert len(console.desk.kept["c1"].entries) == 2

    def test_a_new_form_comes_with_the_answer(self, console: Console, sara: Browser) -> None:
        form = message_id(sara)
        answer = sara.post(f"{HERE}/reply", htmx=True, text="سلام", message_id=form)
        found = MESSAGE_ID.search(answer.text)
        assert found
        assert found.group(1) != form
        assert answer.headers["HX-Trigger"] == "peyk:changed"

    def test_what_was_written_is_not_lost_when_somebody_else_has_it(self, console: Console, sara: Browser) -> None:
        form, person = message_id(sara), console.person("sara")
        console.staff.change(person.id, role="lead")
        console.desk.release("c1", person.id)
        answer = sara.post(f"{HERE}/reply", htmx=True, text="نیمه‌کاره", message_id=form)
        assert answer.status_code == 409
        assert "نیمه‌کاره" in answer.text
        assert console.desk.kept["c1"].entries == []

    @pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
    def test_nothing_or_too_much_is_not_said(self, console: Console, sara: Browser, text: str) -> None:
        assert sara.post(f"{HERE}/reply", htmx=True, text=text, message_id=message_id(sara)).status_code == 422
        assert console.desk.kept["c1"].entries == []

    def test_a_variable_without_a_value_is_never_sent(self, console: Console, sara: Browser) -> None:
        answer = sara.post(f"{HERE}/reply", htmx=True, text="سفارش {order} رسید", message_id=message_id(sara))
        assert answer.status_code == 422
        assert "{order}" in answer.text
        assert console.desk.kept["c1"].entries == []

    def test_files_go_with_it(self, console: Console, sara: Browser) -> None:
        fields = {"text": "رسید", "message_id": message_id(sara)}
        sara.post(f"{HERE}/reply/files", htmx=True, files={"file": ("رسید.png", b"\x89PNG", "image/png")}, **fields)
        assert console.files.received == [("c1", "رسید.png", b"\x89PNG", console.person("sara").id)]
        assert console.desk.kept["c1"].entries[0].custom["files"][0]["id"] == "f1"

    def test_a_file_goes_where_the_edge_lets_files_in(self, sara: Browser) -> None:
        found = re.search(r'class="composer" method="post" action="([^"]+)"', sara.get(HERE).text)
        assert found
        assert UPLOAD_PATHS.fullmatch(found.group(1))

    def test_a_file_that_is_refused_says_so(self, console: Console, sara: Browser) -> None:
        answer = sara.post(
            f"{HERE}/reply", htmx=True, files={"file": ("a.exe", b"MZ")}, text="x", message_id=message_id(sara)
        )
        assert answer.status_code == 422
        assert console.desk.kept["c1"].entries == []


class TestMoves:
    def test_to_a_colleague_with_a_note(self, console: Console) -> None:
        sara, ali = console.inside("sara"), console.inside("ali")
        console.desk.begin("c1")
        sara.post(f"{HERE}/take")
        sara.post(f"{HERE}/transfer", to=f"agent:{console.person('ali').id}", note="پول را بررسی کن")
        assert owner(console) == (Owner.AGENT, console.person("ali").id)
        assert "پول را بررسی کن" in ali.get(HERE).text
        assert sara.get(HERE).status_code == 404

    def test_into_another_queue(self, console: Console) -> None:
        sara = console.inside("sara")
        console.desk.begin("c1")
        sara.post(f"{HERE}/take")
        sara.post(f"{HERE}/transfer", to="queue:security")
        assert owner(console) == (Owner.QUEUE, None)
        assert console.desk.kept["c1"].handoff.queue is Queue.SECURITY

    @pytest.mark.parametrize("to", ["", "queue:nowhere", "agent:nobody", "sara", "agent:"])
    def test_to_nobody_moves_nothing(self, console: Console, to: str) -> None:
        sara = console.inside("sara")
        console.desk.begin("c1")
        sara.post(f"{HERE}/take")
        assert sara.post(f"{HERE}/transfer", to=to).status_code == 409
        assert owner(console) == (Owner.AGENT, console.person("sara").id)

    def test_a_lead_moves_what_others_have(self, console: Console) -> None:
        console.inside("sara").get("/console/")
        lena = console.inside("lena", Role.LEAD)
        console.desk.begin("c1")
        console.desk.take("c1", console.person("sara").id)
        assert lena.post(f"{HERE}/release").status_code == 303
        assert owner(console) == (Owner.QUEUE, None)

    def test_a_lead_does_not_speak_for_others(self, console: Console) -> None:
        sara, lena = console.operator("sara"), console.inside("lena", Role.LEAD)
        console.desk.begin("c1")
        console.desk.take("c1", sara.id)
        lena.get(HERE)
        assert lena.post(f"{HERE}/reply", htmx=True, text="x", message_id="m").status_code == 409
        assert lena.post(f"{HERE}/resolve", summary="x").status_code == 409
        assert owner(console) == (Owner.AGENT, sara.id)


class TestWhoSees:
    def test_an_agent_sees_no_colleagues_conversation(self, console: Console) -> None:
        ali = console.inside("ali")
        console.desk.begin("c1", "خصوصی")
        console.desk.take("c1", console.operator("sara").id)
        for path in (HERE, f"{HERE}/entries", f"{HERE}/state", f"{HERE}/notes", f"{HERE}/macros"):
            assert ali.get(path).status_code == 404, path
        for what in ("take", "reply", "notes", "transfer", "release", "resolve", "open"):
            assert ali.post(f"{HERE}/{what}", text="x", summary="x", to="queue:l1").status_code == 404, what
        assert "خصوصی" not in ali.get("/console/").text
        assert console.desk.kept["c1"].notes == []

    def test_an_agent_sees_the_queues_that_are_theirs(self, console: Console) -> None:
        ali = console.inside("ali", queues=("vip",))
        console.desk.begin("c1", "معمولی")
        console.desk.begin("c2", "ویژه", queue=Queue.VIP)
        page = ali.get("/console/").text
        assert "ویژه" in page
        assert "معمولی" not in page
        assert ali.get(HERE).status_code == 404
        assert ali.post(f"{HERE}/take").status_code == 404

    def test_what_the_bot_has_is_not_for_agents(self, console: Console) -> None:
        ali = console.inside("ali")
        kept = console.desk.begin("c1")
        kept.about = replace(kept.about, ownership=type(kept.about.ownership)())
        assert ali.get(HERE).status_code == 404
        assert console.inside("lena", Role.LEAD).get(HERE).status_code == 200

    def test_but_their_tickets_conversations_are(self, console: Console) -> None:
        ali = console.inside("ali")
        kept = console.desk.begin("c1")
        kept.about = replace(kept.about, ownership=type(kept.about.ownership)())
        console.tickets.open(TicketReason.LATE, "c1", assignee=console.person("ali").id)
        assert ali.get(HERE).status_code == 200

    def test_an_unknown_one_is_as_unseen(self, console: Console) -> None:
        assert console.inside("lena", Role.LEAD).get("/console/conversations/nothing").status_code == 404


class TestPersonalData:
    def begin(self, console: Console) -> Browser:
        sara = console.inside("sara")
        facts = {"orderId": "TS-104233", "status": "shipped", "tracking": {"carrier": "post", "code": "TRK-88392011"}}
        console.desk.begin("c1", f"شماره‌ام {MOBILE} است", order=facts, mobile="0912***67", level=2)
        console.desk.said("c1", Author.CUSTOMER, f"با {MOBILE} تماس بگیرید، ۰۹۳۵۱۱۱۲۲۳۳ هم هست")
        console.customers.add("c1", order())
        return sara

    def test_it_is_not_in_the_page_before_it_is_opened(self, console: Console) -> None:
        sara = self.begin(console)
        for page in (sara.get("/console/").text, sara.get(HERE).text, sara.get(f"{HERE}/entries").text):
            for secret in (MOBILE, "۰۹۳۵۱۱۱۲۲۳۳", "سارا نمونه", "خیابان نمونه", "TRK-88392011"):
                assert secret not in page
        assert "0912***67" in sara.get(HERE).text
        assert console.audited("console.personal_opened") == []

    def test_what_is_no_news_says_of_when_it_is(self, console: Console) -> None:
        sara, heard, told = console.inside("sara"), NOW - timedelta(hours=3), NOW - timedelta(days=2)
        tracking = {"carrier": "post", "code": "TRK-88392011", "asOf": heard.isoformat()}
        facts = {"orderId": "TS-104233", "status": "shipped", "asOf": told.isoformat(), "tracking": tracking}
        console.desk.begin("c1", "؟", order=facts, mobile="0912***67", level=2)
        console.customers.add("c1", order(as_of=told), order(number="TS-104234"))
        ages = re.findall(r'<span class="soft">[^<]*· به‌روز تا ([^<]+)</span>', sara.get(HERE).text)
        assert ages == [format_moment(each, console.clock.now(), "fa") for each in (told, heard, told)]

    def test_nor_is_it_in_what_the_bot_a_colleague_or_a_file_says(self, console: Console) -> None:
        sara = self.begin(console)
        secrets = ("TRK-88392011", "482913", "sara@example.com", "1234567890", MOBILE)
        words = f"بستهٔ TS-104233: https://post.example/?id={secrets[0]} کد شما {secrets[1]} {secrets[2]} {secrets[3]}"
        file = {"id": "f1", "name": f"{MOBILE}.png", "type": "image/png"}
        console.desk.said("c1", Author.BOT, words, buttons=[f"پیگیری {secrets[0]}"], files=[file])
        console.desk.note("c1", console.person("sara").id, words)
        pages = (HERE, f"{HERE}/entries", f"{HERE}/notes")
        for page in pages:
            shown = sara.get(page).text
            assert [secret for secret in secrets if secret in shown] == [], page
            assert "TS-104233" in shown
        added = sara.post(f"{HERE}/notes", text=words, htmx=True).text
        assert [secret for secret in secrets if secret in added] == []
        sara.post(f"{HERE}/open")
        for page in pages:
            assert secrets[2] in sara.get(page).text, page

    def test_a_ticket_shows_as_much_as_its_conversation(self, console: Console) -> None:
        sara = self.begin(console)
        words = "TS-104233 TRK-88392011 sara@example.com 482913"
        number = console.tickets.open(TicketReason.LATE, "c1", note=words, mobile=MOBILE).number
        console.tickets.note(number, console.person("sara").id, words)
        page = f"/console/tickets/{number}"
        shown = sara.get(page).text
        assert [each for each in (*words.split(), MOBILE) if each in shown] == ["TS-104233"]
        sara.get(HERE)
        sara.post(f"{HERE}/open")
        shown = sara.get(page).text
        assert [each for each in (*words.split(), MOBILE) if each not in shown] == []

    def test_what_was_merged_into_it_stays_hidden_unless_its_own_conversation_is_opened(self, console: Console) -> None:
        sara = self.begin(console)
        kept = console.tickets.open(TicketReason.LATE, "c1").number
        gone = console.tickets.open(TicketReason.LOST, "c2").number
        console.tickets.note(gone, console.person("sara").id, "sara@example.com")
        console.tickets.merge(gone, kept, "lead", force=True)
        sara.get(HERE)
        sara.post(f"{HERE}/open")
        assert "sara@example.com" not in sara.get(f"/console/tickets/{kept}").text

    def test_opening_it_is_written_down_and_lasts_a_while(self, console: Console) -> None:
        sara = self.begin(console)
        sara.get(HERE)
        sara.post(f"{HERE}/open")
        page = sara.get(HERE).text
        for secret in (MOBILE, "۰۹۳۵۱۱۱۲۲۳۳", "سارا نمونه", "خیابان نمونه", "TRK-88392011"):
            assert secret in page
        assert console.audited("console.personal_opened") == [("c1", console.person("sara").id)]
        console.clock.advance(minutes=30)  # type: ignore[attr-defined]
        assert MOBILE not in sara.get(HERE).text

    def test_one_opens_for_oneself(self, console: Console) -> None:
        sara = self.begin(console)
        sara.get(HERE)
        sara.post(f"{HERE}/open")
        assert MOBILE not in console.inside("ali").get(HERE).text

    def test_nothing_is_opened_when_it_cannot_be_written_down(
        self, console: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sara = self.begin(console)
        sara.get(HERE)

        def broken(**_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(console.parts.audit, "append", broken)
        with pytest.raises(RuntimeError):
            sara.post(f"{HERE}/open")
        assert MOBILE not in sara.get(HERE).text


class TestScript:
    def test_is_text_wherever_it_stands(self, console: Console) -> None:
        sara = console.inside("sara", name=SCRIPT[:80])
        facts = {"orderId": SCRIPT, "status": "shipped", "items": [{"title": SCRIPT, "quantity": 1}]}
        console.desk.begin("c1", SCRIPT, order=facts, tried=(SCRIPT,), mobile=SCRIPT)
        files = [{"id": "f1", "name": SCRIPT, "type": SCRIPT, "size": 1}]
        console.desk.said("c1", Author.CUSTOMER, SCRIPT, buttons=[SCRIPT], files=files)
        console.desk.note("c1", console.person("sara").id, SCRIPT)
        console.customers.add("c1", order(customer_name=SCRIPT, address=SCRIPT))
        console.tickets.open(TicketReason.LATE, "c1", note=SCRIPT, order_number=SCRIPT)
        console.canned.save(CannedAnswer("a", SCRIPT, SCRIPT, SCRIPT))
        sara.get(HERE)
        sara.post(f"{HERE}/open")
        lena = console.inside("lena", Role.ADMIN)
        shown = [sara.get(path).text for path in ("/console/", HERE, f"{HERE}/macros", "/console/tickets/PK-1001")]
        shown += [lena.get(path).text for path in ("/console/macros", "/console/users")]
        sara.post(f"{HERE}/take")
        shown.append(sara.post(f"{HERE}/reply", htmx=True, text=SCRIPT + "{order} {name} {eta}", message_id="m").text)
        for page in shown:
            assert "alert(1)" in page
            assert "<script>alert" not in page
            assert "<img" not in page

    def test_the_policy_forbids_it_anyway(self, console: Console) -> None:
        policy = console.inside("sara").get("/console/").headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy

    def test_nothing_is_inline(self, console: Console) -> None:
        sara = console.inside("sara")
        console.desk.begin("c1")
        for path in ("/console/", HERE, "/console/account", "/console/tickets", "/console/search"):
            page = sara.get(path).text
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page), path


class TestNews:
    def test_only_what_is_new_is_sent(self, console: Console) -> None:
        sara = console.inside("sara")
        console.desk.begin("c1")
        console.desk.said("c1", Author.CUSTOMER, "یک")
        assert "entries?after=1" in sara.get(HERE).text
        assert sara.get(f"{HERE}/entries?after=1").status_code == 204
        console.desk.said("c1", Author.CUSTOMER, "دو")
        part = sara.get(f"{HERE}/entries?after=1").text
        assert "دو" in part
        assert "یک" not in part
        assert "entries?after=2" in part

    def test_the_customer_writes(self, console: Console) -> None:
        sara = console.inside("sara")
        console.desk.begin("c1")
        assert "در حال نوشتن" not in sara.get(f"{HERE}/state").text
        console.signs.typing.add("c1")
        assert "در حال نوشتن" in sara.get(f"{HERE}/state").text

    def test_files_are_opened_by_a_fresh_link_however_long_the_page_was_open(self, console: Console) -> None:
        sara = console.inside("sara")
        console.desk.begin("c1")
        console.desk.said("c1", Author.CUSTOMER, None, files=[{"id": "f7", "name": "a.png", "type": "image/png"}])
        assert f'href="{HERE}/files/f7"' in html.unescape(sara.get(HERE).text)
        console.files.known.add(("c1", "f7"))
        opened = sara.get(f"{HERE}/files/f7")
        assert (opened.status_code, opened.headers["location"]) == (303, "/files/f7.token")

    def test_no_file_of_what_an_operator_may_not_see(self, console: Console) -> None:
        sara, mina = console.inside("sara"), console.inside("mina")
        console.desk.begin("c1")
        console.files.known |= {("c1", "f7"), ("c2", "f8")}
        # Another conversation's, and one nobody has.
        for name in ("f8", "f9"):
            assert sara.get(f"{HERE}/files/{name}").status_code == 404
        assert console.desk.take("c1", console.person("sara").id)
        assert mina.get(f"{HERE}/files/f7").status_code == 404
        assert console.browser().get(f"{HERE}/files/f7").headers["location"].startswith("/console/login")
