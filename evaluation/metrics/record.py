"""Records of metrics: name, meaning, direction, unit, and the function that computes them."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from primum.core.arrays import Floats
from primum.core.errors import DataError
from primum.evaluation.scoring.answer_key import Key
from primum.evaluation.scoring.harms import Harms, find_harms
from primum.evaluation.scoring.verdict_batch import Batch

T = TypeVar("T")
Group = Literal["harm rates", "harm counts", "quality"]
GROUPS: tuple[Group, ...] = ("harm rates", "harm counts", "quality")
"""The groups of metrics, in the order of reports and comparisons."""


@dataclass(frozen=True)
class Definition:
    """A set of metrics that were defined together.

    Attributes:
        name: as stored and as given on the command line, such as 2026-07.
        title: for display, such as July 2026.
        superseded: whether it is kept only for comparison with older figures. Its metrics are
            computed and stored, but cannot be registered in a contrast and are not exported.
    """

    name: str
    title: str
    superseded: bool = False


@dataclass(frozen=True)
class Unit:
    """The display style of values, and the name of the unit in exports (`exported`)."""

    style: Literal["percent", "count", "ratio"]
    exported: str


SHARE_OF_CASES = Unit("percent", "proportion")
SCORE = Unit("ratio", "proportion")
HARMS_PER_CASE = Unit("count", "harms")
CASES = Unit("count", "cases")


class Findings:
    """A batch of answers to one case with their harms, from which metrics are computed."""

    def __init__(self, batch: Batch, harms: Harms | None = None) -> None:
        """`harms` are those of the batch, if they are known already."""
        self.batch = batch
        self.harms = harms or find_harms(batch)
        self._kept: dict[Callable[[Findings], Any], Any] = {}

    def once(self, compute: Callable[["Findings"], T]) -> T:
        """The result of `compute` for this batch, cached so that metrics share it."""
        if compute not in self._kept:
            self._kept[compute] = compute(self)
        found: T = self._kept[compute]
        return found


@dataclass(frozen=True)
class Metric:
    """The fields that metrics of answers, of variants and of suites have in common.

    Attributes:
        definition: which set it belongs to.
        name: as published; unique among all definitions that are not superseded.
        label: for display.
        description: one sentence.
        direction: which values are better.
        unit: of its values.
        bounds: the least and the greatest value; None where there is no greatest.
        group: the group in which it is shown.
    """

    definition: Definition
    name: str
    label: str
    description: str
    _: KW_ONLY
    direction: Literal["lower", "higher"] = "higher"
    unit: Unit = SCORE
    bounds: tuple[float, float | None] = (0, 1)
    group: Group = "quality"

    @property
    def key(self) -> str:
        """DEFINITION/NAME, unique among all metrics."""
        return f"{self.definition.name}/{self.name}"

    @property
    def lower(self) -> bool:
        """Whether lower values are better."""
        return self.direction == "lower"


def computed(
    metric: Metric, compute: Callable[[T], Floats], given: T, shape: tuple[int, ...]
) -> Floats:
    """What a metric's `compute` returns for what it is `given`.

    Raises:
        DataError: it failed, or its values do not have the shape that they must have.
    """
    try:
        found = np.asarray(compute(given), dtype=float)
    except Exception as error:
        raise DataError(
            f"the metric {metric.key} failed: {type(error).__name__}: {error}"
        ) from error
    if found.shape != shape:
        raise DataError(
            f"the metric {metric.key} returned values of shape {found.shape}; return {shape}"
        )
    return found


@dataclass(frozen=True)
class AnswerMetric(Metric):
    """A metric of one answer.

    Attributes:
        compute: its values for a batch of answers, shape (answers,); NaN where it is undefined.
        event: whether values are 1 or 0, for an event that occurs or not.
        headline: whether it is the headline metric of its definition, which ranks ensembles.
        primary: whether it is part of comparisons and of every analysis.
        by_case: whether reports hold it case by case, as they do primary metrics.
        by_judge: whether it is also computed for each single judge of a panel.
        phrase: its name in sentences of a comparison, if not the label.
    """

    _: KW_ONLY
    compute: Callable[[Findings], Floats]
    event: bool = False
    headline: bool = False
    primary: bool = False
    by_case: bool = False
    by_judge: bool = False
    phrase: str = ""

    def values(self, found: Findings) -> Floats:
        """Its values for a batch of answers, shape (answers,).

        Raises:
            DataError: it failed, or returned another shape.
        """
        return computed(self, self.compute, found, (len(found.batch.matched),))


@dataclass(frozen=True)
class Variants:
    """The answers of several ensembles and trials to all variants of one case.

    Attributes:
        key: the case's annotations.
        columns: the metrics that `values` has.
        values: shape (..., variants, columns), NaN where there is no score.
        matched: shape (..., variants, at least the case's options): 1 matched, 0 not, -1 no score.
    """

    key: Key
    columns: tuple[AnswerMetric, ...]
    values: Floats
    matched: NDArray[np.int8]

    def of(self, metric: AnswerMetric) -> Floats:
        """One metric of every answer, shape (..., variants)."""
        return np.asarray(self.values[..., self.columns.index(metric)])


@dataclass(frozen=True)
class VariantsMetric(Metric):
    """A metric of a case that has variants: `compute` returns the shape (...,) of its variants."""

    _: KW_ONLY
    compute: Callable[[Variants], Floats]

    def values(self, variants: Variants) -> Floats:
        """Its values for the variants of a case, shape (...,).

        Raises:
            DataError: it failed, or returned another shape.
        """
        return computed(self, self.compute, variants, variants.values.shape[:-2])


@dataclass(frozen=True)
class SuiteMetric(Metric):
    """A metric of a whole suite, computed from the means of other metrics over its base cases.

    Attributes:
        parts: the metrics from whose means it is computed.
        compute: from means of shape (rows, parts) to values of shape (rows,); monotone if there is
            one part.
    """

    _: KW_ONLY
    parts: tuple[AnswerMetric, ...]
    compute: Callable[[Floats], Floats]

    def values(self, means: Floats) -> Floats:
        """Its values for means of shape (rows, parts), shape (rows,).

        Raises:
            DataError: it failed, or returned another shape.
        """
        return computed(self, self.compute, means, means.shape[:1])
