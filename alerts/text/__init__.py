"""Text as the matcher sees it: folded, in words and sentences, with every offset of the original kept.

    fold(text)          the words folded, one space between them, and the way back to the code points of the original
    words(text)         the same words one by one
    sentences(text)     spans of sentences; `paragraphs(text)` those of paragraphs
    spellings           what two spellings of one name have in common: normal forms, inflection, designators
    scripts             one name in two scripts: keys to look it up by, and how well two words agree
    cases               whether a Russian or Ukrainian word is a name in another case
    is_common(word)     whether ordinary English or another well-known name already claims a word; `is_ambiguous`: as it stands

Folding drops what writers vary freely: case, accents, quotes and dashes, soft hyphens, zero-width and bidirectional marks, the
possessive, line breaks; hashtags are split where capitals begin. It works on words, so an offset is never guessed: each word is a
slice of the original.

What it deliberately does not do: no language is detected (names make detectors err), and no dictionary segments Thai or Khmer; Han and
Kana are taken character by character, which finds a listed name exactly.
"""

from __future__ import annotations

from .common import is_ambiguous, is_common
from .folding import Folded, Word, Words, fold, fold_word, words
from .sentences import paragraphs, sentences

__all__ = ["Folded", "Word", "Words", "fold", "fold_word", "is_ambiguous", "is_common", "paragraphs", "sentences", "words"]
