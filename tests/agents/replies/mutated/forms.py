"""The forms in which a reply may be written: loose JSON, fences, prose around, thinking before."""

import html
import json
import re
from collections.abc import Callable

from hypothesis import strategies as st

from primum.tests.agents.replies.mutated.damage import Draw
from primum.tests.agents.replies.mutated.slow_reader import TAGS

Change = Callable[[str], str]
# What stands in rationales, comments and prose; no part of it gives a grade.
TEXTS = [
    "Because.",
    "",
    "\u00e9\u4e2d\U0001f600 \u2265 5 \u00b5g",
    "It's fine, isn't it",
    "tab\there",
]
DECOYS = [
    "It says </think> there.", "It opens <think> there.", "assistantfinal", "Not option 3: inappropriate",
    'Option 2: {"Option": 2, "GradeAI": "Inappropriate"}', "[{'Option': 1, 'GradeAI': 'Appropriate'}]",
    "K 3.0 {low} [1], see }", "a [ and a {", "// not /* so #", "```json\n[]\n```", 'A "best" test',
]  # fmt: skip
COMMENTS = ['// graded, "so"\n', "/* seen */", "# don't\n"]
PROSE = ["Here is the assessment:", "I hope that this helps!", "\u00c0 votre service \u2026"]
BRACKETED = [
    "See [1], [see 2], {x} and [{...}].", "- [ ] checked\n- [x] done", "Note: K > 3 [mmol/l], {not measured}.",
]  # fmt: skip
NOISE = [*TEXTS, *DECOYS, *COMMENTS, *PROSE, *BRACKETED]
LOOSER: list[Change] = [
    lambda text: re.sub(r"(?<=[\"el0-9])\}(?=[,\]\n]|$)", ",}", text),
    lambda text: text.replace("}, {", "}\n{"),
    *(lambda text, words=words: text.replace("}, {", f"}}, {words}{{") for words in COMMENTS),
    lambda text: re.sub(r'"([A-Za-z]+)": ', r"\1: ", text),
    lambda text: re.sub(r'"((?:[^"\\]|\\.)*)"', "\u201c\\1\u201d", text),
]  # fmt: skip
ENCODED: list[Change] = [json.dumps, lambda text: json.dumps(text)[1:-1], html.escape]
FENCES = [
    "```json\n{}\n```", "```JSON\n{}```", "``` json\n{}\n```", "~~~\n{}\n~~~", "```json\n{}\n", "```json{}```",
]  # fmt: skip
WITH_THINKING = [
    "{o}\n{thought}\n{c}\n\n{text}", "{thought}\n{c}\n{text}", "{o}{thought}{o}{thought}{c}b{c}{text}",
    "{o}{thought}{c}{text}\n{o}{thought}{c}", "{text}\n{o}{thought}", "{o}{thought}{c}\nAgain.{c}{text}",
]  # fmt: skip


def texts(*, decoys: bool) -> list[str]:
    """What rationales say; decoys look like a part of the reply's JSON or thinking."""
    return TEXTS + DECOYS if decoys else TEXTS


def loosely(draw: Draw, text: str) -> str:
    """JSON as people write it, or encoded once more; no mark changes within a text."""
    changes: list[Change] = [str, str, lambda text: text.replace('": ', '":\u00a0')]
    if "\\" not in text:
        changes += LOOSER
    if "think>" not in text and "assistantfinal" not in text:
        changes += ENCODED  # a tag within a text within a text is of no interest
    return draw(st.sampled_from(changes))(text)


def in_context(draw: Draw, text: str, again: str, contrary: str, *, decoys: bool) -> str:
    """A reply among prose, perhaps given `again`, and after thinking that says the contrary."""
    prose = PROSE + BRACKETED if decoys else PROSE
    parts = [_fenced(draw, text)]
    if draw(st.integers(0, 9)) == 0 and not any(sign in parts[0] for sign in ('\\"', "&quot;")):
        parts.append(_fenced(draw, again))
    before, after = (draw(st.sampled_from(["", "", *prose])) for _ in range(2))
    text = "\n".join(part for part in (before, *parts, after) if part)
    text = draw(st.sampled_from(["", "", "", "\ufeff", "\u00a0", "\n\n"])) + text
    return _after_thinking(draw, text, contrary)


def _fenced(draw: Draw, text: str) -> str:
    return draw(st.sampled_from(["{}"] * 3 + FENCES)).replace("{}", text)


def _after_thinking(draw: Draw, text: str, contrary: str) -> str:
    """A reply after thinking that says the contrary; nested, or closed only, or none."""
    opening, closing = draw(st.sampled_from(TAGS))
    thoughts = ["Hm.", contrary, f"```json\n{contrary}\n```", contrary[:50], f"a {{ [ {contrary}"]
    thought = draw(st.sampled_from(thoughts))
    form = draw(st.sampled_from(["{text}"] * 4 + WITH_THINKING))
    return (
        form.replace("{text}", text)
        .replace("{thought}", thought)
        .replace("{o}", opening)
        .replace("{c}", closing)
    )
