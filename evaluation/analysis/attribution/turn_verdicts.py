"""What a turn says of each option: by its grades, or by the words of its text."""

from collections.abc import Sequence

import numpy as np

from primum.agents.protocols.record import ProtocolRecord
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import VERDICTS, Turn
from primum.evaluation.analysis.attribution.possible_harms import Verdicts
from primum.evaluation.matching.matchers import judgement_of
from primum.evaluation.matching.registry import LEXICAL
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.verdict_batch import FULL, NONE

BY_WORDS = (
    f"LEXICAL: drafts and objections were matched to the options by their words ({LEXICAL.label})"
    ", whoever judged the answers: where a plan's harm comes from is a reading, not a judgement."
)


def notices(study: Study) -> list[str]:
    """What must be said wherever it is shown where a study's harms come from."""
    return [BY_WORDS] if study.protocol.record.matched else []


def drafted(key: Key, turn: Turn, protocol: ProtocolRecord) -> Verdicts:
    """What a draft recommends, shape (n,).

    Args:
        key: of the case, n options.
        turn: a draft that can be used.
        protocol: says how it is read.
    """
    options = protocol.recommended(turn)
    if options is None:
        return _by_words(key, turn.text)
    found = np.zeros(len(key.ids), dtype=np.int8)
    found[[key.index[option] for option in options]] = FULL
    return found


def revised(key: Key, critique: Turn, draft: Verdicts, protocol: ProtocolRecord) -> Verdicts:
    """A draft with a critic's changes made, shape (n,).

    Of objections in words only what is to be added and removed counts: how an action is to be
    changed, or what is merely noted, no comparison of words can hold against an option.
    """
    found, changes = draft.copy(), protocol.changes(critique)
    for option, appropriate in changes.options.items():
        found[key.index[option]] = FULL if appropriate else NONE
    if changes.removed:
        found[_by_words(key, _listed(changes.removed)) > NONE] = NONE
    if changes.added:
        found = np.maximum(found, _by_words(key, _listed(changes.added)))
    return found


def _listed(actions: Sequence[str]) -> str:
    return "\n".join(f"- {action}" for action in actions)


def _by_words(key: Key, text: str) -> Verdicts:
    """What a text recommends by its words; the matcher keeps what it read last."""
    verdicts = judgement_of(key.case, text).verdicts  # in the case's order
    return np.array([VERDICTS.index(v.verdict) for v in verdicts], dtype=np.int8)
