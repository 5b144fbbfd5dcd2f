"""The form of a reply in a few words, which quote nothing of it."""

import re

# The first pattern that is found says what a reply looks like.
FORMS = {
    r"\A\s*\Z": "no text",
    r"\A\s*<(?:!doctype|html)\b": "an HTML page",
    r"<(?:tool_call|function)\b|\"(?:tool_calls?|function_call|arguments)\"\s*:": "a tool call",
    r"\A\s*\[": "a JSON array",
    r"\A\s*\{": "a JSON object",
    r"```|~~~": "a fenced block",
    r"[\[{]": "prose with brackets in it",
    r"^\s*\|.*\|\s*$": "a table without JSON",
    r"^\s*(?:[-*\u2022]|\d+[.):])\s": "a list without JSON",
    r"": "prose without JSON",
}
PATTERNS = [(re.compile(text, re.IGNORECASE | re.MULTILINE), form) for text, form in FORMS.items()]


def form_of(text: str) -> str:
    """What a reply looks like, such as "prose without JSON". Raises nothing."""
    return next(form for pattern, form in PATTERNS if pattern.search(text))
