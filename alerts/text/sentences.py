"""Where sentences and paragraphs begin and end."""

from __future__ import annotations

import re

Span = tuple[int, int]

__all__ = ["Span", "paragraphs", "sentences"]

_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+|\u2029+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def paragraphs(text: str) -> list[Span]:
    """The spans between blank lines, in order; empty ones are left out."""
    spans = []
    start = 0
    for gap in _BLANK_LINE.finditer(text):
        spans.append((start, gap.start()))
        start = gap.end()
    spans.append((start, len(text)))
    return [span for span in spans if text[span[0] : span[1]].strip()]


def sentences(text: str, *, language: str = "") -> list[Span]:
    """The spans of sentences, in order; none reaches over a blank line. `language` is a tag such as `en` or `ar-SY`."""
    from sentencex import get_sentence_boundaries

    code = language.replace("_", "-").partition("-")[0].lower() or "en"
    spans = []
    for start, end in paragraphs(text):
        # The splitter is compiled code that takes no lone surrogates; any other character keeps the offsets.
        part = _SURROGATE.sub("\ufffd", text[start:end])
        for found in get_sentence_boundaries(code, part):
            if found["text"].strip():
                spans.append((start + found["start_index"], start + found["end_index"]))
    return spans
