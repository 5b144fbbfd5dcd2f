"""The verdicts of a single turn on the options, from its grades or by lexical matching."""

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
    f"LEXICAL: drafts and objections were matched to the options by their words ({LEXICAL.label}), "
    "whatever matcher judged the answers: attributions of harms in plans are approximate."
)


def notices(study: Study) -> list[str]:
    """The notices to show with attributions of a study's harms."""
    return [BY_WORDS] if study.protocol.record.matched else []


def drafted(key: Key, turn: Turn, protocol: ProtocolRecord) -> Verdicts:
    """The verdicts of a draft, shape (n,).

    Args:
        key: of the case, n options.
        turn: a usable draft.
        protocol: how the draft is read.
    """
    options = protocol.recommended(turn)
    if options is None:
        return _by_words(key, turn.text)
    found = np.zeros(len(key.ids), dtype=np.int8)
    found[[key.index[option] for option in options]] = FULL
    return found


def revised(key: Key, critique: Turn, draft: Verdicts, protocol: ProtocolRecord) -> Verdicts:
    """The verdicts of a draft with a critic's changes applied, shape (n,).

    Of objections in words, only additions and removals count: lexical matching cannot tell what a
    changed action or a note means for an option.
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
    """The verdicts of the lexical matcher on a text, shape (n,)."""
    verdicts = judgement_of(key.case, text).verdicts  # in the case's order
    return np.array([VERDICTS.index(v.verdict) for v in verdicts], dtype=np.int8)
