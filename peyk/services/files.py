"""Files as evidence: taken once and made harmless, opened by links that expire, attached to the ticket they are about.

Slow (a picture takes half a second) and blocking: never on the event loop.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path

import structlog
from itsdangerous import BadSignature, URLSafeSerializer

from peyk.domain.files import BY_CUSTOMER, StoredFile, clean_name, sniff
from peyk.errors import NotFound, Throttled
from peyk.ports.clock import Clock
from peyk.ports.files import Allowance, Blobs, EvidenceTickets, FileCleaner, FileRecords, FileRefused, NewFile
from peyk.ports.records import Limiter, Window
from peyk.settings import Settings

log = structlog.get_logger(__name__)

PATH = "/files/"
SYSTEM = "files"
ID_BYTES = 16
DAY = timedelta(days=1)
# What is refused costs work too: so many times what may be kept may be tried.
TRIES_PER_FILE = 3
# Longer than a file takes from its bytes to its row.
ORPHAN_AGE = timedelta(hours=1)
# What was sent before the ticket it is about: "my parcel is broken", a picture, "I want to talk to somebody".
EARLIER = timedelta(days=1)
MAX_TOKEN_CHARS = 400
_SALT = "peyk.files.link"


class Files:
    """Takes, shows and attaches files; the bytes lie outside everything that is served."""

    def __init__(
        self,
        *,
        cleaner: FileCleaner,
        blobs: Blobs,
        records: FileRecords,
        tickets: EvidenceTickets,
        limiter: Limiter,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._cleaner = cleaner
        self._blobs = blobs
        self._records = records
        self._tickets = tickets
        self._limiter = limiter
        self._clock = clock
        self._max_bytes = settings.file_max_bytes
        self._link_ttl = timedelta(seconds=settings.file_link_ttl_s)
        self._allowance = Allowance(settings.files_per_day, settings.file_bytes_per_day, DAY)
        signer = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._signer = URLSafeSerializer(settings.secret_key.get_secret_value(), _SALT, signer_kwargs=signer)

    @property
    def max_bytes(self) -> int:
        """The largest file that is taken."""
        return self._max_bytes

    def receive(self, conversation_id: str, name: str, raw: bytes, by: str = BY_CUSTOMER) -> StoredFile:
        """Take a file of a customer, or of the agent `by`; the same again in a conversation is the same file.

        Raises FileRefused (`too_large`, `type`, `broken`, `locked`, `too_many`, `busy`), or Unavailable.
        """
        upload = hashlib.sha256(raw).hexdigest()
        known = self._records.same(conversation_id, upload)
        if known is not None:
            return known
        if len(raw) > self._max_bytes:
            raise FileRefused("too_large")
        media_type = sniff(raw)
        if media_type is None:
            raise FileRefused("type")
        if by == BY_CUSTOMER:
            self._count_try(conversation_id)
        return self._keep(conversation_id, name, self._cleaner.clean(raw, media_type).content, media_type, upload, by)

    def link(self, file_id: str, ttl: timedelta | None = None) -> str:
        """Return the path that opens a file for a while. Only who may see the file may be given it."""
        until = self._clock.now() + (ttl or self._link_ttl)
        return PATH + str(self._signer.dumps([file_id, int(until.timestamp())]))

    def link_in(self, conversation_id: str, file_id: str) -> str:
        """Return such a path for a file a client names, of a conversation the client may see.

        Raises NotFound for another conversation's as for one that is gone.
        """
        if self.read(file_id)[0].conversation_id != conversation_id:
            raise NotFound(SYSTEM)
        return self.link(file_id)

    def open(self, token: str) -> tuple[StoredFile, Path]:
        """Return the file of a link (what follows `/files/`), and where its bytes lie.

        Raises NotFound for a link that is forged or over, and for a file that is gone: all look alike.
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise NotFound(SYSTEM)
        try:
            file_id, until = self._signer.loads(token)
        except (BadSignature, ValueError, TypeError):
            raise NotFound(SYSTEM) from None
        if self._clock.now().timestamp() >= until:
            raise NotFound(SYSTEM)
        return self.read(file_id)

    def read(self, file_id: str) -> tuple[StoredFile, Path]:
        """Return a file and where its bytes lie. Raises NotFound when it is gone. Not for ids a client names."""
        found = self._records.find(file_id)
        path = self._blobs.path(found[1]) if found else None
        if found is None or path is None:
            raise NotFound(SYSTEM)
        return found[0], path

    def of(self, conversation_id: str, file_ids: Sequence[str]) -> tuple[StoredFile, ...]:
        """Return files a client names, in that order. Raises NotFound for one that is not this conversation's."""
        found = []
        for file_id in dict.fromkeys(file_ids):
            known = self._records.find(file_id)
            # An agent's file is shown to the customer, not sent by the customer again.
            if known is None or known[0].conversation_id != conversation_id or known[0].by != BY_CUSTOMER:
                raise NotFound(SYSTEM)
            found.append(known[0])
        return tuple(found)

    def attach(self, conversation_id: str, files: Collection[StoredFile]) -> str | None:
        """Attach files to the conversation's newest unresolved ticket; return its number, None when there is none."""
        number = self._tickets.newest_unresolved(conversation_id)
        if number is not None:
            self.attach_to(number, files)
        return number

    def attach_to(self, ticket_number: str, files: Collection[StoredFile]) -> None:
        """Attach files to a ticket, each once."""
        for file in files:
            self._tickets.attach(ticket_number, file.id, file.by, self._clock.now())

    def attach_earlier(self, conversation_id: str, ticket_number: str) -> int:
        """Attach to a new ticket what was sent in the day before it and belongs to no other; return how many files."""
        earlier = self._records.unlinked(conversation_id, since=self._clock.now() - EARLIER)
        self.attach_to(ticket_number, earlier)
        return len(earlier)

    def of_ticket(self, ticket_number: str) -> list[StoredFile]:
        """Return the files of a ticket and of those merged into it, oldest first, as far as they are still there."""
        found = [self._records.find(each.file_id) for each in self._tickets.attachments(ticket_number)]
        return [each[0] for each in found if each is not None]

    def sweep(self) -> int:
        """Remove bytes that no file has: of files that are forgotten, and of those that never came to be."""
        old = self._blobs.older_than(ORPHAN_AGE)
        swept = 0
        for start in range(0, len(old), 500):
            names = old[start : start + 500]
            for name in set(names) - self._records.blobs(names):
                self._blobs.delete(name)
                swept += 1
        return swept

    def _count_try(self, conversation_id: str) -> None:
        tries = self._allowance.files * TRIES_PER_FILE
        try:
            self._limiter.hit([Window("file.tries", conversation_id, tries, int(DAY.total_seconds()))])
        except Throttled:
            raise FileRefused("too_many") from None

    def _keep(
        self, conversation_id: str, name: str, content: bytes, media_type: str, upload: str, by: str
    ) -> StoredFile:
        file = StoredFile(
            id=secrets.token_urlsafe(ID_BYTES),
            conversation_id=conversation_id,
            name=clean_name(name, media_type),
            media_type=media_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            at=self._clock.now(),
            by=by,
        )
        # The bytes first: a row without bytes would be a lie, bytes without a row are swept.
        blob = self._blobs.write(content)
        kept = self._records.add(NewFile(file, blob, upload), self._allowance if by == BY_CUSTOMER else None)
        if kept is None or kept.id != file.id:
            self._blobs.delete(blob)
        if kept is None:
            raise FileRefused("too_many")
        log.info("file.received", conversation_id=conversation_id, type=media_type, size=file.size)
        return kept
