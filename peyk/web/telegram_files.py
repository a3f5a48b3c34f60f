"""Fetches what customers send to Telegram, and takes it as evidence."""

from __future__ import annotations

import structlog

from peyk.channels.telegram.api import BotApi
from peyk.channels.telegram.errors import ChatGone, Refusal, SlowDown, TooBig
from peyk.channels.telegram.message_parts import File
from peyk.domain.files import StoredFile
from peyk.errors import ExternalError, NotFound
from peyk.ports.files import FileRefused
from peyk.web.files import Evidence
from peyk.web.patience import FIRST_PAUSE_S, Timing

log = structlog.get_logger(__name__)

TRIES = 3
# Who is told to wait longer than this for a file tells the customer.
LONGEST_WAIT_S = 30.0


class TelegramFiles:
    """One bot's way from a file at the Bot API to evidence."""

    def __init__(self, api: BotApi, evidence: Evidence, timing: Timing) -> None:
        """Take what it needs."""
        self._api = api
        self._evidence = evidence
        self._timing = timing

    async def take(self, conversation_id: str, file: File) -> StoredFile:
        """Fetch a file and keep it.

        Raises FileRefused, with the code `unavailable` when the file cannot be fetched or kept; Unavailable("store")
        when it is to be tried again.
        """
        raw = await self._fetch(conversation_id, file)
        try:
            return await self._evidence.receive(conversation_id, file.name, raw)
        except ExternalError as exc:
            if exc.system == "store":
                raise
            # A full disk may stay full: the conversation goes on.
            log.warning("telegram.file_not_kept", conversation_id=conversation_id, error=str(exc))
            raise FileRefused("unavailable") from None

    async def _fetch(self, conversation_id: str, file: File) -> bytes:
        limit = self._evidence.files.max_bytes
        if file.size is not None and file.size > limit:
            raise FileRefused("too_large")
        pause_s = FIRST_PAUSE_S
        for left in reversed(range(TRIES)):
            try:
                return await self._api.download(file.id, max_bytes=limit)
            except TooBig:
                raise FileRefused("too_large") from None
            except (NotFound, Refusal) as exc:
                # The same again would be refused again. A 403 speaks of the file here, not of the chat.
                log.warning("telegram.file_refused", conversation_id=conversation_id, error=_why(exc))
                raise FileRefused("unavailable") from None
            except ExternalError as exc:
                wait_s = max(pause_s, exc.retry_after_s) if isinstance(exc, SlowDown) else pause_s
                if not left or wait_s > LONGEST_WAIT_S:
                    log.warning("telegram.file_not_fetched", conversation_id=conversation_id, error=str(exc))
                    raise FileRefused("unavailable") from None
                await self._timing.sleep(wait_s)
                pause_s *= 2
        raise FileRefused("unavailable")


def _why(exc: ExternalError) -> str:
    return "403" if isinstance(exc, ChatGone) else str(exc)
