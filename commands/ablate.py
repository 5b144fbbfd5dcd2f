"""`primum ablate`: every team that an ablation plan spans."""

from pathlib import Path
from typing import Annotated

import typer

from primum.agents.replies.reader import Reader
from primum.commands.shared import options as o
from primum.commands.shared import part as p
from primum.commands.shared.study import (
    OutputOptions,
    StudyOptions,
    require_consistent,
    start_study,
)
from primum.core.console import DEFAULT_WORKSPACE

PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help="Ablation plan, a .yaml file. Default: a standard plan made from --panel, --roles, "
        "--up-to and --aggregator.",
    ),
]
OtherPanel = Annotated[
    str | None,
    typer.Option(
        "--panel",
        metavar="PANEL",
        callback=o.not_empty,
        help="Panel whose models form the teams: a built-in panel's name, or a .yaml file. "
        "Default: the plan's own panel, or 'simulated'.",
    ),
]
Roles = Annotated[
    str | None,
    typer.Option(
        metavar="ROLES",
        help="Roles in the standard plan, separated by commas: generator, critic, aggregator, "
        "selector, guardian, debater, rule. Default: generator,aggregator,guardian.",
    ),
]
UpTo = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Largest number of generators in a team of the standard plan. Default: 5.",
    ),
]
Aggregators = Annotated[
    list[str] | None,
    typer.Option(
        "--aggregator",
        metavar="MODEL",
        help="Model that may aggregate or select in the standard plan (repeatable). "
        "Default: the panel's first three models.",
    ),
]
MaxEnsembles = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Run only this many of the plan's ensembles, drawn at random with --seed.",
    ),
]
Contrasts = Annotated[
    list[str] | None,
    typer.Option(
        "--contrast",
        metavar="CONTRAST",
        help="Register a comparison before the run, as ENSEMBLE:AGAINST or "
        "ENSEMBLE:AGAINST:METRIC (repeatable).",
    ),
]
SavePlan = Annotated[
    Path | None,
    typer.Option(
        "--save-plan", metavar="FILE", help="Write the plan to this new file and run nothing."
    ),
]


def ablate(
    plan: PlanFile = None,
    suite: o.SuiteName = "demo",
    limit: p.Limit = None,
    case: p.CaseIds = None,
    variants: p.VariantsEach = "all",
    panel: OtherPanel = None,
    roles: Roles = None,
    up_to: UpTo = None,
    aggregator: Aggregators = None,
    max_ensembles: MaxEnsembles = None,
    contrast: Contrasts = None,
    save_plan: SavePlan = None,
    protocol: o.ProtocolName = None,
    form: o.Form = None,
    matcher: o.MatcherName = None,
    reader: o.ReaderName = Reader.TOLERANT,
    trials: o.Trials = 1,
    seed: o.Seed = 0,
    dry_run: o.DryRun = False,
    budget: o.Dollars = None,
    replay: o.Replay = False,
    concurrency: o.Concurrency = 16,
    executor: o.ExecutorName = "local",
    address: o.Address = None,
    workers: o.Workers = None,
    max_failed: o.MaxFailed = 5.0,
    retry_failed: o.RetryFailed = False,
    stop_after_invalid: o.StopAfterInvalid = None,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Run and compare every team that an ablation plan spans.

    The result says which agents, in which roles, lower harm.
    """
    from primum.evaluation.metrics.july_2026 import SEVERE_RATE
    from primum.evaluation.metrics.registry import compared_names
    from primum.graphs.ablation.contrasts import with_metrics
    from primum.graphs.ablation.plan import AblationOptions, resolve_plan, write_plan
    from primum.graphs.execution.run import RunOptions

    run_options = RunOptions(
        concurrency=concurrency,
        retry_failed=retry_failed,
        replay=replay,
        budget=budget,
        cluster=executor == "ray",
        address=address,
        workers=workers,
        stop_after_invalid=stop_after_invalid,
    )
    require_consistent(run_options)
    resolved = resolve_plan(
        AblationOptions(
            file=plan,
            panel=panel,
            roles=roles,
            up_to=up_to,
            aggregators=aggregator or (),
            max_ensembles=max_ensembles,
            seed=seed,
            contrasts=contrast or (),
        )
    )
    contrasts = with_metrics(resolved.plan, compared_names(), SEVERE_RATE.name, plan)
    if save_plan:
        write_plan(save_plan, resolved.plan)
        return
    options = StudyOptions(
        suite=suite,
        choice=p.choice_of(limit, case, variants, seed),
        protocol=protocol,
        form=form,
        matcher=matcher,
        reader=reader,
        trials=trials,
        seed=seed,
        run=run_options,
        dry_run=dry_run,
        names=resolved.names,
        contrasts=contrasts,
    )
    output = OutputOptions(
        workspace=workspace, max_failed=max_failed, as_json=as_json, every_analysis=True
    )
    start_study(resolved.panel, resolved.path, options, output)
