"""A picture made anew from its pixels: nothing else of the file that came is left. Runs in the child process."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from peyk.adapters.files.signs import foreign_in_picture
from peyk.domain.files import JPEG, PNG, WEBP
from peyk.ports.files import FileRefused

# A telephone's 50 megapixels; decoded they are 200 MB.
MAX_PIXELS = 50_000_000
# What is kept of it: enough to read a label.
MAX_SIDE = 4096
QUALITY = 88
FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
_MODES = ("RGB", "L")


def clean_picture(raw: bytes, media_type: str) -> bytes:
    """Return the picture upright, in its own format. Raises FileRefused ("broken")."""
    if foreign_in_picture(raw):
        raise FileRefused("broken")
    # Pillow's own limit is a warning first and an error at twice as much; ours comes before anything is decoded.
    Image.MAX_IMAGE_PIXELS = 2 * MAX_PIXELS
    # One reader only, and it checks that the content is what it should be.
    with Image.open(io.BytesIO(raw), formats=[FORMATS[media_type]]) as opened:
        if opened.width * opened.height > MAX_PIXELS or min(opened.size) < 1:
            raise FileRefused("broken")
        # A JPEG is read at half the size where that is still large enough: a quarter of the memory.
        opened.draft(None, (MAX_SIDE, MAX_SIDE))
        opened.load()
        upright = ImageOps.exif_transpose(opened)
    pixels = _plain(upright)
    pixels.thumbnail((MAX_SIDE, MAX_SIDE), reducing_gap=3.0)
    # A new image: whatever Pillow has kept in `info` (EXIF, profile, comments) stays behind.
    bare = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    out = io.BytesIO()
    if media_type == PNG:
        bare.save(out, "PNG")
    else:
        bare.save(out, FORMATS[media_type], quality=QUALITY)
    return out.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    """Return an image of plain channels: transparency where there is any, grey where it is grey, else colours."""
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image if image.mode in _MODES else image.convert("RGB")
