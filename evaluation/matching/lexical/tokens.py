"""Tokens of clinical text: stemmed words, numbers and punctuation with their positions."""

import re
from functools import lru_cache
from pathlib import Path

import yaml

LEXICON = [
    Path(__file__).parent / name for name in ("lexicon.yaml", "synonyms.yaml", "medicines.yaml")
]
TOKEN = re.compile(
    r"\d+(?:,\d{3})*(?:\.\d+)?|[a-zµ]+(?:'[a-z]+)?|%|[,;:()/+<>\u2013\u2014-]", re.IGNORECASE
)
SUFFIXES = (
    ("ographic", "ogr"),
    ("ography", "ogr"),
    ("ograph", "ogr"),
    ("ogram", "ogr"),
    ("oscopic", "oscop"),
    ("oscopy", "oscop"),
    ("oscope", "oscop"),
    ("emia", "em"),
    ("emic", "em"),
    ("osis", "o"),
    ("otic", "o"),
    ("ologist", "olog"),
    ("ological", "olog"),
    ("ology", "olog"),
    ("ization", "iz"),
    ("ation", ""),
    ("ated", ""),
    ("ating", ""),
    ("ment", ""),
    ("ness", ""),
    ("ally", ""),
    ("ical", ""),
    ("ing", ""),
    ("ion", ""),
    ("ate", ""),
    ("ive", ""),
    ("ed", ""),
    ("ly", ""),
    ("ic", ""),
    ("al", ""),
    ("y", ""),
    ("e", ""),
)
SYMBOLS = frozenset({"Ca", "Na", "Cr", "Hb", "Mg", "Hgb"})
SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("sulph", "sulf"), ("yse", "yze"))


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, object]:
    """The vocabulary files, merged."""
    words, synonyms, medicines = (
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in LEXICON
    )
    members = {**words["members"], **medicines["members"]}
    return {**words, **synonyms, **medicines, "members": members}


def _pairs(name: str) -> dict[str, str]:
    entries = (entry.strip().partition(" ") for entry in str(vocabulary()[name]).split(","))
    return {first: second for first, _, second in entries}


@lru_cache(maxsize=1)
def irregularities() -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    """Irregular forms, numbers in words, and abbreviations that count in capitals only."""
    capitals = frozenset(part.strip() for part in str(vocabulary()["capitals"]).split(","))
    return _pairs("irregular"), _pairs("numbers"), capitals


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """One form for a word's inflections and its British and American spellings."""
    irregular, numbers, _ = irregularities()
    word = irregular.get(word, numbers.get(word, word)).removesuffix("'s")
    if len(word) <= 3 or "'" in word or word[0].isdigit():  # noqa: PLR2004 - short words stand
        return word
    for british, american in SPELLINGS:
        word = word.replace(british, american)
    word = re.sub(r"is(e|ed|es|ing|ation)$", r"iz\1", word) if len(word) > 6 else word  # noqa: PLR2004
    word = re.sub(r"([bt])re$", r"\1er", word)
    word = _singular(word)
    for suffix, instead in SUFFIXES:
        least = 3 if suffix in {"ing", "ed", "e", "y"} else 4
        if word.endswith(suffix) and len(word) - len(suffix) >= least:
            word = word.removesuffix(suffix) + instead
            break
    double = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou"  # noqa: PLR2004
    return word[:-1] if double else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004 - "dies" is a verb
        return word[:-3] + "y"
    if re.search(r"(x|ch|sh|ss|z)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Stemmed words, numbers and punctuation with their start and end positions."""
    plain = text.replace("\u2019", "'").replace("\u2011", "-").replace("\u2013", "-")
    _, _, capitals = irregularities()
    found = []
    for match in TOKEN.finditer(plain):
        raw = match.group()
        word = raw.lower()
        formal = raw.isupper() or raw in SYMBOLS
        shape = word + "^" if word in capitals and formal else stem(word).replace(",", "")
        found.append((shape or raw, match.start(), match.end()))
    return found
