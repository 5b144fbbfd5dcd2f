"""How each possible harm passes through a team: what each turn wrote and what it had read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.record import ProtocolRecord
from primum.agents.roles.record import Reads
from primum.agents.roles.registry import ROLES
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.turns.transcript import Answer, Turn
from primum.core.arrays import Bools, Ints
from primum.evaluation.analysis.attribution.possible_harms import PossibleHarms, Verdicts
from primum.evaluation.analysis.attribution.turn_verdicts import drafted, revised
from primum.evaluation.metrics.score_table import Scored


class Step(NamedTuple):
    """One turn of an answer, and the steps whose drafts it was given.

    Steps are numbered over a trace. A turn that gave nothing is a step only where it is the team's
    last word: it then stands for an answer that recommends nothing.
    """

    answer: int
    turn: Turn
    reads: tuple[int, ...]

    @property
    def spoke(self) -> bool:
        """Whether its turn could be used."""
        return self.turn.outcome is Outcome.OK


@dataclass(frozen=True)
class Trace:
    """The answers of teams to one case, step by step, the last step of each being its answer.

    Attributes:
        scored: the answers, with what was found about them.
        possible_harms: what can go wrong with them.
        steps: of all answers, one answer after the other.
        wrote: whether each step's text has each possible harm, shape (steps, possible_harms); of a
            critic the text is the draft that it read, with its changes made.
    """

    scored: Scored
    possible_harms: PossibleHarms
    steps: tuple[Step, ...]
    wrote: Bools

    @cached_property
    def stakes(self) -> Ints:
        """Severities in each answer, 0 where inapplicable; shape (answers, possible_harms)."""
        return self.possible_harms.stakes(self.scored.batch.verdicts)

    @cached_property
    def wrong_in(self) -> Bools:
        """Whether half or more of the drafts that a step read have the harm; as `wrote`."""
        read, wrong = self._read
        return np.asarray((2 * wrong >= read) & (read > 0))

    @cached_property
    def right_in(self) -> Bools:
        """Whether any draft that a step read is without the harm; as `wrote`."""
        read, wrong = self._read
        return np.asarray(wrong < read)

    @cached_property
    def fixed(self) -> Bools:
        """Whether a step took the harm out of what it read, or spoke against it; as `wrote`."""
        return self.wrong_in & ~self.wrote

    @cached_property
    def _read(self) -> tuple[Ints, Ints]:
        """How many drafts each step read, (steps, 1), and how many of them are wrong."""
        read = np.array([[len(step.reads)] for step in self.steps], dtype=np.int64)
        wrong = np.zeros(self.wrote.shape, dtype=np.int64)
        which = np.repeat(np.arange(len(self.steps)), read[:, 0])
        np.add.at(wrong, which, self.wrote[[row for step in self.steps for row in step.reads]])
        return read, wrong

    def of_answers(self) -> Iterator[slice]:
        """The steps of each answer."""
        start = 0
        for place, step in enumerate(self.steps, 1):
            if place == len(self.steps) or self.steps[place].answer != step.answer:
                yield slice(start, place)
                start = place


def traces(study: Study, found: Iterable[Scored]) -> list[Trace]:
    """The ways of the harms of teams; of solos, controls and imported answers there is none."""
    teams = {spec.name: spec for spec in study.ensembles if spec.is_team and spec.traceable}
    protocol = study.protocol.record
    return [trace for scored in found if (trace := _trail(scored, teams, protocol))]


def _trail(
    scored: Scored, teams: Mapping[str, EnsembleSpec], protocol: ProtocolRecord
) -> Trace | None:
    possible_harms = PossibleHarms(scored.batch.key)
    steps: list[Step] = []
    texts: list[Verdicts] = []
    for row, answer in enumerate(scored.answers):
        spec = teams.get(answer.ensemble)
        if spec and answer.turns:
            own = _steps(spec, answer, row, len(steps))
            texts += _texts(scored, answer, own, len(steps), protocol)
            steps += own
    if not steps:
        return None
    return Trace(scored, possible_harms, tuple(steps), possible_harms.wrong(np.stack(texts)))


def _steps(spec: EnsembleSpec, answer: Answer, row: int, first: int) -> list[Step]:
    """An answer's steps in the order in which they were taken; `first` is the first's number."""
    last = next((turn for turn in answer.turns if turn.step == spec.wiring.last.name), None)
    usable = [turn for turn in answer.turns if turn.outcome is Outcome.OK and turn is not last]
    number = {turn.step: first + place for place, turn in enumerate(usable)}
    taken = {turn.step: turn for turn in usable}

    def step(turn: Turn) -> Step:
        read = [taken[name] for name in turn.reads if name in taken]
        return Step(row, turn, tuple(number[other.step] for other in _drafts(turn, read)))

    found = [step(turn) for turn in usable]
    if last is None:  # no draft could be used: one that failed stands for the answer
        failed = (turn for turn in answer.turns if turn.outcome is not Outcome.OK)
        return [*found, Step(row, next(failed, answer.turns[-1]), ())]
    return [*found, step(last)]


def _drafts(turn: Turn, read: Sequence[Turn]) -> Iterator[Turn]:
    """The drafts on which a turn rests: all that it read, or of a debater its own."""
    own = ROLES[turn.role].reads is Reads.OWN
    for other in read:
        if not ROLES[other.role].objects and (not own or other.seat == turn.seat):
            yield other


def _texts(
    scored: Scored, answer: Answer, steps: Sequence[Step], first: int, protocol: ProtocolRecord
) -> list[Verdicts]:
    """What each step's text recommends; the answer's own words are as its judgement has them."""
    key, own = scored.batch.key, scored.batch.verdicts[steps[0].answer]
    found: list[Verdicts] = []
    for step in steps[:-1]:
        if ROLES[step.turn.role].objects:
            found.append(revised(key, step.turn, found[step.reads[0] - first], protocol))
        elif protocol.matched and step.turn.text == answer.text:
            found.append(own)
        else:
            found.append(drafted(key, step.turn, protocol))
    return [*found, own]
