"""Iran Post as a carrier."""

from __future__ import annotations

from typing import Any

from peyk.adapters._auth import Auth, HeaderAuth
from peyk.adapters._check import looked
from peyk.adapters._http import Http
from peyk.adapters.carriers._fields import Fields
from peyk.adapters.carriers._refusals import refusal, said_with_404
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.iran_post.client import SYSTEM, PostPage
from peyk.adapters.carriers.iran_post.page import Names, to_told
from peyk.adapters.carriers.iran_post.settings import PostSettings
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health
from peyk.errors import SettingsError

PACKAGE = "peyk.adapters.carriers.iran_post"
# 24 digits at home (older barcodes 20) and UPU S10 abroad [C].
PATTERN = r"\d{24}|\d{20}|[A-Z]{2}\d{9}[A-Z]{2}"
PAGE = "https://tracking.post.ir/?id={code}"


class IranPostCarrier(VendorCarrier):
    """Reads the public page, or asks the contract's web service where the shop has one."""

    def __init__(self, settings: PostSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        table = StatusTable.load(SYSTEM, PACKAGE, settings.statuses, parts.unknown, persian=True)
        super().__init__(SYSTEM, settings, parts, table, pattern=PATTERN, page=PAGE)
        self._names = Names.load(settings.page_names)
        self.client = PostPage(settings, parts, self._names)
        self.service = _Service(settings, parts) if settings.service_url else None

    def ask(self, code: str) -> Told:
        """Return what Iran Post says of a code."""
        if self.service is not None:
            return self.service.ask(code)
        return to_told(SYSTEM, self.client.result(code), self._names)


class _Service:
    """The web service of a contract: its shape is not published, so that the shop names path, header and fields."""

    def __init__(self, settings: PostSettings, parts: Parts) -> None:
        key = settings.service_key
        auth = HeaderAuth(SYSTEM, settings.service_header, key) if key.get_secret_value() else Auth()
        self._path = settings.service_path
        if settings.fields is None:
            raise SettingsError("PEYK_POST_FIELDS: name the fields of your web service (docs/carriers.md)")
        self._fields = Fields.load(SYSTEM, PACKAGE, settings.fields)
        self.http = Http(
            SYSTEM,
            settings.service_url,
            auth,
            deadline_s=parts.deadline_s,
            tries=parts.tries,
            allow_http=parts.allow_http,
        )

    def ask(self, code: str) -> Told:
        answer: Any = said_with_404(lambda: self.http.get(self._path.replace("{code}", code)))
        if isinstance(answer, dict) and any(answer.get(flag) is False for flag in ("isSuccess", "success", "result")):
            raise refusal(SYSTEM, str(answer.get("message") or ""))
        return self._fields.told(answer)


def make(settings: PostSettings, parts: Parts) -> IranPostCarrier:
    """Return the carrier. Raises SettingsError."""
    return IranPostCarrier(settings, parts)


def check(settings: PostSettings, parts: Parts) -> Health:
    """Look whether the form is there; a code is asked for only where the shop has given one."""
    carrier = make(settings, parts)
    if carrier.service is not None:
        return looked(carrier.service.http, carrier.sample)

    def form() -> str:
        carrier.client.form()
        return carrier.sample() if settings.sample else "the form"

    return looked(carrier.client.http, form, credentials=False)
