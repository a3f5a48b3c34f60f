"""What the classifier sees of a message: words, parts of words, consonants, with names and numbers masked."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.nlu.tokenizers.tokenizer import Token
from scipy.sparse import csr_matrix

from peyk.nlu.concepts import ideas_of
from peyk.nlu.spelling import Spelling
from peyk.nlu.tokenizer import AFTER_MARK, stem
from peyk.text.skeleton import skeleton
from peyk.text.verbs import verb_of
from peyk.text.word_sets import word_set

# Entities that are replaced by one word each; carriers stay, for they tell intents apart.
_MASKS = {
    "order_id": "ORDER",
    "tracking_code": "TRACKING",
    "phone_number": "PHONE",
    "otp_code": "CODE",
    "email": "EMAIL",
    "rating": "RATING",
    "day_count": "DAYS",
    "city": "CITY",
}
_NUMBER = "NUMBER"
_POLITE = "POLITE"
# What people say before they say what they want; a message of nothing else stays whole.
_OPENINGS = word_set(
    "سلام سلامم درود درودها علیکم وقت وقتتون وقتت وقتبخیر بخیر صبح صبحتون ظهر ظهرتون عصر عصرتون شب شبتون",
    "روز روزتون بخیرباشه خسته نباشید نباشین نباشی خستهنباشید عزیز عزیزم جان جون دوست دوستان گرامی محترم",
    "اقا خانم خانوم همکار همکاران پشتیبانی خوبی خوبین خوبید خوب هستید هستین هستی چطوری چطورین احوال حال",
    "شما خدمت عرض ادب احترام با و ببخشید ببخشین شرمنده معذرت الو خوش مجدد باشید باشین بر به hi hello hey",
    "helo hallo greetings good morning afternoon evening day dear sir madam team there everyone support",
    "again sorry excuse me hope you are re doing well how i please salam salaam slm dorood dorud khaste",
    "nabashid nabashin nabashi vaght vaghtetoon bekheir bekheyr sobh zohr asr shab rooz aziz azizam jan",
    "agha khanom khoobi khobi khubi khoobin chetori chetorin dooste dustan bebakhshid bebakhshin bbkhshid",
    "sharmande alo aloo hal ahval shoma be bar shomaa",
)
_GREETINGS = word_set(
    "سلام سلامم درود خسته خستهنباشید وقت وقتتون صبح عصر ظهر شب روز ببخشید ببخشین الو با شرمنده معذرت دوست",
    "عزیز روزتون شبتون صبحتون عصرتون hi hello hey helo hallo greetings good dear sorry excuse salam",
    "salaam slm dorood dorud khaste vaght sobh bebakhshid bebakhshin bbkhshid sharmande alo aloo dooste",
    "agha",
)
_THANKS = word_set(
    "ممنون ممنونم مرسی متشکرم سپاس تشکر سپاسگزارم مچکرم میشم میشیم لطفا خواهشا بیزحمت ممنونتون thanks",
    "thank you thx please pls plz cheers ty many in advance mamnoon mamnun mersi merci sepas tashakor",
    "moteshakeram motshakeram lotfan lotfa khaheshan mamnoonam misham",
)
# Between two clauses of a message.
BREAK = "/"
# What follows these is the point.
POINTS = word_set("but just only instead فقط ولی اما بلکه vali ama faghat faqat")
_MIN_CLAUSE = 2
_MIN_REST = 2
_CHAR_SIZES = (2, 3, 4, 5)
# "not cancel" and "cancel … not" differ in which idea comes first, within this many words.
_NEIGHBOURS = 2
_LEAST_KNOWN = 1 / 3
_MIN_SKELETON = 4
# Words and roots, parts of words, consonants, ideas, the last clause: how much each block of features counts.
_BLOCK_WEIGHTS = {"w": 0.8, "c": 1.0, "s": 1.3, "k": 1.4, "e": 0.7}
_BLOCKS = "".join(_BLOCK_WEIGHTS)
_WEIGHTS = np.asarray(list(_BLOCK_WEIGHTS.values()))


def masked_words(tokens: Sequence[Token], found: Sequence[dict[str, Any]]) -> list[str]:
    """Return the words of a message with masks (upper case) for what rules found, and without opening politeness."""
    words: list[str] = []
    last_span: tuple[int, int] | None = None
    for token in tokens:
        if words and (token.get(AFTER_MARK) or token.text in POINTS):
            words.append(BREAK)
        item = next(
            (f for f in found if f["entity"] in _MASKS and f["start"] < token.end and token.start < f["end"]), None
        )
        if item is None:
            words.append(_NUMBER if token.text.isdigit() else token.text)
        elif (item["start"], item["end"]) != last_span:
            last_span = (item["start"], item["end"])
            words.append(_MASKS[item["entity"]])
    return _without_politeness(words)


def _without_politeness(words: list[str]) -> list[str]:
    """Take greetings off the front and mark thanks at the end, where enough is left to understand."""
    start = 0
    if words and words[0] in _GREETINGS:
        while start < len(words) and (words[start] in _OPENINGS or words[start] == BREAK):
            start += 1
    rest = words[start:] or words
    end = len(rest)
    while end > 0 and (rest[end - 1] in _THANKS or rest[end - 1] == BREAK):
        end -= 1
    if end < len(rest) and end >= _MIN_REST:
        rest = [*rest[:end], _POLITE]
    return rest


def _without_breaks(words: Sequence[str]) -> list[str]:
    return [word for word in words if word != BREAK]


def _last_clause(words: Sequence[str]) -> list[str]:
    """Return the last clause that can say something; a message without breaks is one clause."""
    clauses: list[list[str]] = [[]]
    for word in words:
        if word == BREAK:
            clauses.append([])
        elif word != _POLITE:
            clauses[-1].append(word)
    return next((clause for clause in reversed(clauses) if len(clause) >= _MIN_CLAUSE), _without_breaks(words))


def features_of(words: Sequence[str]) -> Iterator[str]:
    """Yield the features of masked words: words, roots, pairs, parts of words, ideas, consonants, the last clause."""
    last = _last_clause(words)
    words = _without_breaks(words)
    plain = [word for word in words if not word.isupper()]
    yield from _runs("w:", words)
    yield from _runs("w:~", [root(word) for word in words])
    for word in plain:
        padded = f" {word} "
        for size in _CHAR_SIZES:
            yield from (f"c:{padded[i : i + size]}" for i in range(len(padded) - size + 1))
    yield from _ideas(words)
    yield from (f"e:={root(word)}" for word in last)
    yield from (f"e:{idea}" for idea in sorted({idea for word in last for idea in ideas_of(word)}))
    yield from _runs("s:", [word if word.isupper() else skeleton(word) or "-" for word in words])


@lru_cache(maxsize=32768)
def root(word: str) -> str:
    """Return the verb a Persian word is a form of («!»: denied), else its stem; masks and other words as they are."""
    if word.isascii():
        return word
    verb = verb_of(word)
    if verb is None:
        return stem(word)
    return f"!{verb.stem}" if verb.negative else verb.stem


def _ideas(words: Sequence[str]) -> Iterator[str]:
    """Yield the ideas of a message, each two in any order, and each two neighbours in their order."""
    ideas = [ideas_of(word) for word in words]
    present = sorted({idea for of_word in ideas for idea in of_word})
    yield from (f"k:{idea}" for idea in present)
    yield from (f"k:{first} {second}" for first, second in combinations(present, 2))
    near = {
        f"k:{first}>{second}"
        for i, of_word in enumerate(ideas)
        for following in ideas[i + 1 : i + 1 + _NEIGHBOURS]
        for first in of_word
        for second in following
        if first != second
    }
    yield from sorted(near)


def _runs(prefix: str, words: Sequence[str]) -> Iterator[str]:
    yield from (prefix + word for word in words)
    yield from (f"{prefix}{first} {second}" for first, second in zip(("^", *words), (*words, "$"), strict=True))


@dataclass(frozen=True, slots=True)
class Vectoriser:
    """Turns features into weighted indices: tf-idf, each block of equal length so that no block drowns another."""

    index: dict[str, int]
    idf: NDArray[np.float32]
    # The block of each feature, as its place in _BLOCKS.
    blocks: NDArray[np.int64] = field(init=False)
    spelling: Spelling = field(init=False)

    def __post_init__(self) -> None:
        """Note the block of each feature, which its name begins with, and the words."""
        object.__setattr__(self, "spelling", Spelling.of(self._examples_of_words()))
        object.__setattr__(self, "blocks", np.fromiter((_BLOCKS.index(name[0]) for name in self.index), np.int64))

    @classmethod
    def fit(cls, documents: Iterable[Iterable[str]], min_documents: int) -> tuple[Vectoriser, csr_matrix]:
        """Learn from the features of messages which count and how rare each is; words do from the first sight on.

        Returns the vectoriser and a row for each message.
        """
        ids: dict[str, int] = {}
        counts = _counts(((ids.setdefault(name, len(ids)) for name in features) for features in documents), ids)
        seen = np.bincount(counts.indices, minlength=len(ids))
        kept = sorted(
            name for name, i in ids.items() if seen[i] >= min_documents or (name[0] == "w" and " " not in name)
        )
        places = [ids[name] for name in kept]
        idf = np.log((1 + counts.shape[0]) / (1 + seen[places])) + 1
        vectoriser = cls({name: i for i, name in enumerate(kept)}, idf.astype(np.float32))
        return vectoriser, vectoriser._weighted(counts[:, places])

    def row(self, features: Iterable[str]) -> csr_matrix:
        """Return the row of a message; what was never seen is left out."""
        known = (self.index[name] for name in features if name in self.index)
        return self._weighted(_counts([known], self.index))

    def _weighted(self, counts: csr_matrix) -> csr_matrix:
        """Return counts as weights, each block of each row of its length."""
        places = counts.indices
        values = (1 + np.log(counts.data)) * self.idf[places]
        blocks = self.blocks[places]
        groups = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr)) * len(_BLOCKS) + blocks
        squares = np.bincount(groups, weights=values**2, minlength=counts.shape[0] * len(_BLOCKS))
        values *= _WEIGHTS[blocks] / np.sqrt(squares)[groups]
        return csr_matrix((values, places, counts.indptr), shape=counts.shape)

    def mended(self, words: Sequence[str]) -> list[str]:
        """Return the words with slips of the finger mended; no word of an example is changed."""
        return [self.spelling.mended(word) for word in words]

    def _examples_of_words(self) -> dict[str, float]:
        """Return how many examples have each word; the rarest words were seen once."""
        words = {name[2:]: i for name, i in self.index.items() if name.startswith("w:") and _is_single(name[2:])}
        rarest = max((self.idf[i] for i in words.values()), default=0.0)
        return {word: 2 * math.exp(rarest - self.idf[i]) - 1 for word, i in words.items()}

    def knows(self, words: Sequence[str]) -> bool:
        """Tell whether at least a third of the words were seen, by themselves, by their consonants or by their idea.

        Parts of words do not count: with this many examples any sequence of letters has some.
        """
        plain = [word for word in _without_breaks(words) if not word.isupper()]
        return bool(plain) and sum(map(self._knows_word, plain)) >= _LEAST_KNOWN * len(plain)

    def _knows_word(self, word: str) -> bool:
        if f"w:{word}" in self.index or ideas_of(word):
            return True
        consonants = skeleton(word)
        return len(consonants) >= _MIN_SKELETON and f"s:{consonants}" in self.index


def _is_single(name: str) -> bool:
    """Tell a word from a root («~») and from a pair."""
    return " " not in name and not name.startswith("~")


def _counts(documents: Iterable[Iterable[int]], names: Sized) -> csr_matrix:
    """Return how often each document has each column; `names` says how many columns there are, when all are read."""
    columns = array("i")
    ends = [0]
    for document in documents:
        columns.extend(document)
        ends.append(len(columns))
    shape = (len(ends) - 1, len(names))
    counts = csr_matrix((np.ones(len(columns)), np.asarray(columns, dtype=np.int32), ends), shape=shape)
    counts.sum_duplicates()
    return counts
