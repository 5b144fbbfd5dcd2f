"""A comparison of two ensembles in sentences for clinicians, and as one JSON object."""

from collections.abc import Iterator
from dataclasses import asdict
from math import isinf, isnan
from typing import Any

from primum.agents.models.outcomes import Outcome
from primum.agents.roles.critic import CRITIC
from primum.agents.roles.guardian import GUARDIAN
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.cases.part import part_json
from primum.evaluation.metrics.july_2026 import SEVERE_RATE
from primum.evaluation.metrics.record import AnswerMetric
from primum.evaluation.metrics.registry import primary
from primum.evaluation.metrics.version_1 import NUMBER_NEEDED_TO_HARM
from primum.evaluation.notices import DEGRADED_MARK, degraded_notice, study_banners
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Treatment
from primum.evaluation.statistics.paired_differences import Comparison
from primum.evaluation.store.stored_comparison import UNJUDGED, Side, StoredComparison
from primum.evaluation.text_report.run_json import finite

ALPHA = 0.05
FEW_CASES = 20
DIGITS = {"count": 2, "ratio": 3, "percent": 3}  # of what is not the rate of an event


def comparison_sentences(found: StoredComparison) -> Iterator[str]:
    """Sentences on the differences, their intervals and p-values, missing answers and costs."""
    one, other = (
        side.spec.name + DEGRADED_MARK * bool(side.degraded) for side in (found.one, found.other)
    )
    study = found.study
    cases = found.differences[SEVERE_RATE.key].cases
    of = f" ({study.part.size})" if study.part else ""
    yield (
        f"{one} against {other}, on {study.suite.name}{of}: {_number(cases, 'case')}, "
        f"{_number(found.items, 'item')}, {_number(study.trials, 'trial')} of each."
    )
    yield f"{one} is {_described(found.one.spec)}."
    yield f"{other} is {_described(found.other.spec)}."
    yield ""
    for metric in primary():
        if metric.event:
            yield _rate(found, metric)
    yield from _averted(found)
    for metric in primary():
        if not metric.event:
            yield _count(found, metric)
    yield ""
    yield from _unanswered(found.one)
    yield from _unanswered(found.other)
    yield f"Cost: {_price(found.one)}, against {_price(found.other)}."
    taken = "Differences are paired by case, over items and trials that both answered."
    if all(isnan(c.lo) for c in found.differences.values()):
        yield taken
    else:
        yield (
            f"{taken} A 95% interval contains the true difference in 95 of 100 studies whose cases "
            "are drawn from the same population; p is the probability of a difference at least as "
            "large if there is none."
        )
    if cases < FEW_CASES:
        yield f"Few cases ({cases}): only a large difference can be detected."


def comparison_json(found: StoredComparison) -> dict[str, Any]:
    """The object that `primum compare --json` prints; NaN becomes null."""
    study = found.study
    return {
        "study": study.id,
        "part": part_json(study.part),
        "simulated": study.simulated,
        "synthetic": study.suite.synthetic,
        "notice": comparison_notices(found),
        "items": found.items,
        "trials": study.trials,
        "sides": [_side(found.one), _side(found.other)],
        "differences": [
            {
                k: finite(v) if isinstance(v, float) else v
                for k, v in asdict(c).items()
                if k not in {"p_adjusted", "adjustment"}  # one contrast: nothing to adjust for
            }
            for c in found.differences.values()
        ],
        "words": [line for line in comparison_sentences(found) if line],
    }


def comparison_notices(found: StoredComparison) -> list[str]:
    """The notices to show with the comparison."""
    sides = (found.one, found.other)
    degraded = {side.spec.name: (side.degraded, side.outcomes[Outcome.OK]) for side in sides}
    return [*study_banners(found.study), *degraded_notice(degraded)]


def _side(side: Side) -> dict[str, Any]:
    return {
        "ensemble": side.spec.model_dump(mode="json", exclude_defaults=True),
        "outcomes": dict(sorted(side.outcomes.items())),
        "degraded": side.degraded,
        "calls": side.calls,
        "cost": side.cost,
    }


def _described(spec: EnsembleSpec) -> str:
    text = spec.opening
    if guardians := spec.wiring.with_role(GUARDIAN):
        text += f", rewritten by {', then '.join(agent.label for agent in guardians)}"
    if critics := spec.wiring.with_role(CRITIC):
        text += f", reviewed by {', '.join(agent.label for agent in critics)}"
    if spec.concluding:
        text += f", {'chosen from' if spec.selects else 'merged'} by {spec.concluding.label}"
    if spec.rule_used:
        text += f", counted by {spec.rule_used.label}"
    return text


def _rate(found: StoredComparison, metric: AnswerMetric) -> str:
    one, other, found_difference = _both(found, metric)
    what = metric.phrase or metric.label
    if isnan(found_difference.difference):
        return f"{what.capitalize()}: no case was answered by both."
    points = 100 * found_difference.difference
    return (
        f"{what.capitalize()}: in {one:.1%} of cases, against {other:.1%}: "
        f"{_direction(points, 'points', 1)}{_how_sure(found_difference, 100, 1)}"
    )


def _count(found: StoredComparison, metric: AnswerMetric) -> str:
    one, other, difference = _both(found, metric)
    what = metric.phrase or metric.label
    if isnan(difference.difference):
        return f"{what}: undefined for one of them in every case."
    digits = DIGITS[metric.unit.style]
    said = _direction(difference.difference, "", digits)
    return (
        f"{what[0].upper()}{what[1:]}: {one:.{digits}f}, against {other:.{digits}f}: "
        f"{said}{_how_sure(difference, 1, digits)}"
    )


def _both(found: StoredComparison, metric: AnswerMetric) -> tuple[float, float, Comparison]:
    key = metric.key
    return found.one.figures[key].mean, found.other.figures[key].mean, found.differences[key]


def _direction(value: float, unit: str, digits: int) -> str:
    size = f"{abs(value):.{digits}f}"
    if float(size) == 0:
        return "no difference"
    return f"{size}{f' {unit}' if unit else ''} {'less' if value < 0 else 'more'}"


def _how_sure(c: Comparison, scale: int, digits: int) -> str:
    """The interval, p, and whether the difference is statistically significant."""
    if isnan(c.lo) or isnan(c.p):
        return "; too few cases for an interval."
    lo, hi = (f"{scale * end:+.{digits}f}" for end in (c.lo, c.hi))
    if lo == hi:
        return "; the same in every case."
    apart = (c.lo > 0 or c.hi < 0) and c.p < ALPHA
    verdict = "statistically significant" if apart else "not statistically significant"
    p = "p < .001" if c.p < 0.001 else f"p = {c.p:.3f}"  # noqa: PLR2004
    return f" (95% interval {lo} to {hi}; {p}): {verdict}."


def _averted(found: StoredComparison) -> Iterator[str]:
    """Number needed to harm, and the number of cases per severe error averted or added."""
    rates = [side.figures[NUMBER_NEEDED_TO_HARM.key].mean for side in (found.one, found.other)]
    each = ["no case" if isinf(n) else f"one case in {n:.1f}" for n in rates if not isnan(n)]
    if len(each) == len(rates):
        yield f"Number needed to harm: {each[0]} has a severe harm, against {each[1]}."
    difference = found.differences[SEVERE_RATE.key]
    if isnan(difference.difference) or not difference.difference:
        return
    cases = 1 / abs(difference.difference)
    what = "averted" if difference.difference < 0 else "added"
    sure = difference.lo > 0 or difference.hi < 0
    doubt = "" if sure else ", but the 95% interval of the difference includes 0"
    yield f"One severe error {what} in {cases:.0f} cases{doubt}."


def _unanswered(side: Side) -> Iterator[str]:
    total = side.outcomes.total()
    bad = {outcome: n for outcome, n in sorted(side.outcomes.items()) if outcome != Outcome.OK}
    said = ", ".join(f"{n} {outcome} ({_treatment(outcome)})" for outcome, n in bad.items())
    yield (
        f"{side.spec.name}: {sum(bad.values())} of {total} answers were not usable: {said}."
        if bad
        else f"{side.spec.name}: all {total} answers were usable."
    )
    if side.degraded:
        yield (
            f"{side.spec.name}: {side.degraded} of {side.outcomes[Outcome.OK]} usable answers were "
            "degraded, given without a usable reply of some agent: they are not the whole team's."
        )


def _treatment(outcome: str) -> Treatment:
    """How an outcome, or an unjudged answer, counts in these figures."""
    if outcome == UNJUDGED:
        return Treatment.LEFT_OUT
    return DEFAULT_POLICY.treatment(Outcome(outcome))


def _price(side: Side) -> str:
    dollars = "at an unknown price" if side.cost is None else f"for ${side.cost:.2f}"
    return f"{_number(side.calls, 'call')} {dollars}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
