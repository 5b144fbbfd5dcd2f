"""Replies in channels, as gpt-oss writes them: only the channel `final` is the reply.

https://cookbook.openai.com/articles/openai-harmony describes the format. Servers that remove its
tokens leave the words between them: `analysisWe grade ... assistantfinal[...]`. Granite announces
both parts in words.
"""

import re

from primum.agents.replies.quotations import unquoted

TOKEN = re.compile(r"<\|(start|end|return|call|channel|message|constrain)\|>", re.IGNORECASE)
NAMED = re.compile(r"\s*(analysis|commentary|final)", re.IGNORECASE)
GLUED = re.compile(r"assistant(analysis|commentary|final)")
SPACED = re.compile(r"\bassistant\s{1,3}(analysis|commentary|final)\b")
BEGINS = re.compile(r"\s*(?:assistant\s*)?(?:analysis|commentary)(?:(?=[A-Z])|\b)")
BEGINS_GLUED = re.compile(r"\s*(?:assistant)?(?:analysis|commentary)(?=[A-Z])")
ANNOUNCED = re.compile(r"\s*Here(?: is|'s) my thought process:", re.IGNORECASE)
RESPONSE = re.compile(r"^\s*Here(?: is|'s) my response:", re.IGNORECASE | re.MULTILINE)
Parts = list[tuple[bool, str]]
"""The parts of a reply in order: whether each is advice, and its text."""


def channel_parts(text: str) -> Parts:
    """The parts of a reply that is written in channels; none if it is not."""
    return _by_tokens(text) or _by_words(text) or _announced(text)


def _by_tokens(text: str) -> Parts:
    tokens = unquoted(text, TOKEN.finditer(text))
    kinds = [token[1].lower() for token in tokens]
    if not {"channel", "message"} & set(kinds):
        return []
    starts = [0, *(token.end() for token in tokens)]
    ends = [*(token.start() for token in tokens), len(text)]
    parts: Parts = []
    final = without_name = "channel" not in kinds
    for before, after, start, end in zip(["", *kinds], [*kinds, ""], starts, ends, strict=True):
        header = before in {"start", "constrain"} or after in {"message", "constrain"}
        said = text[start:end]
        final = without_name if before == "start" else final
        named = NAMED.match(said) if before in {"channel", ""} else None
        if before == "channel" or (named and header):
            final = bool(named and named[1].lower() == "final")
            said = said[named.end() :] if named else said
        if not header:
            parts.append((final and before in {"channel", "message"}, said))
    return parts


def _by_words(text: str) -> Parts:
    begins = BEGINS.match(text)
    marks = unquoted(text, GLUED.finditer(text))
    if not marks and begins:
        marks = unquoted(text, SPACED.finditer(text))
    if not any(mark[1] == "final" for mark in marks):
        return [(False, text)] if marks or BEGINS_GLUED.match(text) else []
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    parts = [
        (mark[1] == "final", text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)
    ]
    return [(False, text[: marks[0].start()]), *parts]


def _announced(text: str) -> Parts:
    if not ANNOUNCED.match(text):
        return []
    response = RESPONSE.search(text)
    if not response:
        return [(False, text)]
    return [(False, text[: response.start()]), (True, text[response.end() :])]
