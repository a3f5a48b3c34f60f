"""Broken answers of the local Bot API server."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from enum import StrEnum

from peyk.web.demo_bot.speaking import BotHandler, HttpAnswer, error


class Fault(StrEnum):
    """What may go wrong with a call."""

    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    SERVER_ERROR = "server_error"
    HTML = "html"
    SLOW = "slow"
    RESET = "reset"
    CUT_OFF = "cut_off"
    CONFLICT = "conflict"


@dataclass
class Trouble:
    fault: Fault
    method: str | None
    times: int
    retry_after: int | None
    status: int
    after: int


@dataclass
class BrokenAnswer(HttpAnswer):
    """An answer that ends before its announced length, by a reset or in order."""

    reset: bool = False


def faulty(trouble: Trouble, token: str) -> HttpAnswer:
    # Error pages of proxies quote the address they were asked for.
    page = f"<html><body>nginx: /bot{token}/ failed</body></html>".encode()
    match trouble.fault:
        case Fault.RATE_LIMITED:
            parameters = {"parameters": {"retry_after": trouble.retry_after}} if trouble.retry_after is not None else {}
            return error(429, f"Too Many Requests: retry after {trouble.retry_after}", **parameters)
        case Fault.BLOCKED:
            return error(403, "Forbidden: bot was blocked by the user")
        case Fault.CONFLICT:
            return error(409, "Conflict: terminated by other getUpdates request")
        case Fault.SERVER_ERROR:
            return error(trouble.status, f"Internal Server Error at /bot{token}/")
        case Fault.HTML:
            return HttpAnswer(trouble.status, page, "text/html", {"Retry-After": "7"} if trouble.status == 429 else {})
        case _:
            content = b'{"ok": true, "result": ' + b" " * 4096
            return BrokenAnswer(200, content, reset=trouble.fault is Fault.RESET)


class BreakingHandler(BotHandler):
    """Serves broken answers too."""

    def told_length(self, answer: HttpAnswer) -> int:
        return len(answer.content) * (2 if isinstance(answer, BrokenAnswer) else 1)

    def reply(self, answer: HttpAnswer) -> None:
        super().reply(answer)
        if isinstance(answer, BrokenAnswer):
            if answer.reset:
                # No time to linger: the kernel sends a reset in the place of an orderly end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
