"""What a probe gives an agent to read: drafts and objections written from a case's answer key."""

from collections.abc import Iterator
from typing import NamedTuple

from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.protocols.record import Grades, Returns
from primum.agents.roles.record import Material
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.wiring import Step
from primum.agents.turns.transcript import Turn
from primum.cases.model import Item
from primum.graphs.building.state import material_of

DUE = 7  # the lowest score of an option that is appropriate
ERRS = 5  # a draft errs on one option in so many, each draft on others
REMARK = "Written for a probe; no model said it."


class Reading(NamedTuple):
    """A step of an ensemble, and what its agent or rule is given to read."""

    step: Step
    material: Material


def readings(spec: EnsembleSpec, protocol: Protocol, item: Item) -> Iterator[Reading]:
    """The steps of an ensemble in their order, each with drafts as it reads them in a run."""
    said: list[Turn] = []
    for step in spec.wiring.steps:
        material = material_of(step, said, spec.reading, item.id, {})
        yield Reading(step, material)
        about = material.drafts[-1].seat if material.drafts and step.role.reads_one else None
        said.append(_written(step, protocol, item, len(said), about))


def draft(protocol: Protocol, item: Item, number: int = 0) -> str:
    """A draft in a protocol's form, which errs on one option in five."""
    return protocol.record.wording(_texts(item)).answer(_grades(item, number), REMARK)


def _written(step: Step, protocol: Protocol, item: Item, number: int, about: str | None) -> Turn:
    """The turn of a step: a draft, or objections to one."""
    text = draft(protocol, item, number)
    if step.role.objects:
        some = dict(list(_grades(item, number).items())[:: ERRS - 1])
        text = protocol.record.wording(_texts(item)).changes(some, REMARK)
    returns: Returns = "objections" if step.role.objects else "draft"
    grades = protocol.parser(returns, item.public).parse(text).value
    return Turn(
        seat=step.seat,
        role=step.role.recorded,
        model=step.agent.model if step.agent else "",
        outcome=Outcome.OK,
        reason="",
        grades=grades,
        calls=(),
        about=about,
        round=step.round,
        passed_on=text,
        step=step.name,
    )


def _texts(item: Item) -> dict[int, str]:
    return {option.id: option.text for option in item.case.options}


def _grades(item: Item, number: int) -> Grades:
    return {
        option.id: (option.score >= DUE) != (place % ERRS == number % ERRS)
        for place, option in enumerate(item.case.options)
    }
