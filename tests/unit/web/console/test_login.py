"""Who comes in, and who does not."""

from __future__ import annotations

import httpx
import pyotp
import pytest

from peyk.domain.staff import Role
from peyk.services.passwords import Passwords
from peyk.store.tables import operator_sessions, operators
from peyk.web.console.gate import COOKIE
from tests.fakes.console import CHEAP, PASSWORD
from tests.unit.web.console.conftest import Browser, Console

HOME = "/console/"


def said(page: httpx.Response) -> str:
    """Return what the page complains of."""
    return page.text[page.text.index('role="alert"') :][:200]


class TestLogIn:
    def test_with_login_and_password(self, console: Console) -> None:
        browser = console.inside("sara")
        page = browser.get(HOME)
        assert page.status_code == 200
        assert "Sara" in page.text

    def test_the_login_is_not_picky(self, console: Console) -> None:
        console.operator("sara")
        assert console.browser().log_in(" Sara ").status_code == 303

    @pytest.mark.parametrize("path", [HOME, "/console/tickets", "/console/users", "/console/conversations/c1"])
    def test_nobody_else_sees_anything(self, console: Console, path: str) -> None:
        answer = console.browser().get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/console/login")

    def test_the_address_without_its_slash_stays_with_the_scheme_of_the_browser(self, console: Console) -> None:
        answer = console.browser().get("/console", **{"X-Forwarded-Proto": "https"})
        assert (answer.status_code, answer.headers["Location"]) == (303, HOME)

    @pytest.mark.parametrize(("login", "password"), [("sara", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)])
    def test_all_that_is_wrong_gets_one_answer(self, console: Console, login: str, password: str) -> None:
        console.operator("boss", Role.ADMIN)
        console.operator("sara")
        console.operators.change(console.operator("gone").id, active=False)
        answer = console.browser().log_in(login, password)
        assert answer.status_code == 401
        assert "درست نیست" in said(answer)
        assert COOKIE not in answer.cookies

    @pytest.mark.parametrize("login", ["sara", "nobody", "gone", "no such login!"])
    def test_every_try_costs_one_hash(self, console: Console, login: str, monkeypatch: pytest.MonkeyPatch) -> None:
        console.operator("boss", Role.ADMIN)
        console.operator("sara")
        console.operators.change(console.operator("gone").id, active=False)
        checked: list[str] = []
        matches = Passwords.matches

        def counted(self: Passwords, kept: str | None, typed: str) -> bool:
            checked.append(typed)
            return matches(self, kept, typed)

        monkeypatch.setattr(Passwords, "matches", counted)
        console.browser().log_in(login, "wrong")
        assert checked == ["wrong"]

    def test_a_hash_of_other_parameters_is_renewed(self, console: Console) -> None:
        console.operator("sara")
        stronger = type(CHEAP)(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
        console.staff.set_password(console.person("sara").id, stronger, must_change=False)
        assert console.browser().log_in("sara").status_code == 303
        known = console.staff.credentials("sara")
        assert known is not None
        assert known.password_hash != stronger
        assert console.browser().log_in("sara").status_code == 303


class TestGuessing:
    @pytest.mark.parametrize("login", ["sara", "nobody"])
    def test_after_a_few_tries_even_the_right_password_waits(self, console: Console, login: str) -> None:
        console.operator("sara")
        for number in range(5):
            assert console.browser(f"192.0.2.{number}").log_in(login, "wrong").status_code == 401
        answer = console.browser("192.0.2.99").log_in(login, PASSWORD)
        assert answer.status_code == 429
        assert "۱۵ دقیقه" in answer.text
        assert COOKIE not in answer.cookies

    def test_the_lock_opens_again(self, console: Console, clock: object) -> None:
        console.operator("sara")
        for number in range(5):
            console.browser(f"192.0.2.{number}").log_in("sara", "wrong")
        console.clock.advance(minutes=15, seconds=1)  # type: ignore[attr-defined]
        assert console.browser().log_in("sara").status_code == 303

    def test_one_address_cannot_try_many_logins(self, console: Console) -> None:
        console.operator("sara")
        answers = [console.browser().log_in(f"guess{number}", "wrong").status_code for number in range(9)]
        assert answers == [401] * 8 + [429]
        assert console.browser("198.51.100.7").log_in("sara").status_code == 303

    def test_wrong_tries_are_written_down(self, console: Console) -> None:
        sara = console.operator("sara")
        console.browser().log_in("sara", "wrong")
        console.browser().log_in("nobody", "wrong")
        assert console.audited("console.refused") == [("", sara.id), ("", "")]


class TestSessions:
    def test_an_id_from_before_the_log_in_is_worth_nothing(self, console: Console) -> None:
        console.operator("sara")
        browser = console.browser()
        browser.cookies.set(COOKIE, "planted", path="/console")
        browser.log_in("sara")
        kept = {cookie.value for cookie in browser.cookies.jar if cookie.name == COOKIE}
        assert kept - {"planted"}
        attacker = console.browser()
        attacker.cookies.set(COOKIE, "planted", path="/console")
        assert attacker.get(HOME).status_code == 303

    def test_every_log_in_has_a_new_id(self, console: Console) -> None:
        console.operator("sara")
        ids = []
        for _ in range(2):
            browser = console.browser()
            browser.log_in("sara")
            ids.append(browser.cookies[COOKIE])
        assert ids[0] != ids[1]
        assert min(map(len, ids)) >= 40

    def test_the_store_has_no_id_and_no_password(self, console: Console) -> None:
        browser = console.inside("sara")
        with console.engine.begin() as connection:
            kept = str(connection.execute(operator_sessions.select()).all())
            kept += str(connection.execute(operators.select()).all())
        assert browser.cookies[COOKIE] not in kept
        assert PASSWORD not in kept

    @pytest.mark.parametrize(("headers", "secure"), [({}, False), ({"X-Forwarded-Proto": "https"}, True)])
    def test_the_cookie_is_for_the_console_alone(self, console: Console, headers: dict[str, str], secure: bool) -> None:
        console.operator("sara")
        browser = console.browser()
        browser.get("/console/login")
        browser._client.headers.update(headers)
        cookie = next(
            value
            for value in browser.post("/console/login", login="sara", password=PASSWORD).headers.get_list("Set-Cookie")
            if value.startswith(f"{COOKIE}=")
        )
        assert "HttpOnly" in cookie
        assert "Path=/console" in cookie
        assert "SameSite=lax" in cookie
        assert ("Secure" in cookie) is secure

    def test_idle_is_out(self, console: Console) -> None:
        browser = console.inside("sara")
        console.clock.advance(minutes=59)  # type: ignore[attr-defined]
        assert browser.get(HOME).status_code == 200
        console.clock.advance(minutes=59)  # type: ignore[attr-defined]
        assert browser.get(HOME).status_code == 200
        console.clock.advance(minutes=60)  # type: ignore[attr-defined]
        assert browser.get(HOME).status_code == 303

    def test_what_a_page_asks_by_itself_keeps_nobody_in(self, console: Console) -> None:
        browser = console.inside("sara")
        for _ in range(3):
            console.clock.advance(minutes=25)  # type: ignore[attr-defined]
            answer = browser.get("/console/queue", **{"HX-Request": "true"})
        assert answer.status_code == 401

    def test_a_day_ends(self, console: Console) -> None:
        browser = console.inside("sara")
        for _ in range(12):
            assert browser.get(HOME).status_code == 200
            console.clock.advance(minutes=59, seconds=59)  # type: ignore[attr-defined]
        console.clock.advance(minutes=1)  # type: ignore[attr-defined]
        assert browser.get(HOME).status_code == 303

    def test_expired_under_htmx_leads_the_whole_page_to_the_log_in(self, console: Console) -> None:
        answer = console.browser().post("/console/conversations/c1/reply", htmx=True, text="x")
        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"] == "/console/login"

    def test_log_out_ends_it_on_the_server(self, console: Console) -> None:
        browser = console.inside("sara")
        token = browser.cookies[COOKIE]
        assert browser.post("/console/logout").status_code == 303
        browser.cookies.set(COOKIE, token, path="/console")
        assert browser.get(HOME).status_code == 303

    def test_who_is_disabled_is_out_at_once(self, console: Console) -> None:
        console.operator("boss", Role.ADMIN)
        browser = console.inside("sara")
        console.operators.change(console.person("sara").id, active=False)
        assert browser.get(HOME).status_code == 303
        # Let in again, they log in again.
        console.operators.change(console.person("sara").id, active=True)
        assert browser.get(HOME).status_code == 303


class TestWhereToAfterwards:
    @pytest.mark.parametrize("wanted", ["/console/tickets/PK-1001", "/console/conversations/c1"])
    def test_back_to_where_one_wanted(self, console: Console, wanted: str) -> None:
        console.operator("sara")
        browser = console.browser()
        page = browser.get(browser.get(wanted).headers["Location"])
        assert f'name="next" value="{wanted}"' in page.text
        assert browser.log_in("sara", next=wanted).headers["Location"] == wanted

    @pytest.mark.parametrize(
        "wanted",
        [
            "https://evil.example/",
            "//evil.example",
            "/console//evil.example",
            "/console/../../evil",
            "/\\evil.example",
            "/console/\\evil",
            "javascript:alert(1)",
            "/consoleevil",
            "/console/\r\nX: y",
            "/webhooks/rest/webhook",
        ],
    )
    def test_never_out_of_the_console(self, console: Console, wanted: str) -> None:
        console.operator("sara")
        assert console.browser().log_in("sara", next=wanted).headers["Location"] == HOME
        page = console.browser()._run(console.browser()._client.get("/console/login", params={"next": wanted}))
        assert "evil" not in page.text


class TestForms:
    def test_a_log_in_needs_its_form(self, console: Console) -> None:
        console.operator("sara")
        browser = console.browser()
        assert browser.post("/console/login", login="sara", password=PASSWORD).status_code == 403
        browser.get("/console/login")
        assert browser.post("/console/login", csrf="0" * 64, login="sara", password=PASSWORD).status_code == 403
        other = console.browser()
        other.get("/console/login")
        assert browser.post("/console/login", csrf=other.csrf, login="sara", password=PASSWORD).status_code == 403


def totp_of(console: Console, browser: Browser, login: str) -> pyotp.TOTP:
    """Turn the second factor on and return what the phone has."""
    page = browser.get("/console/account").text
    salt = page.split('name="salt" value="')[1][:32]
    phone = pyotp.TOTP(console.sign_in.second_factor.secret(console.person(login).id, salt))
    assert phone.secret in page
    answer = browser.post(
        "/console/account/second-factor", salt=salt, code=phone.at(console.clock.now()), password=PASSWORD
    )
    assert answer.status_code == 303, answer.text
    return phone


class TestSecondFactor:
    def test_on_it_is_asked_for(self, console: Console) -> None:
        phone = totp_of(console, console.inside("sara"), "sara")
        console.clock.advance(seconds=60)  # type: ignore[attr-defined]
        assert console.browser().log_in("sara").status_code == 401
        assert console.browser().log_in("sara", code="000000").status_code == 401
        assert console.browser().log_in("sara", code=phone.at(console.clock.now())).status_code == 303

    def test_a_code_works_once(self, console: Console) -> None:
        phone = totp_of(console, console.inside("sara"), "sara")
        used = phone.at(console.clock.now())
        assert console.browser().log_in("sara", code=used).status_code == 401
        console.clock.advance(seconds=60)  # type: ignore[attr-defined]
        code = phone.at(console.clock.now())
        assert console.browser().log_in("sara", code=code).status_code == 303
        assert console.browser().log_in("sara", code=code).status_code == 401

    def test_the_secret_is_never_shown_again_and_not_in_the_store(self, console: Console) -> None:
        browser = console.inside("sara")
        phone = totp_of(console, browser, "sara")
        assert phone.secret not in browser.get("/console/account").text
        with console.engine.begin() as connection:
            assert phone.secret not in str(connection.execute(operators.select()).all())

    def test_a_wrong_code_or_password_turns_nothing_on(self, console: Console) -> None:
        browser = console.inside("sara")
        salt = browser.get("/console/account").text.split('name="salt" value="')[1][:32]
        phone = pyotp.TOTP(console.sign_in.second_factor.secret(console.person("sara").id, salt))
        right = phone.at(console.clock.now())
        for code, password in [("000000", PASSWORD), (right, "wrong")]:
            answer = browser.post("/console/account/second-factor", salt=salt, code=code, password=password)
            assert answer.status_code == 422
        assert not console.person("sara").totp

    def test_an_admin_turns_it_off(self, console: Console) -> None:
        totp_of(console, console.inside("sara"), "sara")
        password = console.operators.reset(console.person("sara").id)
        assert not console.person("sara").totp
        assert console.browser().log_in("sara", password).status_code == 303


class TestPasswords:
    def test_a_generated_one_has_to_be_changed_first(self, console: Console) -> None:
        _, password = console.operators.add("sara", "Sara", Role.AGENT)
        browser = console.browser()
        browser.log_in("sara", password)
        assert browser.get(HOME).headers["Location"] == "/console/account"
        answer = browser.post("/console/account/password", password=password, new=PASSWORD, again=PASSWORD)
        assert answer.status_code == 303
        assert browser.get(HOME).status_code == 200

    def test_a_change_ends_the_other_sessions(self, console: Console) -> None:
        here = console.inside("sara")
        there = console.browser()
        there.log_in("sara")
        new = "another long one"
        assert here.post("/console/account/password", password=PASSWORD, new=new, again=new).status_code == 303
        assert here.get(HOME).status_code == 200
        assert there.get(HOME).status_code == 303
        assert console.browser().log_in("sara").status_code == 401

    @pytest.mark.parametrize(
        ("old", "new", "again"),
        [
            ("wrong", "another long one", "another long one"),
            (PASSWORD, "another long one", "another"),
            (PASSWORD, "short", "short"),
            (PASSWORD, "sara-sara-sara", "sara-sara-sara"),
        ],
    )
    def test_what_is_not_changed(self, console: Console, old: str, new: str, again: str) -> None:
        browser = console.inside("sara")
        answer = browser.post("/console/account/password", password=old, new=new, again=again)
        assert answer.status_code == 422
        assert console.browser().log_in("sara").status_code == 303
