"""What a turn says of each option: by its grades on a menu, by its words in a plan."""

import numpy as np

from primum.agents.replies.objections import draw_objections
from primum.agents.roles.transcript import VERDICTS, Turn
from primum.agents.studies.study import Study
from primum.evaluation.analysis.attribution.possible_harms import Verdicts
from primum.evaluation.matching.lexical.matcher import LEXICAL_MATCHER
from primum.evaluation.matching.matchers import lexical_judgement
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.verdict_batch import FULL, NONE

ADDED = {"add": True, "remove": False}
BY_WORDS = (
    f"LEXICAL: drafts and objections were matched to the options by their words ({LEXICAL_MATCHER})"
    ", whoever judged the answers: where a plan's harm comes from is a reading, not a judgement."
)


def by_words(study: Study) -> bool:
    """Whether the words of drafts, not grades, say where a study's harms come from."""
    return study.protocol.name == "plan"


def notices(study: Study) -> list[str]:
    """What must be said wherever it is shown where a study's harms come from."""
    return [BY_WORDS] if by_words(study) else []


def drafted(key: Key, turn: Turn, *, words: bool) -> Verdicts:
    """What a draft recommends, shape (n,).

    Args:
        key: of the case, n options.
        turn: a draft that can be used.
        words: whether it is a plan.
    """
    if words:
        return _by_words(key, turn.text)
    found = np.zeros(len(key.ids), dtype=np.int8)
    found[[key.index[grade.option] for grade in turn.grades if grade.appropriate]] = FULL
    return found


def revised(key: Key, critique: Turn, draft: Verdicts, *, words: bool) -> Verdicts:
    """A draft with a critic's changes made, shape (n,).

    Of a plan only what is to be added and removed counts: how an action is to be changed, or what
    is merely noted, no comparison of words can hold against an option.
    """
    found = draft.copy()
    if not words:
        for grade in critique.grades:
            found[key.index[grade.option]] = FULL if grade.appropriate else NONE
        return found
    said: dict[bool, list[str]] = {True: [], False: []}
    for objection in draw_objections(critique.text):
        if objection.kind in ADDED:
            said[ADDED[objection.kind]].append(objection.action)
    listed = {yes: "\n".join(f"- {action}" for action in given) for yes, given in said.items()}
    if said[False]:
        found[_by_words(key, listed[False]) > NONE] = NONE
    if said[True]:
        found = np.maximum(found, _by_words(key, listed[True]))
    return found


def _by_words(key: Key, text: str) -> Verdicts:
    """What a text recommends by its words; the matcher keeps what it read last."""
    verdicts = lexical_judgement(key.case, text).verdicts  # in the case's order
    return np.array([VERDICTS.index(v.verdict) for v in verdicts], dtype=np.int8)
