"""What the classifier sees of a message: words, parts of words, consonants, with names and numbers masked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.nlu.tokenizers.tokenizer import Token

from peyk.nlu.concepts import ideas_of
from peyk.nlu.tokenizer import stem
from peyk.text.skeleton import skeleton
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
_MIN_REST = 2
_CHAR_SIZES = (2, 3, 4, 5)
_MIN_KNOWN_PART = 4
_MIN_SKELETON = 2
_BLOCK_WEIGHTS = {"w": 0.8, "c": 1.0, "s": 1.3, "k": 1.0}


def masked_words(tokens: Sequence[Token], found: Sequence[dict[str, Any]]) -> list[str]:
    """Return the words of a message with masks (upper case) for what rules found, and without opening politeness."""
    words: list[str] = []
    last_span: tuple[int, int] | None = None
    for token in tokens:
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
        while start < len(words) and words[start] in _OPENINGS:
            start += 1
    rest = words[start:] or words
    end = len(rest)
    while end > 0 and rest[end - 1] in _THANKS:
        end -= 1
    if end < len(rest) and end >= _MIN_REST:
        rest = [*rest[:end], _POLITE]
    return rest


def features_of(words: Sequence[str]) -> Iterator[str]:
    """Yield the features of masked words: word pairs, stems, parts of words, consonants."""
    plain = [word for word in words if not word.isupper()]
    yield from _runs("w:", words)
    yield from (f"w:~{lemma}" for word in plain if (lemma := stem(word)) != word)
    for word in plain:
        padded = f" {word} "
        for size in _CHAR_SIZES:
            yield from (f"c:{padded[i : i + size]}" for i in range(len(padded) - size + 1))
    yield from _ideas(words)
    yield from _runs("s:", [word if word.isupper() else skeleton(word) or "-" for word in words])


def _ideas(words: Sequence[str]) -> Iterator[str]:
    """Yield the ideas of a message and each two that come together, in any order."""
    present = sorted({idea for word in words for idea in ideas_of(word)})
    yield from (f"k:{idea}" for idea in present)
    yield from (f"k:{first} {second}" for first, second in combinations(present, 2))


def _runs(prefix: str, words: Sequence[str]) -> Iterator[str]:
    yield from (prefix + word for word in words)
    yield from (f"{prefix}{first} {second}" for first, second in zip(("^", *words), (*words, "$"), strict=True))


@dataclass(frozen=True, slots=True)
class Vectoriser:
    """Turns features into weighted indices: tf-idf, each block of equal length so that no block drowns another."""

    index: dict[str, int]
    idf: NDArray[np.float32]

    @classmethod
    def fit(cls, documents: Sequence[Mapping[str, int]], min_documents: int) -> Vectoriser:
        """Learn from counted features which of them count and how rare each is; words do from the first sight on."""
        seen: Counter[str] = Counter()
        for document in documents:
            seen.update(document.keys())
        kept = sorted(
            name for name, count in seen.items() if count >= min_documents or (name[0] == "w" and " " not in name)
        )
        total = len(documents)
        idf = [math.log((1 + total) / (1 + seen[name])) + 1 for name in kept]
        return cls({name: i for i, name in enumerate(kept)}, np.asarray(idf, dtype=np.float32))

    def vector(self, features: Mapping[str, int]) -> tuple[list[int], list[float]]:
        """Return the indices and values of the non-zero entries for the counted features of one message."""
        blocks: dict[str, dict[int, float]] = {block: {} for block in _BLOCK_WEIGHTS}
        for name, count in features.items():
            i = self.index.get(name)
            if i is not None:
                blocks[name[0]][i] = (1 + math.log(count)) * float(self.idf[i])
        indices: list[int] = []
        values: list[float] = []
        for block, entries in blocks.items():
            length = math.sqrt(sum(value * value for value in entries.values())) or 1.0
            indices.extend(entries)
            values.extend(_BLOCK_WEIGHTS[block] * value / length for value in entries.values())
        return indices, values

    def knows(self, words: Sequence[str]) -> bool:
        """Tell whether any word, or a longer part of one, was ever seen."""
        plain = [word for word in words if not word.isupper()]
        if any(f"w:{word}" in self.index for word in plain):
            return True
        return any(
            f"c:{word[i : i + _MIN_KNOWN_PART]}" in self.index
            for word in plain
            for i in range(len(word) - _MIN_KNOWN_PART + 1)
        )
