"""What each kind of update is answered with, and the way of the answer to its chat."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from peyk.channels import Incoming, Refused
from peyk.channels.incoming import Says
from peyk.channels.outgoing import as_message
from peyk.channels.telegram.api import BotApi
from peyk.channels.telegram.errors import BadRequest, ChatGone
from peyk.channels.telegram.names import CHANNEL, message_id
from peyk.channels.telegram.pace import Pace
from peyk.channels.telegram.render import Body, Notice, notice, render, without_keyboard, words_of
from peyk.channels.telegram.updates import Kind, Unusable, Update, parse
from peyk.domain.conversations import Caller, Utterance
from peyk.domain.files import StoredFile
from peyk.errors import ExternalError
from peyk.i18n import text
from peyk.logging import bind_correlation, mask
from peyk.ports import Clock
from peyk.ports.addresses import Address, Addresses
from peyk.ports.edge import Contacts
from peyk.ports.files import FileRefused
from peyk.settings import Settings
from peyk.web.desk import Job
from peyk.web.files import Evidence
from peyk.web.intake import BURST, answered
from peyk.web.memory import Memory
from peyk.web.sentences import Answer, Languages, sentence
from peyk.web.telegram_files import TelegramFiles
from peyk.web.turns import Turns

log = structlog.get_logger(__name__)

# The action of an answer that shows no more until the customer has proven a mobile (docs/rest.md).
VERIFY = "verify"
OTHER_LANGUAGE = {"fa": "en", "en": "fa"}
# Albums whose arrival is said once; the longest past is forgotten.
REMEMBERED = 10_000


@dataclass(frozen=True)
class _Case:
    """One update in its conversation, where that is, and the language it is answered in."""

    job: Job
    update: Update
    here: str
    language: str
    correlation_id: str
    address: Address


@dataclass(frozen=True)
class _Said:
    """What is said to one message, and the bodies that bring it to the chat."""

    answer: Answer
    bodies: list[Body]


class TelegramAnswers:
    """Serves one update after the other of a conversation."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        api: BotApi,
        pace: Pace,
        turns: Turns,
        languages: Languages,
        contacts: Contacts,
        addresses: Addresses,
        evidence: Evidence,
        files: TelegramFiles,
        memory: Memory,
    ) -> None:
        """Begin with nothing remembered."""
        self._settings = settings
        self._clock = clock
        self._api = api
        self._pace = pace
        self._turns = turns
        self._languages = languages
        self._contacts = contacts
        self._addresses = addresses
        self._evidence = evidence
        self._files = files
        self._memory = memory
        # Albums with the update that says they have come.
        self._albums: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def serve(self, job: Job) -> None:
        """Answer an update. Raises ExternalError when it has to be done again; what went out does not go out twice."""
        update = parse(job.received.body)
        if isinstance(update, Unusable):
            return
        correlation_id = secrets.token_hex(8)
        bind_correlation(correlation_id)
        here, chat, now = job.received.conversation_id, str(update.chat_id), self._clock.now()
        address = await self._memory.run(lambda: self._addresses.arrived(CHANNEL, here, chat, now))
        try:
            await self._serve(_Case(job, update, here, self._language(here, update), correlation_id, address))
        except ChatGone:
            log.info("telegram.chat_gone", conversation_id=here)
            await self._memory.run(lambda: self._addresses.gone(here, now))

    async def _serve(self, case: _Case) -> None:
        update = case.update
        if update.callback_id:
            await self._quietly(self._api.answer_callback(update.callback_id))
        if update.kind is Kind.SHARED_CHAT:
            await self._decline(case)
        elif BURST in case.job.received.body:
            await self._slow_down(case)
        elif update.kind is Kind.CONTACT:
            await self._contact(case)
        elif update.kind is Kind.CALLBACK:
            await self._tap(case)
        elif update.kind is Kind.FILE:
            await self._file(case)
        elif update.kind is Kind.NOT_UNDERSTOOD or not _words(update, case.language):
            await self._unreadable(case)
        else:
            await self._deliver(case, (await self._said(case, _words(update, case.language))).bodies)

    def _language(self, here: str, update: Update) -> str:
        known = self._languages.known(here)
        if known is None and update.language:
            # Until the customer writes in a clear language, that of the app is the best guess.
            self._languages.remember(here, update.language)
        return self._languages.of(here)

    async def _decline(self, case: _Case) -> None:
        """Say once a group that answers are given in private only."""
        if not case.address.told:
            await self._deliver(case, [notice(Notice.SHARED_CHAT, case.language)])
            now = self._clock.now()
            await self._memory.run(lambda: self._addresses.tell(case.here, now))

    async def _slow_down(self, case: _Case) -> None:
        """Say that messages come too fast; this one is kept, and not answered otherwise."""
        seconds = case.job.received.body[BURST]
        said = partial(sentence, Refused("burst", 429, seconds=seconds))
        words = case.update.text[: self._settings.message_max_chars] or text("telegram.did_other", case.language)
        await self._deliver(case, (await self._said(case, words, says=[said], for_bot=False)).bodies)

    async def _tap(self, case: _Case) -> None:
        said = await self._said(case, token=case.update.token)
        await self._deliver(case, said.bodies)
        tapped = case.update.message_id
        # Who could not be answered may tap again.
        if said.answer.status == 200 and tapped is not None:
            await self._quietly(self._api.edit_reply_markup(case.update.chat_id, tapped))

    async def _unreadable(self, case: _Case) -> None:
        """Say that a sticker, a voice or a video cannot be read; what is written beside it is answered."""
        words, language = case.update.text, case.language
        says = [_says(Notice.CANNOT_OPEN if words else Notice.NOT_UNDERSTOOD)]
        done = words or text("telegram.did_other", language)
        await self._deliver(case, (await self._said(case, done, says=says, for_bot=bool(words))).bodies)

    async def _file(self, case: _Case) -> None:
        """Take a photo or document as evidence; what is written beside it is answered."""
        if case.update.file is None:
            return
        words = case.update.text
        try:
            file = await self._files.take(case.here, case.update.file)
        except FileRefused as exc:
            log.info("telegram.file_not_taken", conversation_id=case.here, code=exc.code)
            says = [partial(self._evidence.refusal, exc.code)]
            done = words or text("telegram.did_file", case.language)
            said = await self._said(case, done, says=says, for_bot=bool(words))
        else:
            said = await self._said(case, words or None, files=(file,), quiet=self._is_said(case))
        await self._deliver(case, said.bodies)

    def _is_said(self, case: _Case) -> bool:
        """Tell whether another file of the same album says that they have come."""
        album, key = (case.here, case.update.album), case.job.received.key
        if not case.update.album:
            return False
        if len(self._albums) >= REMEMBERED:
            self._albums.popitem(last=False)
        return self._albums.setdefault(album, key) != key

    async def _contact(self, case: _Case) -> None:
        contact, language = case.update.contact, case.language
        if contact is None or not contact.verified or contact.mobile is None:
            done = text("telegram.did_other_contact", language)
            says = [_says(Notice.CONTACT_NOT_OWN)]
            await self._deliver(case, (await self._said(case, done, says=says, for_bot=False)).bodies)
            return
        if not self._settings.contacts_prove:
            # No more than a number somebody types: a code has to prove it.
            await self._deliver(case, (await self._said(case, contact.mobile)).bodies)
            return
        done = text("telegram.did_contact", language, mobile=mask(contact.mobile))
        caller = Caller(case.here, correlation_id=case.correlation_id)
        mobile, received_at = contact.mobile, case.job.received.received_at
        if not await self._memory.run(lambda: self._contacts.accept_contact(caller, mobile, received_at)):
            await self._said(case, done, for_bot=False)
            await self._deliver(case, render([], language, ask_contact=True))
            return
        await self._proven(case, done)

    async def _proven(self, case: _Case, done: str) -> None:
        """Answer the sender's own contact, and the question that was asked before it."""
        order, language = case.address.asked_for, case.language
        says: list[Says] = [lambda told: Utterance(text("telegram.contact_received", told))]
        if not order:
            says.append(_says(Notice.ASK_AGAIN))
        thanks = await self._said(case, done, says=says, for_bot=False, part="contact")
        bodies = without_keyboard(thanks.bodies, language)
        if order:
            bodies += (await self._said(case, text("telegram.track_words", language, order_id=order))).bodies
        await self._deliver(case, bodies)
        # When the proof is over, the number is asked for again.
        await self._memory.run(lambda: self._addresses.ask(case.here, None))

    async def _said(
        self,
        case: _Case,
        words: str | None = None,
        *,
        token: str | None = None,
        files: tuple[StoredFile, ...] = (),
        says: Sequence[Says] = (),
        for_bot: bool = True,
        quiet: bool = False,
        part: str = "",
    ) -> _Said:
        """Keep what the customer did and have it answered; `part` parts messages that one update makes."""
        if for_bot and (words or token):
            await self._quietly(self._api.send_chat_action(case.update.chat_id))
        incoming = Incoming(
            conversation_id=case.here,
            channel=CHANNEL,
            text=words,
            token=token,
            message_id=message_id(case.job.received.key + part),
            correlation_id=case.correlation_id,
            files=files,
            edge_says=tuple(says),
            for_bot=for_bot,
            quiet=quiet,
        )
        answer = await answered(self._turns, self._languages, incoming, self._settings.message_max_chars)
        language = self._languages.of(case.here)
        offered = _offered(answer.utterances)
        ask = offered is not None and self._settings.contacts_prove and case.address.asked_for is None
        if offered is not None and offered != case.address.asked_for:
            await self._memory.run(lambda: self._addresses.ask(case.here, offered))
        messages = [as_message(said) for said in answer.utterances]
        return _Said(answer, render(messages, language, ask_contact=ask))

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


def _says(kind: Notice) -> Says:
    return lambda language: Utterance(words_of(kind, language))


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
