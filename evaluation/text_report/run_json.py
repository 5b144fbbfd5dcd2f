"""The result of a study as one JSON object."""

from collections import defaultdict
from dataclasses import asdict
from math import isfinite
from typing import Any

from primum.agents.topologies.ensemble import EnsembleSpec
from primum.cases.part import part_json
from primum.evaluation.metrics.record import Definition
from primum.evaluation.metrics.registry import definitions
from primum.evaluation.notices import study_banners
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Policy
from primum.evaluation.statistics.estimates import Estimate
from primum.evaluation.store.counts.reply_counts import NONE, Replies, ReplyCounts
from primum.evaluation.store.recorder import Result


def result_json(result: Result, made: int, found: int) -> dict[str, Any]:
    """The object that `primum run --json` prints; NaN and infinity become null.

    `metrics` holds the metrics of all definitions that are not superseded under the default policy,
    `metrics_answered_only` under the other; a superseded definition has an object of its own, such
    as `metrics_2026_06`. `analysis` holds the tables of docs/schema.md by name. `made` counts
    calls that were sent, `found` replies that were in the ledger already.
    """
    study = result.study
    current = {d.name for d in definitions() if not d.superseded}
    own: dict[str, list[Estimate]] = defaultdict(list)
    for estimate in result.estimates:
        own[estimate.ensemble].append(estimate)
    return {
        "study": study.id,
        "suite": study.suite.name,
        "part": part_json(study.part),
        "simulated": study.simulated,
        "synthetic": study.suite.synthetic,
        "notice": study_banners(study),
        "protocol": study.protocol.name,
        "form": study.protocol.form,
        "reader": study.protocol.reader.model_dump(mode="json"),
        "matcher": study.matcher,
        "judge": study.judge.model_dump(mode="json") if study.judge else None,
        "weights": list(study.weights),
        "policy": DEFAULT_POLICY,
        "bound_replies": [
            {"model": r.model, "judging": r.judging, "settings": list(r.settings), **r.counts}
            for r in result.bound_replies
        ],
        "lost": result.lost,
        "calls": {"made": made, "from_ledger": found},
        "replies": replies_json(result.replies),
        "ensembles": [_ensemble(result, spec, own[spec.name]) for spec in study.ensembles],
        "comparisons": [
            {
                "ensemble": c.ensemble,
                "against": c.against,
                "other": c.other,
                "degraded": result.degraded(c.ensemble),
                "other_degraded": result.degraded(c.other),
                "definition": c.definition,
                "metric": c.metric,
                "difference": finite(c.difference),
                "lo": finite(c.lo),
                "hi": finite(c.hi),
                "ratio": finite(c.ratio),
                "ratio_lo": finite(c.ratio_lo),
                "ratio_hi": finite(c.ratio_hi),
                "p": finite(c.p),
                "p_adjusted": finite(c.p_adjusted),
                "adjustment": c.adjustment,
                "cases": c.cases,
                "differing": c.differing,
            }
            for c in result.comparisons
            if c.definition in current
        ],
        "cautions": list(result.cautions),
        "analysis": {
            table: [{k: _plain(v) for k, v in asdict(record).items()} for record in records]
            for table, records in result.figures.items()
        },
    }


def _ensemble(result: Result, spec: EnsembleSpec, own: list[Estimate]) -> dict[str, Any]:
    tally = result.outcome_counts[spec.name]
    answering, judging = result.spending[spec.name]
    current = [d for d in definitions() if not d.superseded]
    superseded = [d for d in definitions() if d.superseded]
    return {
        "name": spec.name,
        "graph": spec.graph,
        "members": list(spec.members),
        "simulated": result.study.rests_on_simulation(spec),
        "coverage": tally.coverage,
        "judged": tally.judged,
        "unjudged": tally.unjudged,
        "own_family_judges": list(result.study.judged_by_own_family(spec)),
        "outcomes": {str(outcome): n for outcome, n in sorted(tally.outcomes.items())},
        "degraded": tally.degraded,
        "replies": counts_json(result.replies.by_ensemble.get(spec.name, NONE)),
        "calls": answering.calls,
        "cost": answering.cost,
        "judge_calls": judging.calls,
        "judge_cost": judging.cost,
        "metrics": _metrics(own, current, DEFAULT_POLICY),
        **{
            f"metrics_{d.name.replace('-', '_')}": _metrics(own, [d], DEFAULT_POLICY)
            for d in superseded
        },
        "metrics_answered_only": _metrics(own, current, Policy.ANSWERED_ONLY),
    }


def replies_json(replies: Replies) -> dict[str, Any]:
    """Counts of replies over all agents and judges, and by model."""
    return {
        "agents": counts_json(replies.agents),
        "judges": counts_json(replies.judges),
        "by_model": {name: counts_json(own) for name, own in replies.by_model.items()},
        "by_judge": {name: counts_json(own) for name, own in replies.by_judge.items()},
    }


def counts_json(counts: ReplyCounts) -> dict[str, Any]:
    """Counts of distinct replies: outcomes, what was normalised, and the length of thinking."""
    return {
        "replies": counts.replies,
        "outcomes": dict(sorted(counts.outcomes.items())),
        "normalised": counts.normalised,
        "changes": dict(counts.changes),
        "thinking_characters": counts.thinking,
        "reasoning_tokens": counts.reasoning_tokens,
    }


def _metrics(
    estimates: list[Estimate], wanted: list[Definition], policy: str
) -> dict[str, dict[str, Any]]:
    names = {definition.name for definition in wanted}
    return {
        e.metric: {
            "mean": finite(e.mean),
            "lo": finite(e.lo),
            "hi": finite(e.hi),
            "cases": e.cases,
        }
        for e in estimates
        if e.policy == policy and e.definition in names
    }


def _plain(value: Any) -> Any:
    return finite(value) if isinstance(value, float) else value


def finite(value: float) -> float | None:
    """The number, or None where it is NaN or infinite."""
    return value if isfinite(value) else None
