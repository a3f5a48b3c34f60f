"""What each kind of update is answered with, and the way of the answer to its chat."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from peyk.channels import Incoming, Refused
from peyk.channels.outgoing import as_message
from peyk.channels.telegram.api import BotApi
from peyk.channels.telegram.errors import BadRequest, ChatGone
from peyk.channels.telegram.names import CHANNEL, message_id
from peyk.channels.telegram.pace import Pace
from peyk.channels.telegram.render import Body, Notice, contact_received, notice, render
from peyk.channels.telegram.updates import Kind, Unusable, Update, parse
from peyk.domain.conversations import Caller, Utterance
from peyk.errors import ExternalError
from peyk.i18n import text
from peyk.logging import bind_correlation
from peyk.ports.edge import Contacts
from peyk.settings import Settings
from peyk.web.desk import Job
from peyk.web.memory import Memory
from peyk.web.sentences import Answer, Languages, refusal
from peyk.web.turns import RETRY_UNAVAILABLE_S, Turns

log = structlog.get_logger(__name__)

# The action of an answer that shows no more until the customer has proven a mobile (docs/rest.md).
VERIFY = "verify"
OTHER_LANGUAGE = {"fa": "en", "en": "fa"}
# Chats of which something is remembered; the longest silent is forgotten.
REMEMBERED = 10_000


@dataclass(frozen=True)
class _Case:
    """One update in its conversation, and the language it is answered in."""

    job: Job
    update: Update
    here: str
    language: str
    correlation_id: str


class TelegramAnswers:
    """Serves one update after the other of a conversation."""

    def __init__(
        self,
        settings: Settings,
        api: BotApi,
        pace: Pace,
        turns: Turns,
        languages: Languages,
        contacts: Contacts,
        memory: Memory,
    ) -> None:
        """Begin with nothing remembered."""
        self._settings = settings
        self._api = api
        self._pace = pace
        self._turns = turns
        self._languages = languages
        self._contacts = contacts
        self._memory = memory
        # Conversations that were asked for a contact, with the order it would open ("": none is known).
        self._asked: OrderedDict[str, str] = OrderedDict()
        self._noticed: OrderedDict[str, str] = OrderedDict()

    async def serve(self, job: Job) -> None:
        """Answer an update. Raises ExternalError when it has to be done again; what went out does not go out twice."""
        update = parse(job.received.body)
        if isinstance(update, Unusable):
            return
        correlation_id = secrets.token_hex(8)
        bind_correlation(correlation_id)
        here = job.received.conversation_id
        try:
            await self._serve(_Case(job, update, here, self._language(here, update), correlation_id))
        except ChatGone:
            log.info("telegram.chat_gone", conversation_id=here)

    async def _serve(self, case: _Case) -> None:
        update = case.update
        if update.callback_id:
            await self._quietly(self._api.answer_callback(update.callback_id))
        if update.kind is Kind.SHARED_CHAT:
            await self._decline(case)
        elif update.kind is Kind.CONTACT:
            await self._contact(case)
        elif update.kind is Kind.CALLBACK:
            await self._tap(case)
        else:
            words = _words(update, case.language)
            if words:
                await self._turn(case, words)
            else:
                await self._deliver(case, [notice(Notice.NOT_UNDERSTOOD, case.language)])

    def _language(self, here: str, update: Update) -> str:
        known = self._languages.known(here)
        if known is None and update.language:
            # Until the customer writes in a clear language, that of the app is the best guess.
            self._languages.remember(here, update.language)
        return self._languages.of(here)

    async def _decline(self, case: _Case) -> None:
        """Say once a group that answers are given in private only."""
        if case.here not in self._noticed:
            await self._deliver(case, [notice(Notice.SHARED_CHAT, case.language)])
            _remember(self._noticed, case.here, "")

    async def _tap(self, case: _Case) -> None:
        answer = await self._turn(case, token=case.update.token)
        tapped = case.update.message_id
        # Who could not be answered may tap again.
        if answer.status == 200 and tapped is not None:
            await self._quietly(self._api.edit_reply_markup(case.update.chat_id, tapped))

    async def _contact(self, case: _Case) -> None:
        contact, language = case.update.contact, case.language
        if contact is None or not contact.verified or contact.mobile is None:
            await self._deliver(case, [notice(Notice.CONTACT_NOT_OWN, language)])
            return
        if not self._settings.contacts_prove:
            # No more than a number somebody types: a code has to prove it.
            await self._turn(case, contact.mobile)
            return
        caller = Caller(case.here, correlation_id=case.correlation_id)
        mobile, received_at = contact.mobile, case.job.received.received_at
        if not await self._memory.run(lambda: self._contacts.accept_contact(caller, mobile, received_at)):
            await self._deliver(case, render([], language, ask_contact=True))
            return
        order = self._asked.get(case.here)
        if order:
            words = text("telegram.track_words", language, order_id=order)
            await self._turn(case, words, before=[contact_received(language)])
        else:
            await self._deliver(case, [contact_received(language), notice(Notice.ASK_AGAIN, language)])
        # When the proof is over, the number is asked for again.
        self._asked.pop(case.here, None)

    async def _turn(
        self, case: _Case, words: str | None = None, *, token: str | None = None, before: Sequence[Body] = ()
    ) -> Answer:
        """Have the bot answer text or a tapped button, and send what it says after `before`."""
        await self._quietly(self._api.send_chat_action(case.update.chat_id))
        incoming = Incoming(
            conversation_id=case.here,
            channel=CHANNEL,
            text=words,
            token=token,
            message_id=message_id(case.job.received.key),
            correlation_id=case.correlation_id,
        )
        answer = await self._answer(incoming, case.language)
        language = self._languages.of(case.here)
        offered = _offered(answer.utterances)
        ask = offered is not None and self._settings.contacts_prove and case.here not in self._asked
        messages = [as_message(said) for said in answer.utterances]
        await self._deliver(case, [*before, *render(messages, language, ask_contact=ask)])
        if offered is not None:
            _remember(self._asked, case.here, offered)
        return answer

    async def _answer(self, incoming: Incoming, language: str) -> Answer:
        limit = self._settings.message_max_chars
        try:
            if incoming.text is not None and len(incoming.text) > limit:
                raise Refused("too_long", 413, limit=limit)
            return await self._turns.answer(incoming)
        except Refused as exc:
            refused = exc
        except Exception:
            # Whatever went wrong, the customer gets a sentence.
            log.exception("edge.failed")
            refused = Refused("unavailable", 500, retry_after_s=RETRY_UNAVAILABLE_S)
        log.info("edge.refused", reason=refused.code, status=refused.status)
        return refusal(refused, language)

    async def _deliver(self, case: _Case, bodies: Sequence[Body]) -> None:
        """Send bodies in order, but those that went out in an earlier try. Raises ExternalError."""
        sent, chat_id = case.job.sent, case.update.chat_id
        for place, body in enumerate(bodies):
            if sent[place : place + 1] == [body]:
                continue
            try:
                await self._pace.send(chat_id, lambda body=body: self._api.send_message(chat_id, body))  # type: ignore[misc]
            except BadRequest as exc:
                # The same again would be refused again; the rest may be taken.
                log.warning("telegram.refused", conversation_id=case.here, error=str(exc))
            sent[place:] = [body]

    async def _quietly(self, call: Awaitable[Any]) -> None:
        """Do what an answer can do without."""
        try:
            await call
        except ChatGone:
            raise
        except ExternalError as exc:
            log.info("telegram.left_out", error=str(exc))


def _words(update: Update, language: str) -> str:
    """Return what an update asks for, as a customer would type it; empty where nothing can be read."""
    if update.kind is Kind.START:
        order = update.tracked_order
        if order:
            return text("telegram.track_words", language, order_id=order)
        return text("telegram.start_words", update.language or language)
    if update.kind is Kind.HELP:
        return text("telegram.help_words", language)
    if update.kind is Kind.LANGUAGE:
        return text("telegram.language_words", OTHER_LANGUAGE[language])
    return update.text


def _offered(utterances: Sequence[Utterance]) -> str | None:
    """Return the order that a proof would open ("": none is named), None when the answer offers no such thing."""
    for said in utterances:
        actions, order = said.custom.get("nextActions"), said.custom.get("order")
        if not isinstance(actions, list):
            continue
        if any(isinstance(action, dict) and action.get("id") == VERIFY for action in actions):
            number = order.get("orderId") if isinstance(order, dict) else None
            return number if isinstance(number, str) else ""
    return None


def _remember(chats: OrderedDict[str, str], here: str, value: str) -> None:
    chats[here] = value
    chats.move_to_end(here)
    if len(chats) > REMEMBERED:
        chats.popitem(last=False)
