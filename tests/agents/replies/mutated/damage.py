"""What damages a reply: parts of it cut off, moved, lost or swapped, or its contrary said as well."""

import re
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from primum.tests.agents.replies.mutated.slow_reader import TAGS

Draw = st.DrawFn
Damage = Callable[[Draw, str], str]
SIGNS = [
    "{", "}", "[", "]", '"', "'", ",", ":", "\\", "\n", "`", "```", "//", "/*", "*/", "#", "\u201c", "\u201d",
    "&quot;", "null", "None", "In", "Not ", "1", "0", "Option", ".", "-", "\u200b", "\ud800", "\x00",
]  # fmt: skip
WORDS = [
    ("Option", "GradeAI"), ("Appropriate", "Inappropriate"), ("GradeAI", "Rationale"), ("[", "{"), ("1", "2"),
    ('"', "'"), ("option", "verdict"), ("full", "none"), ("Draft", "Rationale"), ("actions", "options"),
]  # fmt: skip
NESTS = [("[", "]"), ('{"a": ', "}"), ("[{", "}]"), ("(", ")"), ('{"a": [', "]}")]
PLACES = [
    "{text}\n{other}",
    "{other}\n{text}",
    '{"draft": {other}, "final": {text}}',
    "[{text}, {other}]",
    "```\n{other}\n```\n{text}",
]


def damaged(draw: Draw, text: str, contraries: Sequence[str], *, within: bool) -> str:
    """A reply damaged one to three times.

    Args:
        draw: Hypothesis's.
        text: the reply.
        contraries: JSON that contradicts it.
        within: whether any place may be damaged, which the slow reader follows only in replies
            without noise that looks like a part of their JSON; else only between its parts.
    """

    def contradicted(draw: Draw, text: str) -> str:
        other = draw(st.sampled_from([*contraries, *(c for c in contraries if c[:1] == "[")]))
        if other[0] == "[" and draw(st.booleans()):
            other = other[1:-1]
        form = draw(st.sampled_from(PLACES))
        return form.replace("{text}", text).replace("{other}", other)

    between = [contradicted, contradicted, _tagged, _deep]
    for _ in range(draw(st.sampled_from([1, 1, 2, 3]))):
        damage: Damage = draw(st.sampled_from([*between, *WITHIN] if within else between))
        text = damage(draw, text)
    return text


def _cut(draw: Draw, text: str) -> str:
    return text[: draw(st.integers(0, len(text)))]


def _begun_late(draw: Draw, text: str) -> str:
    return text[draw(st.integers(0, len(text))) :]


def _lost(draw: Draw, text: str) -> str:
    at = draw(st.integers(0, len(text)))
    return text[:at] + text[at + draw(st.sampled_from([1, 1, 2, 5, 20, 60, 100])) :]


def _given_twice(draw: Draw, text: str) -> str:
    at, length = draw(st.integers(0, len(text))), draw(st.sampled_from([1, 3, 20, 66, 100, 400]))
    return text[: at + length] + text[at:]


def _put_in(draw: Draw, text: str) -> str:
    """A sign at any place; a bracket only between tokens."""
    sign = draw(st.sampled_from(SIGNS))
    between = [0, *(m.end() for m in re.finditer(r"[\[\]{},:\s]", text))]
    at = draw(st.sampled_from(between) if sign in "[]{}" else st.integers(0, len(text)))
    return text[:at] + sign + text[at:]


def _swapped(draw: Draw, text: str) -> str:
    """Two words of the form in each other's place."""
    one, other = draw(st.sampled_from(WORDS))
    return text.replace(one, "\x01").replace(other, one).replace("\x01", other)


def _tagged(draw: Draw, text: str) -> str:
    """A tag between rows, lines or blocks."""
    places = [0, len(text), *(m.end() for m in re.finditer(r"\n|\}, (?=\{)|(?<=\]) ", text))]
    at = draw(st.sampled_from(places))
    return text[:at] + draw(st.sampled_from(TAGS[0])) + text[at:]


def _deep(draw: Draw, text: str) -> str:
    opening, closing = draw(st.sampled_from(NESTS))
    depth = draw(st.sampled_from([1, 2, 10, 31, 2000]))
    return opening * depth + text + closing * depth


WITHIN: list[Damage] = [
    _cut, _cut, _begun_late, _lost, _lost, _lost, _given_twice, _put_in, _put_in, _swapped,
]  # fmt: skip
