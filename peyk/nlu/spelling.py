"""A word never seen, one slip of the finger from a word many examples have, is read as that word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MIN_LETTERS = 4
# A word that fewer examples have may be somebody's slip itself.
MIN_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Spelling:
    """Known words by what is left of them without one letter, so that a slip is found without trying the alphabet."""

    # How many examples have each word.
    examples: Mapping[str, float]
    shapes: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, examples: Mapping[str, float]) -> Spelling:
        """Learn the words from how many examples have each; masks are no words."""
        shapes: dict[str, list[str]] = defaultdict(list)
        for word, count in examples.items():
            if count >= MIN_EXAMPLES and _is_word(word):
                for shape in _shapes(word):
                    shapes[shape].append(word)
        return cls(examples, dict(shapes))

    def mended(self, word: str) -> str:
        """Return the word that was meant, the commonest of several, or `word` where none is near."""
        if word in self.examples or not _is_word(word):
            return word
        near = {known for shape in _shapes(word) for known in self.shapes.get(shape, ()) if is_slip(word, known)}
        return max(sorted(near), key=lambda known: self.examples[known], default=word)


def is_slip(first: str, second: str) -> bool:
    """Tell whether one letter was left out, added or changed, or two neighbours swapped."""
    if len(first) == len(second):
        differing = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
        swapped = len(differing) == 2 and differing[1] == differing[0] + 1
        return len(differing) == 1 or (
            swapped and first[differing[0]] == second[differing[1]] and first[differing[1]] == second[differing[0]]
        )
    shorter, longer = sorted((first, second), key=len)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def _shapes(word: str) -> Iterator[str]:
    """Yield the word, and the word without each of its letters."""
    yield word
    yield from {word[:i] + word[i + 1 :] for i in range(len(word))}


def _is_word(word: str) -> bool:
    return len(word) >= MIN_LETTERS and not word.isupper()
