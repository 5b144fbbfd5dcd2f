"""Controls: recommendations that no model gave, as fixed points beside the ensembles."""

import random
from collections.abc import Callable

from primum.cases.model import Case

PREFIX = "control:"


def nothing(case: Case, name: str) -> tuple[int, ...]:  # noqa: ARG001
    """Recommend no option."""
    return ()


def everything(case: Case, name: str) -> tuple[int, ...]:  # noqa: ARG001
    """Recommend every option."""
    return tuple(option.id for option in case.options)


def coin(case: Case, name: str) -> tuple[int, ...]:
    """Recommend each option by a fair coin, seeded by the name of the toss."""
    toss = random.Random(name)  # noqa: S311
    return tuple(option.id for option in case.options if toss.random() < 0.5)  # noqa: PLR2004


def inaction(case: Case, name: str) -> tuple[int, ...]:  # noqa: ARG001
    """Recommend what the case marks as the harm of inaction: reassure, nothing more."""
    return tuple(option.id for option in case.options if option.is_harm_of_inaction)


def key(case: Case, name: str) -> tuple[int, ...]:  # noqa: ARG001
    """Recommend what the specialists scored 7 or more."""
    return tuple(option.id for option in case.options if option.score >= 7)  # noqa: PLR2004


CONTROLS: dict[str, Callable[[Case, str], tuple[int, ...]]] = {
    f"{PREFIX}{control.__name__}": control for control in (nothing, everything, coin, inaction, key)
}
