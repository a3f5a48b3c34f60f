"""Iran Post as a carrier."""

from __future__ import annotations

from peyk.adapters._check import looked
from peyk.adapters.carriers._statuses import StatusTable
from peyk.adapters.carriers._told import Told
from peyk.adapters.carriers._vendor import VendorCarrier
from peyk.adapters.carriers.iran_post.client import SYSTEM, PostPage
from peyk.adapters.carriers.iran_post.page import Names, to_told
from peyk.adapters.carriers.iran_post.service import PACKAGE, make_service
from peyk.adapters.carriers.iran_post.settings import PostSettings, ServiceKind
from peyk.adapters.plugin import Parts
from peyk.domain.systems import Health

# 24 digits at home (older barcodes 20) and UPU S10 abroad [C].
PATTERN = r"\d{24}|\d{20}|[A-Z]{2}\d{9}[A-Z]{2}"
PAGE = "https://tracking.post.ir/?id={code}"


class IranPostCarrier(VendorCarrier):
    """Reads the public page, or asks the contract's web service where the shop has one."""

    def __init__(self, settings: PostSettings, parts: Parts) -> None:
        """Read the tables and prepare the connection; nothing is sent. Raises SettingsError."""
        numbers = settings.service_url and settings.service is ServiceKind.EBAZAAR
        table = StatusTable.load(
            SYSTEM,
            PACKAGE,
            settings.statuses,
            parts.unknown,
            persian=True,
            table="ebazaar_statuses.yml" if numbers else "statuses.yml",
        )
        super().__init__(SYSTEM, settings, parts, table, pattern=PATTERN, page=PAGE)
        self._names = Names.load(settings.page_names)
        self.client = PostPage(settings, parts, self._names)
        self.service = make_service(settings, parts)

    def ask(self, code: str) -> Told:
        """Return what Iran Post says of a code."""
        if self.service is not None:
            return self.service.ask(code)
        return to_told(SYSTEM, self.client.result(code), self._names)


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
