"""What may be said of a call: neither its key nor its prompt."""

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import quote

SAME_WORDS = 4  # so many words in a row from the prompt are cut from a reason
WORD = re.compile(r"\w+")
CUT_WORD = re.compile(r"\W*(\w+)")
USERINFO = re.compile(r"(?<=://)[^\s\"'<>]*@")
# Of a stack of calls the last line alone says what is wrong, if it is there.
STACK = re.compile(
    r"\s*Traceback \(most recent call last\):.*?(?:\n(?=\S[^\n]*\s*\Z)|\Z)", re.DOTALL
)
REASON_LENGTH = 300
MOST_READ = 10_000  # characters of an error: a page of HTML may have megabytes

Redact = Callable[[str], str]


def redactor(secret: str, prompt: Sequence[str]) -> Redact:
    """A function that makes one line of a text, without the key and without the prompt."""
    return partial(_one_line, secret=secret, prompt=prompt)


def _one_line(text: str, *, secret: str, prompt: Sequence[str]) -> str:
    return " ".join(redacted(text[:MOST_READ], secret, prompt).split())


def without_userinfo(text: str) -> str:
    """A text without the user names and passwords of its URLs, such as a proxy's."""
    return USERINFO.sub("", text)


def bare_url(url: str) -> str:
    """One URL, whose scheme may be missing, without its user name and password."""
    scheme, mark, rest = url.rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


def redacted(text: str, secret: str, prompt: Sequence[str]) -> str:
    """A text without the key, plain or encoded, and without runs of words from the prompt.

    URLs in it lose their user name and password, and a stack of calls all but its last line.
    """
    text = STACK.sub(" ", without_userinfo(text))
    if secret:
        for form in {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe="")}:
            text = text.replace(form, "[key]")
    asked = [word.group() for word in WORD.finditer(" ".join(prompt))]
    known = {tuple(asked[i : i + SAME_WORDS]) for i in range(len(asked) - SAME_WORDS + 1)}
    text = re.sub(r"\\[nrt]", " ", text)  # as JSON writes them
    words = list(WORD.finditer(text))
    repeats = [
        tuple(word.group() for word in words[i : i + SAME_WORDS]) in known
        for i in range(len(words))
    ]
    parts, end = [], 0
    for i, repeated in enumerate(repeats):
        if repeated:
            if words[i].start() >= end:
                parts += [text[end : words[i].start()], "[prompt]"]
            end = words[min(i + SAME_WORDS, len(words)) - 1].end()
    rest = text[end:]
    if parts and (cut := CUT_WORD.fullmatch(rest)) and any(w.startswith(cut[1]) for w in asked):
        rest = ""  # a quotation that breaks off within a word
    return "".join([*parts, rest])
