"""A slow and obvious reader of grades, written without looking at the fast one.

It knows what the tests put into replies as noise, deletes that, takes thinking out tag by tag,
and looks for numbers and grades with plain regular expressions. It gives a grade of an option only
if nothing in the reply gives that option another grade. What it gives is all that a reply may be taken to say; which
replies are refused is not its matter.
"""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

TAGS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<THOUGHT>", "</THOUGHT>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
]
OPENING, CLOSING = ([pair[which].casefold() for pair in TAGS] for which in (0, 1))
GRADE = r"(?:in|not-?|non-?)?appropriate"
OPTION = re.compile(r"\W*".join("option") + r"[^:0-9]*:[^:0-9]*([0-9]+)")
OWN_GRADE = re.compile(r"\W*".join("grade") + rf"[^:]*:[^a-z]*({GRADE})\b")
BLOCK = re.compile(
    r"(?:([0-9]+)[\"')]*:)?(?=\{([^}]*)\})"
)  # from each brace to the next that closes
PAIR = re.compile(rf"([0-9]+)[\"')]*:[^a-z0-9{{]*({GRADE})\b")


def grades_said(reply: str, noise: Iterable[str]) -> dict[int, bool]:
    """The grades of options that a reply gives and nowhere contradicts.

    Args:
        reply: with its thinking.
        noise: what was put into it and gives no grade.
    """
    text = _plain(reply)
    for words in sorted(map(_plain, noise), key=len, reverse=True):
        text = text.replace(words, "")
    text = _without_thinking(text)
    said: defaultdict[int, set[bool]] = defaultdict(set)
    for outer, block in BLOCK.findall(text):
        options = OPTION.findall(block) or ([outer] if outer else [])
        for option in options:
            said[int(option)] |= {_yes(grade) for grade in OWN_GRADE.findall(block)}
    for option, grade in PAIR.findall(text):
        said[int(option)].add(_yes(grade))
    return {option: grades.pop() for option, grades in said.items() if len(grades) == 1}


def _plain(text: str) -> str:
    """A text without blanks, entities, escapes, curly marks and hidden signs, in lower case."""
    text = re.sub(r"\\+u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), html.unescape(text))
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"\\+[nrt]", "", text)
    text = re.sub("[\u201c\u201d\u2018\u2019]", '"', text)
    return re.sub(r"[\s\\*\u200b\ufeff\u00ad]", "", text).casefold()


def _without_thinking(text: str) -> str:
    """What stands outside of all tags, and after the last tag that closes without being opened.

    A tag closes the one of its name and all within it.
    """
    kept, opened = "", []
    for piece in re.split(f"({'|'.join(map(re.escape, OPENING + CLOSING))})", text):
        if piece in OPENING:
            opened.append(OPENING.index(piece))
        elif piece in CLOSING and not opened:
            kept = ""
        elif piece in CLOSING:
            name = CLOSING.index(piece)
            last = len(opened) - 1 - opened[::-1].index(name) if name in opened else -1
            del opened[last:]
        elif not opened:
            kept += piece
    return kept


def _yes(grade: str) -> bool:
    return grade == "appropriate"
