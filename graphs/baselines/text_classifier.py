"""control:learned: a text classifier trained on the scores of a suite's other cases.

It reads the text and category of an option, never the presentation, and predicts whether the
option is scored 7 or more. It shows how much the wording of the options alone reveals, which a
model should exceed on real cases. It is neither a model under test nor a simulated model.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from primum.cases.model import Case, Option, Suite
from primum.core.errors import DataError

APPROPRIATE = 7
THRESHOLD = 0.5  # the probability from which an option is recommended
PARAMETERS = {"C": 1.0, "class_weight": "balanced", "solver": "liblinear"}  # never tuned


def train_text_classifier(suite: Suite) -> Callable[[Case, str], tuple[int, ...]]:
    """A control that recommends the options that a classifier predicts to be scored 7 or more.

    The classifier is logistic regression on TF-IDF of an option's text and category. Each case has
    its own, trained on all other cases when it is first needed, which also answers its variants.

    Raises:
        DataError: scikit-learn is missing, or the other cases of a case cannot train a classifier.
    """
    make = _classifier_factory()
    for case in suite.cases:
        _require_both_classes(case, _others(suite, case))

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
            o.id for o, chance in zip(case.options, chances, strict=True) if chance >= THRESHOLD
        )

    places = {case.id: place for place, case in enumerate(suite.cases)}
    return lambda case, _: answer(places[case.id])


def _classifier_factory() -> Callable[[], Any]:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  (an extra)
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    except ImportError:
        raise DataError(
            'control:learned: scikit-learn is missing: pip install "primum[learned]"'
        ) from None
    return lambda: make_pipeline(TfidfVectorizer(), LogisticRegression(**PARAMETERS))


def _others(suite: Suite, case: Case) -> list[Option]:
    return [option for other in suite.cases if other.id != case.id for option in other.options]


def _require_both_classes(case: Case, others: Sequence[Option]) -> None:
    if not others:
        raise DataError(
            f"control:learned: it is trained on the other cases, and {case.id} is the suite's only "
            "one: leave this control out"
        )
    if len({option.score >= APPROPRIATE for option in others}) == 1:
        raise DataError(
            f"control:learned: all options of the cases other than {case.id} are on one side of "
            "score 7, so that it cannot be trained: leave this control out"
        )


def _text(option: Option) -> str:
    """An option's text, preceded by its category as one word."""
    return f"category_{option.category.replace('-', '_')} {option.text}"
