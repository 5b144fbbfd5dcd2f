"""The notes under a run's tables: cautions, failures, degraded answers, how replies were read."""

from collections.abc import Iterator

from primum.agents.models.outcomes import Outcome
from primum.agents.topologies.ensemble import Kind
from primum.core.console import counted
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, SEVERE_RATE
from primum.evaluation.scoring.answer_key import WEIGHTS
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Policy, Treatment
from primum.evaluation.statistics.estimates import Estimate
from primum.evaluation.store.counts.bound_replies import bound_notes
from primum.evaluation.store.counts.outcome_counts import OutcomeCounts
from primum.evaluation.store.recorder import Result
from primum.evaluation.text_report.figure_text import number, with_interval

LOST = "NO FIGURE: no answer of a model is usable and judged."
MODEL_FAILURES = ", ".join(outcome for outcome in Outcome if outcome.is_model_failure)
MOST_SEATS, MOST_MODELS = 3, 12
Figures = dict[tuple[str, Policy, str], Estimate]
"""By ensemble, policy and metric key."""


def notes(result: Result, figures: Figures) -> Iterator[str]:
    """The notes of a run, one a line."""
    yield (
        "Severe harm: share of cases with any severe harm. Omissions, commissions: harms per case. "
        "The best member and solo are selected by each figure on these cases, which favours them."
    )
    yield from (f"CAUTION {caution}" for caution in result.cautions)
    yield from _made_of(result, figures)
    yield from bound_notes(result.bound_replies)
    yield from _normalised(result)
    own_family = {s.name: result.study.judged_by_own_family(s) for s in result.study.ensembles}
    for name, tally in result.outcome_counts.items():
        if own_family[name]:
            yield f"{name}: judged by its own family ({', '.join(own_family[name])})"
        yield from (f"{name}: {note}" for note in _of_answers(tally))
        if tally.model_failures:
            yield f"{name}: {_failed(name, tally, figures)}"
        if tally.degraded:
            yield f"{name}: {_degraded(tally)}"
        for reason, times in tally.reasons.most_common(1):
            yield f"{name}: most frequent reason: {reason} ({times})"


def lost_notes(result: Result) -> Iterator[str]:
    """The notes of a run whose every answer is lost: how many, and why."""
    for name, tally in result.outcome_counts.items():
        if tally.failed:
            ((reason, times),) = tally.reasons.most_common(1) or [("none came", tally.asked)]
            yield f"{name}: {tally.failed} of {tally.asked} lost; {reason} ({times})"
    yield from _normalised(result)


def _of_answers(tally: OutcomeCounts) -> Iterator[str]:
    if tally.unanswered:
        again = any(outcome.is_transient for outcome in tally.outcomes)
        how = " (--retry-failed repeats timeouts and provider errors)" if again else ""
        yield f"{tally.unanswered} of {tally.asked} not answered and not scored{how}"
    if tally.unjudged:
        yield f"{tally.unjudged} of {tally.asked} answered, not judged, and not scored"


def _failed(name: str, tally: OutcomeCounts, figures: Figures) -> str:
    """How many answers failed by a model's own doing, and the figures without them."""
    other = figures[name, Policy.ANSWERED_ONLY, SEVERE_RATE.key]
    f1 = figures[name, Policy.ANSWERED_ONLY, F1_WEIGHTED.key]
    return (
        f"{tally.model_failures} of {tally.asked} not usable ({MODEL_FAILURES}), "
        f"each {Treatment.AS_EMPTY}; {Policy.ANSWERED_ONLY.label.lower()}: "
        f"{F1_WEIGHTED.name} {number(f1.mean, 3)}, "
        f"severe harm {with_interval(other, percent=True)}"
    )


def _made_of(result: Result, figures: Figures) -> Iterator[str]:
    """Notes on weights other than the default, calls of judges, and imported answers."""
    study = result.study
    if study.weights != WEIGHTS:
        weights = ":".join(f"{weight:g}" for weight in study.weights)
        yield f"WEIGHTS {weights} (severe:moderate:mild:uncertain), not the benchmark's 72:24:3:1"
    judging = result.judging
    if judging.calls:
        price = "cost unknown" if judging.cost is None else f"${judging.cost:.2f}"
        yield f"Judging took {counted(judging.calls, 'call')} ({price}), not included in the table."
    for spec in study.ensembles:
        if spec.kind is Kind.IMPORTED:
            asked, there = result.outcome_counts[spec.name].asked, result.items * study.trials
            cases = figures[spec.name, DEFAULT_POLICY, SEVERE_RATE.key].cases
            some, rests = counted(asked, "answer"), counted(cases, "base case")
            yield (
                f"{spec.name}: {some} to the suite's {there} items and trials; "
                f"its figures are from {rests}"
            )


def _degraded(tally: OutcomeCounts) -> str:
    """How many answers are not the whole team's, and whose replies are missing, and why."""
    most = tally.missing.most_common(MOST_SEATS)
    who = ", ".join(f"{seat} ({why}: {times})" for (seat, why), times in most)
    more = " and others" if len(tally.missing) > MOST_SEATS else ""
    return (
        f"{tally.degraded} of {counted(tally.outcomes[Outcome.OK], 'answer')} degraded, given "
        f"without a usable reply of {who}{more}"
    )


def _normalised(result: Result) -> Iterator[str]:
    """How many replies were normalised, of agents and of judges, and of which models."""
    found = result.replies
    for whose, counts, models in (
        ("", found.agents, found.by_model),
        ("judges: ", found.judges, found.by_judge),
    ):
        if counts.normalised:
            yield f"{whose}{counts.sentence} (--reader strict refuses them)"
            many = sorted(models.items(), key=lambda item: -item[1].normalised)
            shown = [f"{name} {own.normalised} of {own.replies}" for name, own in many]
            if len(models) > 1:
                yield f"{whose}normalised by model: {', '.join(shown[:MOST_MODELS])}"
