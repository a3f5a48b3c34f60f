"""The Telegram channel: updates come by webhook or by long polling, and are in the inbox before anything else.

Nothing here keeps the edge from starting: whatever Telegram does not do now is asked for again.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from peyk.channels.telegram.api import BotApi, Encoding
from peyk.channels.telegram.names import CHANNEL, Names
from peyk.channels.telegram.pace import Pace
from peyk.channels.telegram.updates import Unusable, parse
from peyk.errors import BadAnswer, ExternalError, SettingsError
from peyk.ports import Clock
from peyk.ports.addresses import Addresses
from peyk.ports.edge import Contacts
from peyk.ports.inbox import Inbox
from peyk.ports.journal import Journal
from peyk.settings import Settings
from peyk.web.bursts import Bursts
from peyk.web.files import Evidence
from peyk.web.intake import Intake
from peyk.web.live import Live
from peyk.web.memory import Memory
from peyk.web.patience import Patience, Timing
from peyk.web.sentences import Languages
from peyk.web.telegram_answers import TelegramAnswers
from peyk.web.telegram_files import TelegramFiles
from peyk.web.telegram_push import TelegramPush
from peyk.web.turns import Turns

log = structlog.get_logger(__name__)

# Where Rasa's own Telegram channel has it.
PATH = "/webhooks/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Updates that come side by side may overtake each other. Each is acknowledged in some milliseconds.
MAX_CONNECTIONS = 1


class TelegramChannel:
    """One bot: takes its updates, has them answered."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        inbox: Inbox,
        contacts: Contacts,
        memory: Memory,
        turns: Turns,
        languages: Languages,
        bursts: Bursts,
        *,
        timing: Timing,
        journal: Journal,
        addresses: Addresses,
        evidence: Evidence,
        live: Live,
    ) -> None:
        """Prepare; nothing is sent yet. Raises SettingsError for a token or an address that cannot be one."""
        self._webhook_url = settings.telegram_webhook_url
        self._names = Names(settings.secret_key, settings.telegram_api, settings.telegram_token)
        self._api = _api(settings)
        self._timing = timing
        pace = Pace(monotonic=timing.monotonic, sleep=timing.sleep)
        files = TelegramFiles(self._api, evidence, timing)
        answers = TelegramAnswers(
            settings, clock, self._api, pace, turns, languages, contacts, addresses, evidence, files, memory
        )
        push = TelegramPush(
            settings, clock, self._api, pace, languages, journal, addresses, evidence, memory, live, timing
        )
        self._intake = Intake(CHANNEL, inbox, memory, clock, bursts, answers.serve, push, timing)
        self._offset: int | None = None

    def routes(self) -> APIRouter:
        """Return the webhook's route."""
        router = APIRouter()

        @router.post(PATH, include_in_schema=False)
        async def receive(request: Request) -> Response:
            """Keep an update and say so at once; it is answered afterwards."""
            return Response(status_code=await self._receive(request))

        return router

    def start(self) -> None:
        """Work on what was left, and have updates sent or fetch them, in the background."""
        self._intake.start(self._connect())

    async def stop(self) -> None:
        """Take no more, and finish what is being answered."""
        await self._intake.stop()
        await self._api.close()

    async def _receive(self, request: Request) -> int:
        """Return the HTTP status of an update that was posted."""
        shown = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(shown, self._names.webhook_secret().get_secret_value().encode()):
            log.warning("telegram.wrong_secret")
            return 403
        try:
            raw = json.loads(await request.body())
        except (ValueError, RecursionError):
            raw = None
        try:
            await self._take(raw)
        except ExternalError as exc:
            # Not acknowledged, so it is sent again.
            log.warning("telegram.not_taken", error=str(exc))
            return 503
        return 200

    async def _take(self, raw: Any) -> int | None:
        """Put an update into the inbox; return its id, None when it has none. Raises Unavailable."""
        update = parse(raw)
        if isinstance(update, Unusable):
            log.info("telegram.unusable", reason=update.reason)
            return update.update_id
        here = self._names.conversation_id(update.chat_id)
        await self._intake.take(self._names.key(update.update_id), here, raw)
        return update.update_id

    async def _connect(self) -> None:
        patience = Patience(self._timing, "telegram.unavailable")
        while True:
            try:
                if self._webhook_url:
                    secret = self._names.webhook_secret()
                    await self._api.set_webhook(f"{self._webhook_url}{PATH}", secret, max_connections=MAX_CONNECTIONS)
                    patience.well()
                    log.info("telegram.webhook_set")
                    return
                await self._api.delete_webhook()
                await self._poll(patience)
            except ExternalError as exc:
                await patience.failed(exc)
            except Exception as exc:
                log.exception("telegram.failed")
                await patience.failed(exc)

    async def _poll(self, patience: Patience) -> None:
        """Fetch updates for ever; each call forgets those that are in the inbox. Raises what the API raises."""
        while True:
            before = self._offset
            updates = await self._api.get_updates(self._offset)
            for raw in updates:
                update_id = await self._take(raw)
                if update_id is not None:
                    self._offset = max(self._offset or 0, update_id + 1)
            if updates and self._offset == before:
                raise BadAnswer("telegram", "the same updates again")
            patience.well()


def _api(settings: Settings) -> BotApi:
    try:
        return BotApi(
            settings.telegram_token,
            base_url=settings.telegram_api,
            encoding=Encoding(settings.telegram_encoding.value),
        )
    except SettingsError as exc:
        raise SettingsError(f"PEYK_TELEGRAM_TOKEN: {exc}") from None
