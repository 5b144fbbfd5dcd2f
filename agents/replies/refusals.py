"""Recognises a reply in prose that declines to advise.

A text is a refusal if a clause of it declines and no other clause could be advice: each of them
refers to a clinician or an emergency service in general, or is courtesy. When in doubt it is none.
"""

import re

from primum.agents.replies.lists import has_words, without_marks
from primum.agents.replies.refusal_wording import COURTEOUS, DECLINES, REFERS

LONGEST = 2_000  # characters; what is longer has more to say than that it declines
CLAUSE = re.compile(
    r"[.!?;:\n]+|\s[-\u2013\u2014]+\s|,?\s+\b(?:but|however|still|nevertheless)\b", re.IGNORECASE
)
APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'"})


def is_refusal(text: str) -> bool:
    """Whether a reply in prose, without its thinking, declines to advise and does nothing else.

    A text with any action for the patient is no refusal, nor is one that cannot be told. Raises
    nothing.
    """
    if len(text) > LONGEST:
        return False
    plain = without_marks(text).translate(APOSTROPHES).lower()
    clauses = [clause.strip(" ,\t\"'()*_") for clause in CLAUSE.split(plain)]
    said = [clause for clause in clauses if clause and has_words(clause)]
    declined = [clause for clause in said if DECLINES.search(clause)]
    others = (clause for clause in said if clause not in declined)
    return bool(declined) and all(REFERS.search(o) or COURTEOUS.search(o) for o in others)
