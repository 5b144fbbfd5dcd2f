"""control:learned: a text classifier that has seen the scores of a suite's other cases.

It is no model under test and no simulated clinician. It reads the text and the category of an
option, never the presentation, and says whether options of such words tend to be scored 7 or more:
what the wording of options alone gives away, which a model must beat on real cases.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from primum.cases.model import Case, Option, Suite
from primum.core.errors import DataError

APPROPRIATE = 7
ENOUGH = 0.5  # the probability from which an option is recommended
FIXED = {"C": 1.0, "class_weight": "balanced", "solver": "liblinear"}  # beforehand, never tuned


def learned(suite: Suite) -> Callable[[Case, str], tuple[int, ...]]:
    """Recommend what a classifier trained on the suite's other cases holds to be scored 7 or more.

    TF-IDF of an option's text and category, then logistic regression. Each case is left out of what
    its own classifier is trained on; its variants are answered as it is. Each is trained when it is
    first asked for.

    Raises:
        DataError: scikit-learn is missing, or what is left without a case cannot be learned from.
    """
    make = _classifier()
    for case in suite.cases:
        _require_both(case, _others(suite, case))

    @cache
    def answer(number: int) -> tuple[int, ...]:
        case = suite.cases[number]
        others = _others(suite, case)
        model = make().fit(
            [_text(option) for option in others],
            [option.score >= APPROPRIATE for option in others],
        )
        chances = model.predict_proba([_text(option) for option in case.options])[:, 1]
        return tuple(
            o.id for o, chance in zip(case.options, chances, strict=True) if chance >= ENOUGH
        )

    places = {case.id: place for place, case in enumerate(suite.cases)}
    return lambda case, _: answer(places[case.id])


def _classifier() -> Callable[[], Any]:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  (an extra)
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    except ImportError:
        raise DataError(
            'control:learned: scikit-learn is missing: pip install "primum[learned]"'
        ) from None
    return lambda: make_pipeline(TfidfVectorizer(), LogisticRegression(**FIXED))


def _others(suite: Suite, case: Case) -> list[Option]:
    return [option for other in suite.cases if other.id != case.id for option in other.options]


def _require_both(case: Case, others: Sequence[Option]) -> None:
    if not others:
        raise DataError(
            f"control:learned: it learns from the other cases, and {case.id} is the suite's only "
            "one: leave it out"
        )
    if len({option.score >= APPROPRIATE for option in others}) == 1:
        raise DataError(
            f"control:learned: all options of the cases other than {case.id} are on one side of "
            "score 7: there is nothing to learn, leave it out"
        )


def _text(option: Option) -> str:
    """An option's words, and its category as a word of its own."""
    return f"category_{option.category.replace('-', '_')} {option.text}"
