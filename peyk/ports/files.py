"""Files as evidence: what cleans them, where their bytes lie, and what is known of them.

Every method may raise Unavailable ("store", "files"). None belongs on the event loop.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from peyk.domain.files import StoredFile
from peyk.domain.tickets import Attachment
from peyk.errors import PeykError


class FileRefused(PeykError):
    """A file that is not taken; `code` says why.

    `type` (none of those we take), `too_large`, `broken` (cannot be read to its end, or is two things at once),
    `locked` (needs a password), `too_many` (enough for today), `busy` (too many are being looked at just now).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file with nothing in it but what can be seen."""

    media_type: str
    content: bytes = field(repr=False)


class FileCleaner(Protocol):
    """Makes files harmless; slow."""

    def clean(self, raw: bytes, media_type: str) -> Cleaned:
        """Return what can be seen of a file, made anew. Raises FileRefused (`type`, `broken`, `locked`, `busy`)."""
        ...


class Blobs(Protocol):
    """Bytes under names that nobody can guess, out of the reach of any web server."""

    def write(self, content: bytes) -> str:
        """Keep bytes so that they outlive a power cut; return their name."""
        ...

    def path(self, name: str) -> Path | None:
        """Return where the bytes of a name lie, None when they are gone."""
        ...

    def delete(self, name: str) -> None:
        """Remove bytes; those that are gone already are no error."""
        ...

    def older_than(self, age: timedelta) -> list[str]:
        """Return the names of what was written longer ago than `age`."""
        ...


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file about to be kept: `blob` names its bytes, `upload_sha256` is the hash of what came."""

    file: StoredFile
    blob: str
    upload_sha256: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much one conversation's customer may send in `span`."""

    files: int
    size: int
    span: timedelta


class FileRecords(Protocol):
    """What is known of the files. Safe under concurrent calls of any number of processes."""

    def add(self, new: NewFile, allowance: Allowance | None) -> StoredFile | None:
        """Keep a file, or return the one that the same upload of this conversation has become.

        None, and nothing is kept, when `allowance` does not allow another.
        """
        ...

    def same(self, conversation_id: str, upload_sha256: str) -> StoredFile | None:
        """Return what the same upload of this conversation has become, None when there was none."""
        ...

    def find(self, file_id: str) -> tuple[StoredFile, str] | None:
        """Return a file and the name of its bytes, None when there is none."""
        ...

    def unlinked(self, conversation_id: str, *, since: datetime) -> list[StoredFile]:
        """Return what a conversation's customer has sent since then that is attached to no ticket, oldest first."""
        ...

    def blobs(self, names: Collection[str]) -> set[str]:
        """Return those of the names that a file has."""
        ...


class EvidenceTickets(Protocol):
    """The tickets evidence belongs to."""

    def newest_unresolved(self, conversation_id: str) -> str | None:
        """Return the number of the conversation's newest ticket that is not resolved, None when there is none."""
        ...

    def attach(self, number: str, file_id: str, by: str, now: datetime) -> bool:
        """Keep a file with a ticket, once; False when it is there already, or there is no such ticket."""
        ...

    def attachments(self, number: str) -> list[Attachment]:
        """Return the files of a ticket and of those that were merged into it, oldest first."""
        ...
