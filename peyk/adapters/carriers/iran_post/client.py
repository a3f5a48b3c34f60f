"""The tracking page of Iran Post [C]: a form of ASP.NET, fetched with its hidden fields and sent back with the code.

It says who is asking, in its User-Agent, and no more than that. A refusal (401, 403, 429) ends the asking for a while.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from peyk.adapters._http import Body, Http, NotJson, Reply
from peyk.adapters.carriers.iran_post.page import Names, hidden_fields
from peyk.adapters.carriers.iran_post.settings import PostSettings
from peyk.adapters.plugin import Parts
from peyk.errors import AccessRefused, BadAnswer, RateLimited

SYSTEM = "post"
PATH = "/search.aspx"
_REFUSED = (401, 403)
_SENT = {
    "scripmanager1": "pnlMain|btnSearch",
    "__LASTFOCUS": "",
    "__EVENTTARGET": "btnSearch",
    "__EVENTARGUMENT": "",
    "__VIEWSTATEENCRYPTED": "",
    "txtVoteReason": "",
    "txtVoteTel": "",
    "__ASYNCPOST": "true",
}
# What the form's own script sends, so that only the changed part of the page comes back.
_HEADERS = {"X-MicrosoftAjax": "Delta=true", "X-Requested-With": "XMLHttpRequest"}
_COOKIE = re.compile(r"(?:^|, )([^=;,\s]+)=([^;,\s]*)")


class PostPage:
    """Fetches the page of a code."""

    def __init__(self, settings: PostSettings, parts: Parts, names: Names) -> None:
        """Prepare the connection; nothing is sent. Raises SettingsError."""
        self._refused_s = settings.refused_minutes * 60
        self._names = names
        about = f"order tracking of a shop; {settings.contact}" if settings.contact else "order tracking of a shop"
        self.http = Http(
            SYSTEM,
            settings.url,
            deadline_s=parts.deadline_s,
            tries=parts.tries,
            allow_http=parts.allow_http,
            headers={"User-Agent": f"Peyk ({about})", "Accept": "text/html"},
        )

    def result(self, code: str) -> str:
        """Return the page that answers for a code, as it came. Raises what Http does."""
        empty = self._send("GET", code)
        form = hidden_fields(SYSTEM, _text(empty), self._names)
        cookies = "; ".join(f"{name}={value}" for name, value in _COOKIE.findall(empty.headers.get("Set-Cookie", "")))
        body = Body(form={**_SENT, **form, self._names.form: code})
        return _text(self._send("POST", code, body, {**_HEADERS, **({"Cookie": cookies} if cookies else {})}))

    def form(self) -> None:
        """Look whether the empty form is there. Raises what Http does."""
        hidden_fields(SYSTEM, _text(self._send("GET", "")), self._names)

    def _send(
        self, method: str, code: str, body: Body | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        refused = False
        status, pause_s = 0, 0
        try:
            # The form changes nothing: it may be sent again.
            return self.http.send(method, PATH, body or Body(), params={"id": code}, headers=headers, safe=True)
        except NotJson as exc:
            status = exc.status
        except AccessRefused:
            refused = True
        except RateLimited as exc:
            refused, pause_s = True, exc.retry_after_s or 0
        if not refused and status not in _REFUSED:
            raise BadAnswer(SYSTEM, f"HTTP {status} where its form should be")
        error = RateLimited(SYSTEM, "it refuses us, so it is left alone for a while")
        error.retry_after_s = max(self._refused_s, pause_s)
        raise error


def _text(reply: Reply) -> str:
    text = reply.content.decode(errors="replace")
    if "\ufffd" in text:
        raise BadAnswer(SYSTEM, "a page in an encoding it does not announce")
    return text
