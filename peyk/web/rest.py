"""The routes of the REST channel."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from peyk.channels import Incoming, Refused
from peyk.channels import rest as channel
from peyk.channels.rest import RestMessage
from peyk.domain.api_keys import Scope
from peyk.errors import ExternalError, Throttled
from peyk.settings import Settings
from peyk.text.language import detect
from peyk.web.addresses import ClientAddresses
from peyk.web.bursts import Bursts
from peyk.web.callers import Callers
from peyk.web.guard import correlation_id_of
from peyk.web.sentences import Answer, Languages, refusal
from peyk.web.turns import RETRY_UNAVAILABLE_S, Turns

log = structlog.get_logger(__name__)

# Enough to tell the language of a message that is too long to be taken.
DETECT_CHARS = 500

IDEMPOTENCY_HEADER = "Idempotency-Key"


@dataclass(frozen=True)
class RestChannel:
    """What the routes need."""

    settings: Settings
    callers: Callers
    addresses: ClientAddresses
    bursts: Bursts
    languages: Languages
    turns: Turns

    async def answer(self, request: Request) -> tuple[Answer, str]:
        """Return the answer to one request, a refusal included, and the sender's own name for itself."""
        message: RestMessage | None = None
        conversation_id: str | None = None
        try:
            address = self.addresses.hashed(request)
            await self.bursts.count_address(address)
            owner = await self.callers.owner(request, Scope.SEND_MESSAGES)
            message = channel.parse(await request.body())
            conversation_id = self.callers.conversation_id(owner, message.sender)
            await self.bursts.count_sender(conversation_id)
            sent = request.headers.getlist(IDEMPOTENCY_HEADER)
            # Sent twice it is read as one, and is none.
            key = channel.idempotency_key(", ".join(sent) if sent else None)
            message = channel.with_key(message, key)
            self._judge(message)
            if key is not None:
                await self.callers.claim(owner, message)
            incoming = _incoming(message, conversation_id, address, correlation_id_of(request))
            # Taken before anything is waited for: of two messages sent one after the other none overtakes.
            taken = self.turns.take(incoming)
            await self.callers.note(conversation_id, owner, message.sender)
            # The turn goes on when this client hangs up: another may wait for the same answer.
            return await asyncio.shield(taken.answer), message.sender
        except Throttled as exc:
            refused = Refused("burst", 429, retry_after_s=exc.retry_after_s, seconds=exc.retry_after_s)
        except ExternalError as exc:
            log.warning("edge.unavailable", error=str(exc))
            refused = Refused("unavailable", 503, retry_after_s=RETRY_UNAVAILABLE_S)
        except Refused as exc:
            refused = exc
        except Exception:
            # Whatever went wrong, the customer gets a sentence.
            log.exception("edge.failed")
            refused = Refused("unavailable", 500)
        log.info("edge.refused", reason=refused.code, status=refused.status)
        detected = detect(message.text[:DETECT_CHARS]) if message else None
        language = detected or self.languages.of(conversation_id)
        return refusal(refused, language), message.sender if message else ""

    def _judge(self, message: RestMessage) -> None:
        if message.blank:
            raise Refused("blank", 422)
        limit = self.settings.message_max_chars
        if len(message.text) > limit:
            raise Refused("too_long", 413, limit=limit)


def routes(rest: RestChannel) -> APIRouter:
    """Return the channel's routes: the message webhook and Rasa's sign of life."""
    router = APIRouter(prefix="/webhooks/rest")

    @router.get("/")
    async def alive() -> dict[str, str]:
        """Say that the channel is there, in the words of Rasa's REST channel."""
        return {"status": "ok"}

    @router.post("/webhook")
    async def receive(request: Request) -> Response:
        """Take one message of a customer and answer with the bot's messages."""
        return _response(*await rest.answer(request))

    return router


def _incoming(message: RestMessage, conversation_id: str, address: str, correlation_id: str) -> Incoming:
    token = message.token
    return Incoming(
        conversation_id=conversation_id,
        channel=channel.CHANNEL,
        text=None if token else message.text,
        token=token,
        message_id=channel.hashed_message_id(message.message_id) if message.message_id else None,
        address=address,
        correlation_id=correlation_id,
    )


def _response(answer: Answer, recipient: str) -> Response:
    headers = {}
    if answer.retry_after_s:
        headers["Retry-After"] = str(answer.retry_after_s)
    if answer.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = channel.render(recipient, answer.utterances)
    return Response(body, answer.status, headers, media_type="application/json")
