"""What every request to the API passes, and how it is refused: `{"error": {"code", "text"}}`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import Request
from starlette.responses import JSONResponse, Response

from peyk.channels import Refused
from peyk.domain.api_keys import Scope
from peyk.errors import ExternalError, PeykError, Throttled
from peyk.i18n import localise_digits, text
from peyk.web.addresses import ClientAddresses
from peyk.web.bursts import Bursts
from peyk.web.callers import Callers
from peyk.web.memory import Memory
from peyk.web.turns import RETRY_UNAVAILABLE_S

log = structlog.get_logger(__name__)

Answer = Callable[[str], Awaitable[Response]]


class Wrong(PeykError):
    """A request that cannot be served: `code` names the sentence `api_<code>`, `status` the HTTP status."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Api:
    """What the API's routes share."""

    callers: Callers
    addresses: ClientAddresses
    bursts: Bursts
    memory: Memory
    language: str

    async def serve(self, request: Request, scope: Scope, answer: Answer) -> Response:
        """Give the answer to the owner of the request's key, or the reason why not."""
        try:
            await self.bursts.count_address(self.addresses.hashed(request))
            return await answer(await self.callers.owner(request, scope))
        except Wrong as exc:
            return self._refused(f"api_{exc.code}", exc.code, exc.status)
        except Throttled as exc:
            return self._again(Refused("burst", 429, retry_after_s=exc.retry_after_s, seconds=exc.retry_after_s))
        except Refused as exc:
            return self._again(exc)
        except ExternalError as exc:
            log.warning("edge.unavailable", error=str(exc))
            return self._again(Refused("unavailable", 503, retry_after_s=RETRY_UNAVAILABLE_S))

    def _again(self, refused: Refused) -> Response:
        headers = {"Retry-After": str(refused.retry_after_s)} if refused.retry_after_s else {}
        if refused.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return self._refused(f"edge_{refused.code}", refused.code, refused.status, headers, refused.values)

    def _refused(
        self,
        key: str,
        code: str,
        status: int,
        headers: dict[str, str] | None = None,
        values: dict[str, Any] | None = None,
    ) -> Response:
        shown = {name: localise_digits(str(value), self.language) for name, value in (values or {}).items()}
        body = {"error": {"code": code, "text": text(key, self.language, **shown)}}
        return JSONResponse(body, status, headers)
