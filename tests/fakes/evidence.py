"""Files as customers send them, made here: with a place in them, with a script in them, or two things at once."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

SECRET_PLACE = "Plaque 7, Sample Street"
PROFILE = b"a profile of colours that tells the device"


def picture(kind: str = "JPEG", size: tuple[int, int] = (48, 32), mode: str = "RGB", **how: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, (220, 20, 20))
    image.paste((20, 20, 220), (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **how)
    return out.getvalue()


def photo(orientation: int = 1, kind: str = "JPEG", **how: Any) -> bytes:
    """A picture as a telephone makes it: with device, place, description and a profile of colours."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET_PLACE
    exif[0x0110] = "Telephone 15"
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 41.0, 21.0), 3: "E", 4: (51.0, 23.0, 20.0)})
    return picture(kind, exif=exif.tobytes(), icc_profile=PROFILE, **how)


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that says it is 3,600 megapixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("run.html", "<script>alert(1)</script>")
    return out.getvalue()


def document(text: str = "Invoice 104233", **how: Any) -> bytes:
    """A PDF of one page."""
    made = _page(text)
    return _saved(made, **how)


def busy_document() -> bytes:
    """A PDF with everything a PDF can carry beside its page."""
    made = _page("Invoice 104233")
    script = Dictionary(S=Name.JavaScript, JS="app.alert('owned')")
    page = made.pages[0]
    made.Root.OpenAction = script
    made.Root.AA = Dictionary(WC=script)
    made.Root.AcroForm = Dictionary(Fields=Array([]), XFA="<xdp>secret form</xdp>")
    made.attachments["evil.exe"] = b"MZ a program"
    made.docinfo["/Author"] = SECRET_PLACE
    with made.open_metadata() as metadata:
        metadata["dc:creator"] = [SECRET_PLACE]
    page.obj.AA = Dictionary(O=script)
    page.obj.MakersOwn = "the maker's own words"
    page.obj.PieceInfo = Dictionary(Maker=Dictionary(Private=SECRET_PLACE))
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI="https://evil.example")
    )
    stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 9, 9], A=script, T=SECRET_PLACE)
    attached = Dictionary(
        Type=Name.Annot,
        Subtype=Name.FileAttachment,
        Rect=[0, 0, 9, 9],
        FS=Dictionary(Type=Name.Filespec, F="inner.exe", EF=Dictionary(F=Stream(made, b"MZ inner program"))),
    )
    page.obj.Annots = Array([made.make_indirect(each) for each in (link, stamp, attached)])
    scan = Stream(made, photo())
    scan.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=48,
        Height=32,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
        Metadata=Stream(made, b"<x:xmpmeta>Plaque 7</x:xmpmeta>"),
    )
    page.obj.Resources.XObject = Dictionary(AA=made.make_indirect(scan))
    return _saved(made)


def words_of(content: bytes) -> bytes:
    """Everything a PDF says, unpacked and without a choice of what can be reached."""
    with Pdf.open(io.BytesIO(content)) as made:
        out = io.BytesIO()
        made.save(out, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        packed = [each for each in made.objects if isinstance(each, Stream) and each.get("/Filter") != Name.DCTDecode]
        return out.getvalue() + b"".join(each.read_bytes() for each in packed)


def _page(text: str) -> Pdf:
    made = Pdf.new()
    made.add_blank_page(page_size=(200, 200))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    made.pages[0].obj.Resources = Dictionary(Font=Dictionary(AA=font))
    made.pages[0].obj.Contents = made.make_stream(f"BT /AA 12 Tf 20 100 Td ({text}) Tj ET".encode())
    return made


def _saved(made: Pdf, **how: Any) -> bytes:
    out = io.BytesIO()
    made.save(out, **how)
    return out.getvalue()
