"""Turns that a test writes by hand, as an ensemble's wiring would have recorded them."""

from collections.abc import Iterable
from dataclasses import replace

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.wiring import Step
from primum.agents.turns.transcript import Turn
from primum.graphs.building.state import material_of


def wired(spec: EnsembleSpec, turns: Iterable[Turn], case: str = "") -> tuple[Turn, ...]:
    """The turns with their steps, what they read and their stages; in the order they were said."""
    found: list[Turn] = []
    for turn in turns:
        step = step_of(spec, turn)
        material = material_of(step, found, spec.reading, case, {})
        read = tuple(other.step for other in (*material.drafts, *material.critiques))
        stage = spec.wiring.stages[step.name]
        found.append(replace(turn, step=step.name, reads=read, stage=stage))
    return tuple(found)


def step_of(spec: EnsembleSpec, turn: Turn) -> Step:
    """The one step in which a turn of this seat, in this round, about this draft was said."""
    (step,) = (
        step
        for step in spec.wiring.steps
        if (step.seat, step.round) == (turn.seat, turn.round)
        and (not step.role.objects or turn.about in step.reads)
    )
    return step
