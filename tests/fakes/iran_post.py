"""Iran Post's tracking page, and the web services of its contracts.

The page is a form of ASP.NET with hidden fields and a session; it answers with a part of itself.
"""

from __future__ import annotations

from hashlib import md5
from html import escape
from itertools import groupby
from typing import Any

from tests.fakes.carrier_stories import Case, FakeCarrierVendor, Line, numbered, words
from tests.fakes.vendor_http import Answer, Call, Fault, Trouble

VIEW, VALIDATION, SESSION = "dDwtMTU2Nzs7Pg==", "/wEWAgL+raDpAgK", "ASP.NET_SessionId=x1y2z3"
SECRET = "no-secret-but-quoted-by-error-pages"
SENT = {"__EVENTTARGET": "btnSearch", "__ASYNCPOST": "true", "scripmanager1": "pnlMain|btnSearch"}


class FakeIranPost(FakeCarrierVendor):
    codes = numbered(24, Case.PARTS)

    def __init__(self) -> None:
        super().__init__(SECRET)
        # What a filter before the page answers to everybody, instead of the page.
        self.filter: Answer | None = None

    def refusal(self, call: Call) -> Answer | None:
        return self.filter

    def handle(self, call: Call) -> Answer:
        if call.path != "/search.aspx":
            return Answer(404, raw=b"")
        if call.method == "GET":
            return page(FORM, {"Set-Cookie": f"{SESSION}; path=/; HttpOnly"})
        form = call.form
        mine = {"__VIEWSTATE": VIEW, "__EVENTVALIDATION": VALIDATION, "txtbSearch": call.query.get("id", ""), **SENT}
        if any(form.get(name) != value for name, value in mine.items()) or SESSION not in call.headers.get(
            "Cookie", ""
        ):
            return delta("error", "500", "Invalid postback")
        if self.case(form["txtbSearch"]) is Case.NOT_FOUND:
            return delta("updatePanel", "pnlMain", f"<div class='alert'>{words('not_found')}</div>")
        return delta("updatePanel", "pnlMain", result(self.parcel(form["txtbSearch"]).lines))

    def _broken(self, trouble: Trouble, good: Answer) -> Answer:
        pages = {
            Fault.ERROR_BODY: delta("error", "500", f"{words('broken')} {SECRET}"),
            # The classes have new names.
            Fault.WRONG_TYPES: _changed(good, "newtddata", "cell-v2"),
            # The result has another one.
            Fault.MISSING_FIELDS: _changed(good, "pnlResult", "pnlAnswer"),
        }
        return pages.get(trouble.fault) or super()._broken(trouble, good)


FORM = (
    f'<form method="post" action="./search.aspx"><input type="hidden" name="__VIEWSTATE" value="{VIEW}"/>'
    f'<input type="hidden" name="__EVENTVALIDATION" value="{VALIDATION}"/><input type="hidden" '
    'name="__VIEWSTATEGENERATOR" value="BBBC20B8"/><div id="pnlMain"><input name="txtbSearch" id="txtbSearch"/></div>'
    "</form>"
)


def page(body: str, headers: dict[str, str] | None = None) -> Answer:
    raw = f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>{body}</body></html>".encode()
    return Answer(200, raw=raw, content_type="text/html; charset=utf-8", headers=headers or {})


def delta(kind: str, part: str, content: str) -> Answer:
    """An answer to the form's own script: length|kind|id|content|."""
    raw = f"1|#||4|{len(content)}|{kind}|{part}|{content}|0|hiddenField|__EVENTTARGET||".encode()
    return Answer(200, raw=raw, content_type="text/plain; charset=utf-8")


def result(lines: list[Line]) -> str:
    """The panel with the history, the newest day and the newest line first."""
    rows = [f'<div id="pParcelInfo"><div class="newrowdatacol">{words("parcel_info")}</div></div>']
    for day, scans in groupby(reversed(lines), key=lambda line: line.day):
        rows.append(f'<div class="row"><div class="newtdheader col">{day}</div></div>')
        for number, line in enumerate(scans, start=1):
            place = f"{escape(line.place)} <a href='#'>&#9742; 0912</a>"
            cells = (str(number), escape(line.words), place, line.time)
            rows.append(f'<div class="row">{"".join(f"<div class=newtddata>{cell}</div>" for cell in cells)}</div>')
    return f'<div id="pnlResult">{"".join(rows)}</div>'


def _changed(good: Answer, old: str, new: str) -> Answer:
    whole = (good.raw or b"").decode().replace(old, new).replace('__VIEWSTATE"', '__STATE"')
    return Answer(good.status, raw=whole.encode(), content_type=good.content_type, headers=good.headers)


USER, PASSWORD, KEY = "post-shop-user", "post-pass-4711", "post-secret-0815"
API_KEY = md5(f"{USER}{PASSWORD}{KEY}".encode(), usedforsecurity=False).hexdigest()


class FakePostCompany(FakeCarrierVendor):
    """The web service of companies: user, password and the key they make in headers; a history for a barcode."""

    essential = frozenset({"EventDate"})
    # What it says of a parcel nobody has scanned is not known: an empty list names none.
    codes = numbered(20, Case.PARTS, Case.NOT_YET)

    def __init__(self) -> None:
        super().__init__(USER, PASSWORD, KEY, API_KEY)
        self.error_body = {"Message": f"{words('broken')} {KEY} {PASSWORD}"}

    def refusal(self, call: Call) -> Answer | None:
        given = tuple(call.headers.get(name) for name in ("username", "password", "apikey"))
        return None if given == (USER, PASSWORD, API_KEY) else Answer(401, {"Message": f"{words('refused')}: {given}"})

    def handle(self, call: Call) -> Answer:
        if (call.method, call.path) != ("POST", "/api/company/GetParcelTrace"):
            return Answer(404, raw=b"")
        code = call.query["Barcode"]
        if self.case(code) is Case.NOT_FOUND:
            return Answer(400, {"Message": words("not_found")})
        return Answer(200, [_traced(line) for line in self.parcel(code).lines])


def _traced(line: Line) -> dict[str, str]:
    return {"EventDate": line.day, "EventTime": line.time, "Description": line.words, "Location": line.place}


# What it calls the states it has; 4 is in no table.
_STATES = {
    Case.IN_TRANSIT: 5,
    Case.READY_FOR_PICKUP: 8,
    Case.DELIVERED: 7,
    Case.RETURNED: 10,
    Case.UNKNOWN: 4,
    Case.NOT_FOUND: -1,
}


class FakeEbazaar(FakeCarrierVendor):
    """The electronic bazaar's web service: a token for a password grant, then states of barcodes in an envelope."""

    essential = frozenset({"access_token", "ResCode", "StatusCode"})
    codes = numbered(20, *(case for case in Case if case not in _STATES))

    def __init__(self) -> None:
        super().__init__(USER, PASSWORD)
        self.error_body = {"ResCode": 14, "ResMsg": f"{words('broken')} {PASSWORD}", "Data": None}
        self.tokens: list[str] = []
        # What it refuses every token with.
        self.token_error = ""

    def refusal(self, call: Call) -> Answer | None:
        if call.path.endswith("/token"):
            return None
        good = self.tokens and call.headers.get("Authorization") == f"Bearer {self.tokens[-1]}"
        return None if good else Answer(401, {"Message": f"{call.headers.get('Authorization')} is no token"})

    def handle(self, call: Call) -> Answer:
        if call.path == "/RestApi/token":
            return self._token(call.form)
        if call.path != "/RestApi/api/v0/Order/ParcelStatus":
            return Answer(404, raw=b"")
        return Answer(200, {"ResCode": 0, "ResMsg": "", "Data": [self._state(code) for code in call.body]})

    def _state(self, code: str) -> dict[str, Any]:
        return {"ParcelCode": code, "StatusCode": _STATES[self.case(code)], "Description": ""}

    def _token(self, form: dict[str, str]) -> Answer:
        if self.token_error or form != {"username": USER, "password": PASSWORD, "grant_type": "password"}:
            return Answer(400, {"error": self.token_error or "405", "error_description": f"{form}"})
        self.tokens.append(f"bazaar-token-{len(self.tokens)}")
        self.secrets = (USER, PASSWORD, *self.tokens)
        return Answer(200, {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 86399})
