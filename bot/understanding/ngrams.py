"""A text as a set of n-grams: the features of the intent model and of the language model."""

from __future__ import annotations

import itertools

from bot.flow_engine.folding import fold
from bot.understanding.skeletons import skeletons


def intent_features(text: str) -> list[str]:
    """Words, pairs of words, runs of 2 to 4 letters inside words (1 to 3 where words are not spaced), the skeletons of
    words and runs of 3 in them.

    >>> intent_features("ICE!")
    ['w ice', ' i', 'ic', 'ce', 'e ', ' ic', 'ice', 'ce ', ' ice', 'ice ']
    >>> intent_features("abogado")[-4:]
    ['k bjd', 'k<bj', 'kbjd', 'kjd>']
    """
    words = fold(text).split()
    features = [f"w {word}" for word in words]
    features += [f"w {left} {right}" for left, right in itertools.pairwise(words)]
    for word in words:
        if any("\u3040" <= character <= "\u9fff" for character in word):
            sizes, padded = (1, 2, 3), word
        else:
            sizes, padded = (2, 3, 4), f" {word} "
        features += [padded[at : at + size] for size in sizes for at in range(len(padded) - size + 1)]
        for number, skeleton in enumerate(skeletons(word)):
            features.append(f"k {skeleton}")
            if number == 0:
                framed = f"<{skeleton}>"
                features += [f"k{framed[at : at + 3]}" for at in range(len(framed) - 2)]
    return features


def language_features(text: str) -> list[str]:
    """Whole words (accents kept: they tell languages apart) and runs of 1 to 4 letters."""
    words = text.casefold().replace("’", "'").split()
    features = [f"w {word.strip('.,;:!?¡¿()')}" for word in words]
    for word in words:
        padded = f" {word} "
        features += [padded[at : at + size] for size in (1, 2, 3, 4) for at in range(len(padded) - size + 1)]
    return features
