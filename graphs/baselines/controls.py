"""Controls: recommendations that no model gave, as fixed points beside the ensembles."""

import random
from collections.abc import Callable, Iterable

from primum.agents.topologies.ensemble import CONTROL_PREFIX
from primum.cases.model import Case, Suite
from primum.graphs.baselines.text_classifier import learned

LEARNED = f"{CONTROL_PREFIX}{learned.__name__}"
Control = Callable[[Case, str], tuple[int, ...]]
"""What is recommended for a case, by option id; tosses go by the name that comes with it."""


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


CONTROLS: dict[str, Control] = {
    f"{CONTROL_PREFIX}{control.__name__}": control
    for control in (nothing, everything, coin, inaction, key)
}
"""Those that need nothing but the case; control:learned is made for a suite."""


def controls_of(suite: Suite, names: Iterable[str]) -> dict[str, Control]:
    """The controls of these names, made for a suite.

    Raises:
        DataError: control:learned cannot learn from the suite, or not here.
    """
    return {name: learned(suite) if name == LEARNED else CONTROLS[name] for name in names}
