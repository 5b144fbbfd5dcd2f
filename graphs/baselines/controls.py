"""Controls: recommendations by fixed rules, as reference points for the ensembles."""

import random
from collections.abc import Callable, Iterable

from primum.agents.topologies.ensemble import CONTROL_PREFIX
from primum.cases.model import Case, Suite
from primum.graphs.baselines.text_classifier import train_text_classifier

LEARNED = f"{CONTROL_PREFIX}learned"
Control = Callable[[Case, str], tuple[int, ...]]
"""Returns the ids of the recommended options of a case; the text seeds random controls."""


def nothing(case: Case, seed: str) -> tuple[int, ...]:  # noqa: ARG001
    """Recommend no option."""
    return ()


def everything(case: Case, seed: str) -> tuple[int, ...]:  # noqa: ARG001
    """Recommend every option."""
    return tuple(option.id for option in case.options)


def coin(case: Case, seed: str) -> tuple[int, ...]:
    """Recommend each option with probability 1/2."""
    toss = random.Random(seed)  # noqa: S311
    return tuple(option.id for option in case.options if toss.random() < 0.5)  # noqa: PLR2004


def inaction(case: Case, seed: str) -> tuple[int, ...]:  # noqa: ARG001
    """Recommend what the case marks as the harm of inaction, such as reassurance only."""
    return tuple(option.id for option in case.options if option.is_harm_of_inaction)


def key(case: Case, seed: str) -> tuple[int, ...]:  # noqa: ARG001
    """Recommend the options that the specialists scored 7 or more."""
    return tuple(option.id for option in case.options if option.score >= 7)  # noqa: PLR2004


CONTROLS: dict[str, Control] = {
    f"{CONTROL_PREFIX}{control.__name__}": control
    for control in (nothing, everything, coin, inaction, key)
}
"""The controls that need only the case; control:learned is trained on a suite."""


def controls_of(suite: Suite, names: Iterable[str]) -> dict[str, Control]:
    """The controls of these names, made for a suite.

    Raises:
        DataError: control:learned cannot be trained on the suite, or scikit-learn is missing.
    """
    return {
        name: train_text_classifier(suite) if name == LEARNED else CONTROLS[name] for name in names
    }
