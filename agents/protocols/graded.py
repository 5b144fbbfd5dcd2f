"""Counting and comparing grades, for protocols whose replies grade options."""

from collections.abc import Sequence

from primum.agents.protocols.record import Changes, Enough, Said, Tally
from primum.agents.replies.menu import Grade, dump_grades
from primum.cases.model import PublicCase


def show_grades(turn: Said) -> str:
    """A turn's grades as JSON."""
    return dump_grades(turn.grades)


def recommended_options(turn: Said) -> tuple[int, ...]:
    """The options that a turn grades as appropriate."""
    return tuple(grade.option for grade in turn.grades if grade.appropriate)


def changed_options(turn: Said) -> Changes:
    """The grades that objections would give, by option."""
    return Changes({grade.option: grade.appropriate for grade in turn.grades})


def agree_on_options(drafts: Sequence[Said]) -> bool:
    """Whether drafts recommend the same options."""
    return len({frozenset(recommended_options(draft)) for draft in drafts}) <= 1


def count_options(drafts: Sequence[Said], enough: Enough, case: PublicCase) -> Tally:
    """Every option, appropriate where enough drafts recommend it."""
    chosen = {draft.seat: set(recommended_options(draft)) for draft in drafts}
    grades = []
    for item in case.menu:
        having = [draft for draft in drafts if item.number in chosen[draft.seat]]
        fields = {
            "Option": item.number,
            "GradeAI": "Appropriate" if enough(having) else "Inappropriate",
            "Rationale": f"{len(having)} of {len(drafts)} drafts",
        }
        grades.append(Grade.model_validate(fields))
    return Tally(tuple(grades))
