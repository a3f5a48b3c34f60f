"""What a person wrote into an article, as plain text: articles are HTML. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BREAKS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4"}
# Nobody closes these.
VOID = {"br", "img", "hr", "wbr", "input", "col", "meta", "link"}
LEFT_OUT = {"blockquote", "script", "style", "head"}


def plain(html: str) -> str:
    """Return the words of an article, without signature and without what it quotes."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n"))
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        # How deep we are in something that is left out.
        self._out = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BREAKS:
            self.words.append("\n")
        if tag not in VOID and (self._out or tag in LEFT_OUT or any(name == "data-signature" for name, _ in attrs)):
            self._out += 1

    def handle_endtag(self, tag: str) -> None:
        if self._out and tag not in VOID:
            self._out -= 1
        elif tag in BREAKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._out:
            self.words.append(data.replace("\n", " "))
