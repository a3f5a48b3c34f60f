"""What an agent wrote in Zammad, as a customer reads it."""

from __future__ import annotations

from typing import Any

import pytest

from peyk.adapters.helpdesk.zammad.mapping import said_by_people
from peyk.adapters.helpdesk.zammad.words import plain

ARTICLE: dict[str, Any] = {
    "id": 9,
    "internal": False,
    "sender": "Agent",
    "type": "note",
    "body": "it comes tomorrow",
    "content_type": "text/plain",
    "created_by_id": 5,
    "created_at": "2026-11-21T08:30:00.123Z",
}


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("it comes", "it comes"),
        ("<div>one<br>two</div><div>three</div>", "one\ntwo\n\nthree"),
        ("<p>5 &lt; 6 &amp;\n  so</p>", "5 < 6 & so"),
        ('<p>yes</p><div data-signature="true"><p>Sara<br>The shop</p></div>', "yes"),
        ("<p>yes</p><blockquote type='cite'><p>and <b>when</b>?</p></blockquote><p>bye</p>", "yes\n\nbye"),
        ("<style>p {}</style><script>x()</script>hello", "hello"),
        ("<p>never closed <b>at all", "never closed at all"),
        ("", ""),
    ],
)
def test_an_article_is_its_words(html: str, words: str) -> None:
    assert plain(html) == words


def test_a_public_word_of_an_agent_is_said() -> None:
    (said,) = said_by_people([ARTICLE])
    assert (said.id, said.text, said.agent) == (9, "it comes tomorrow", "5")
    assert said.at is not None
    assert said.at.isoformat() == "2026-11-21T08:30:00.123000+00:00"


@pytest.mark.parametrize(
    "change",
    [
        {"internal": True},
        {"internal": None},
        {"sender": "Customer"},
        {"sender": "System"},
        {"type": "phone"},
        {"body": " "},
        {"body": None},
    ],
)
def test_nothing_else_is(change: dict[str, Any]) -> None:
    assert said_by_people([{**ARTICLE, **change}]) == []


def test_a_date_nobody_can_read_is_none() -> None:
    (said,) = said_by_people([{**ARTICLE, "created_at": "yesterday"}])
    assert said.at is None
