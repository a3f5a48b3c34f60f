"""Changes need a form of the same session, and a role that may."""

from __future__ import annotations

from typing import Any

import pytest

from peyk.domain.staff import PERMISSIONS, Operator, Permission, Role
from peyk.domain.tickets import TicketReason
from tests.unit.web.console.conftest import Browser, Console

CHANGES = [
    "/console/logout",
    "/console/conversations/c1/take",
    "/console/conversations/c1/reply",
    "/console/conversations/c1/reply/files",
    "/console/conversations/c1/notes",
    "/console/conversations/c1/typing",
    "/console/conversations/c1/transfer",
    "/console/conversations/c1/release",
    "/console/conversations/c1/resolve",
    "/console/conversations/c1/open",
    "/console/tickets/PK-1001/take",
    "/console/tickets/PK-1001/note",
    "/console/tickets/PK-1001/answer",
    "/console/tickets/PK-1001/wait",
    "/console/tickets/PK-1001/move",
    "/console/tickets/PK-1001/escalate",
    "/console/tickets/PK-1001/resolve",
    "/console/tickets/PK-1001/reopen",
    "/console/tickets/PK-1001/assign",
    "/console/tickets/PK-1001/merge",
    "/console/macros",
    "/console/macros/a/remove",
    "/console/hours",
    "/console/users",
    "/console/users/u/change",
    "/console/users/u/active",
    "/console/users/u/reset",
    "/console/account/language",
    "/console/account/password",
    "/console/account/second-factor",
]
FOR_LEADS = ["/console/macros", "/console/macros/a/remove", "/console/tickets/PK-1001/assign"]
FOR_LEADS += ["/console/tickets/PK-1001/merge"]
FOR_ADMINS = ["/console/hours", "/console/users", "/console/users/u/change", "/console/users/u/active"]
FOR_ADMINS += ["/console/users/u/reset"]


def test_every_change_of_the_console_is_in_the_list(console: Console) -> None:
    posts = {
        route.path.replace("{here}", "c1")
        .replace("{number}", "PK-1001")
        .replace("{answer_id}", "a")
        .replace("{user}", "u")
        for route in routes_of(console)
        if "POST" in route.methods
    }
    listed = {path if "/tickets/" not in path else "/console/tickets/PK-1001/{what}" for path in CHANGES}
    assert posts - {"/console/login"} == listed


def routes_of(console: Console) -> list[Any]:
    from peyk.web.console import routes

    return list(routes(console.parts).routes)


class TestForms:
    @pytest.mark.parametrize("path", CHANGES)
    def test_without_this_sessions_token_nothing_is_done(self, console: Console, path: str) -> None:
        boss = console.inside("boss", Role.ADMIN)
        other = console.inside("other", Role.ADMIN)
        kept = console.desk.begin("c1")
        console.tickets.open(TicketReason.LATE, "c1")
        before = (str(kept), str(console.tickets.tickets), str(console.staff.everybody()), console.hours.kept)
        for token in ("", "0" * 64, "نه", other.csrf):
            assert boss.post(path, csrf=token, text="x").status_code == 403, token
        assert (str(kept), str(console.tickets.tickets), str(console.staff.everybody()), console.hours.kept) == before
        assert boss.get("/console/").status_code == 200

    def test_a_header_does_as_well_as_a_field(self, console: Console) -> None:
        sara = console.inside("sara")
        console.desk.begin("c1")
        sara._client.headers["X-CSRF-Token"] = sara.csrf
        assert sara.post("/console/conversations/c1/take", csrf="").status_code == 303
        sara._client.headers["X-CSRF-Token"] = "0" * 64
        assert sara.post("/console/conversations/c1/release", csrf=sara.csrf).status_code == 403

    def test_the_token_of_the_session_before_is_worth_nothing(self, console: Console) -> None:
        sara = console.inside("sara")
        old = sara.csrf
        sara.post("/console/logout")
        sara.log_in("sara")
        console.desk.begin("c1")
        assert sara.post("/console/conversations/c1/take", csrf=old).status_code == 403


class TestRoles:
    def test_each_may_what_the_one_before_may(self) -> None:
        assert PERMISSIONS[Role.AGENT] < PERMISSIONS[Role.LEAD] < PERMISSIONS[Role.ADMIN] == frozenset(Permission)
        assert PERMISSIONS[Role.AGENT] == {Permission.WORK}

    @pytest.mark.parametrize("permission", Permission)
    def test_who_is_disabled_may_nothing(self, permission: Permission) -> None:
        assert not Operator("1", "A", "a", Role.ADMIN, active=False).may(permission)

    @pytest.mark.parametrize("path", [*FOR_LEADS, *FOR_ADMINS])
    def test_agents_may_not(self, console: Console, path: str) -> None:
        sara = console.inside("sara")
        console.tickets.open(TicketReason.LATE, "c1")
        assert sara.post(path, title="t", fa="ف", en="e").status_code == 403
        assert console.canned.all() == []

    @pytest.mark.parametrize("path", FOR_ADMINS)
    def test_leads_may_not(self, console: Console, path: str) -> None:
        lena = console.inside("lena", Role.LEAD)
        assert lena.post(path, login="x", name="x", role="admin").status_code == 403
        assert len(console.staff.everybody()) == 1

    @pytest.mark.parametrize("path", ["/console/macros", "/console/hours", "/console/users"])
    def test_nor_look(self, console: Console, path: str) -> None:
        sara = console.inside("sara")
        assert sara.get(path).status_code == 403
        assert path not in sara.get("/console/").text

    def test_a_role_that_is_taken_away_is_away_at_once(self, console: Console) -> None:
        console.operator("root", Role.ADMIN)
        boss = console.inside("boss", Role.ADMIN)
        console.operators.change(console.person("boss").id, role=Role.AGENT)
        assert boss.get("/console/users").status_code == 403


class TestUsers:
    @pytest.fixture
    def boss(self, console: Console) -> Browser:
        return console.inside("boss", Role.ADMIN)

    def add(self, boss: Browser, **more: str) -> str:
        fields = {"login": "sara", "name": "سارا", "role": "agent", "language": "fa", **more}
        page = boss.post("/console/users", **fields)
        return page.text.split('class="big">')[1].split("<")[0] if 'class="big">' in page.text else ""

    def test_a_new_one_comes_in_with_the_password_shown_once(self, console: Console, boss: Browser) -> None:
        password = self.add(boss)
        assert password
        assert password not in boss.get("/console/users").text
        assert console.browser().log_in("sara", password).status_code == 303

    @pytest.mark.parametrize(
        "wrong", [{"login": "b"}, {"login": "سارا"}, {"login": "boss"}, {"name": " "}, {"login": "a b"}]
    )
    def test_what_is_refused(self, console: Console, boss: Browser, wrong: dict[str, str]) -> None:
        assert self.add(boss, **wrong) == ""
        assert len(console.staff.everybody()) == 1

    def test_the_last_admin_stays(self, console: Console, boss: Browser) -> None:
        own = f"/console/users/{console.person('boss').id}"
        assert boss.post(f"{own}/active", active="no").status_code == 422
        answer = boss.post(f"{own}/change", name="Boss", role="agent", language="fa")
        assert answer.status_code == 422
        assert console.person("boss").may(Permission.EDIT_USERS)

    def test_disabled_and_back(self, console: Console, boss: Browser) -> None:
        password = self.add(boss)
        own = f"/console/users/{console.person('sara').id}"
        boss.post(f"{own}/active", active="no")
        assert console.browser().log_in("sara", password).status_code == 401
        boss.post(f"{own}/active", active="yes")
        assert console.browser().log_in("sara", password).status_code == 303

    def test_changes_are_written_down(self, console: Console, boss: Browser) -> None:
        self.add(boss)
        sara = console.person("sara").id
        boss.post(f"/console/users/{sara}/change", name="سارا", role="lead", language="en", queues=["vip", "nowhere"])
        person = console.person("sara")
        assert (person.role, person.language, person.queues) == (Role.LEAD, "en", ("vip",))
        assert console.audited("console.operator_changed") == [("", sara)]

    def test_ones_own_password_is_not_reset_here(self, console: Console, boss: Browser) -> None:
        own = console.person("boss").id
        assert boss.post(f"/console/users/{own}/reset").status_code == 403
        assert console.browser().log_in("boss").status_code == 303
