"""What a run would ask and cost, as a table and as one JSON object."""

import asyncio
from typing import Any

from rich.console import Console

from primum.cases.model import Suite
from primum.cases.part import part_json, size_of
from primum.core.console import console, print_json
from primum.core.terminal import show_lines, show_rows
from primum.graphs.execution.dry_run import DryRunClient
from primum.graphs.execution.run import StudyRun, dry_run


def print_dry_run(run: StudyRun, suite: Suite, *, as_json: bool) -> None:
    """Print which calls a run would make and what they may cost; no call is made."""
    found = asyncio.run(dry_run(run, suite))
    names = [spec.name for spec in run.study.ensembles]
    if as_json:
        whole = dry_run_json(found, run.options.concurrency)
        suite_of = {"suite": suite.info.name, "part": part_json(run.study.part)}
        print_json({**suite_of, "ensembles": len(names), "names": names, **whole})
    else:
        screen = console()
        size = size_of(suite, run.study.part)
        screen.print(f"{len(names)} ensembles, including solos and controls, on {size}")
        show_dry_run(found, run.options.concurrency, screen)


def dry_run_json(found: DryRunClient, concurrency: int) -> dict[str, Any]:
    """The JSON object of a dry run; `cost` is None if a price is unknown."""
    low, high = found.duration(concurrency)
    return {
        "calls": sum(found.calls.values()),
        "on_record": sum(found.recorded.values()),
        "to_make": sum(found.calls.values()) - sum(found.recorded.values()),
        "prompt_tokens": sum(found.tokens.values()),
        "cost": None if found.unpriced else [sum(found.low.values()), sum(found.high.values())],
        "unpriced": sorted(found.unpriced),
        "seconds": [low, high],
        "seconds_at_timeouts": found.longest_duration(concurrency),
        "by_model_and_role": [
            {
                "model": model,
                "role": role,
                "calls": number,
                "on_record": found.recorded[model, role],
                "prompt_tokens": found.tokens[model, role],
                "longest_prompt": found.longest[model, role],
            }
            for (model, role), number in sorted(found.calls.items())
        ],
    }


def show_dry_run(found: DryRunClient, concurrency: int, console: Console) -> None:
    """Print calls by model and role, then tokens, cost and time of those not in the ledger."""
    whole = dry_run_json(found, concurrency)
    rows = [tuple(row.values()) for row in whole["by_model_and_role"]]
    show_rows(
        ["model", "role", "calls", "in ledger", "prompt tokens", "longest prompt"], rows, console
    )
    low, high = whole["seconds"]
    cost = (
        f"unknown for {', '.join(whole['unpriced'])}"
        if whole["cost"] is None
        else "${:.2f} to ${:.2f}".format(*whole["cost"])
    )
    lines = (
        "{calls} distinct calls: {on_record} in the ledger, {to_make} to make".format(**whole),
        f"cost: {cost} (from the shortest valid replies to max_tokens, or 2,000 tokens, each)",
        f"time: {low:.0f} to {high:.0f} s (as in the ledger, else 2 to 20 s a call; no repairs)",
        f"time if every call took its timeout: {whole['seconds_at_timeouts']:.0f} s",
        "Tokens of prompts are estimated, at four characters each.",
        "A reply that is not in the ledger is replaced by a placeholder of about its length.",
        "Debates are counted to their last round.",
    )
    show_lines(lines, console)
