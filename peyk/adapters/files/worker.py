"""The child process that looks into one file: bytes in, `{"media_type"}` and bytes out, or `{"refused"}`.

It sets its own limits and has no secret, no socket and no store: what breaks a decoder breaks nothing else.
"""

from __future__ import annotations

import json
import resource
import sys

from peyk.domain.files import PDF, sniff
from peyk.ports.files import FileRefused

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_S = 15


def limit() -> None:
    """Give back what a decoder does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def cleaned(raw: bytes) -> bytes:
    """Return the file made anew. Raises FileRefused."""
    media_type = sniff(raw)
    if media_type is None:
        raise FileRefused("type")
    # Each kind needs its own library only.
    if media_type == PDF:
        from peyk.adapters.files.documents import clean_document  # noqa: PLC0415

        return clean_document(raw)
    from peyk.adapters.files.pictures import clean_picture  # noqa: PLC0415

    return clean_picture(raw, media_type)


def main() -> int:
    """Read standard input, write standard output."""
    limit()
    raw = sys.stdin.buffer.read()
    try:
        content, said = cleaned(raw), {"media_type": sniff(raw)}
    except FileRefused as refused:
        content, said = b"", {"refused": refused.code}
    except Exception:  # noqa: BLE001  (whatever a decoder stumbles over, the file is at fault)
        content, said = b"", {"refused": "broken"}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + content)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
