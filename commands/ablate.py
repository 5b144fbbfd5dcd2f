"""`primum ablate`: every team that an ablation plan spans."""

from primum.commands import options as o
from primum.commands.study import OutputOptions, StudyOptions, require_consistent, start_study
from primum.core.console import DEFAULT_WORKSPACE


def ablate(
    plan: o.PlanFile = None,
    suite: o.SuiteName = "demo",
    panel: o.OtherPanel = None,
    roles: o.Roles = None,
    up_to: o.UpTo = None,
    aggregator: o.Aggregators = None,
    limit: o.Limit = None,
    contrast: o.Contrasts = None,
    save_plan: o.SavePlan = None,
    protocol: o.ProtocolName = None,
    form: o.Form = None,
    matcher: o.MatcherName = None,
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
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Run and compare every team that an ablation plan spans.

    The result says which agents, in which roles, lower harm.
    """
    from primum.evaluation.statistics.paired_differences import COMPARED
    from primum.graphs.ablation.contrasts import require_metrics
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
    )
    require_consistent(run_options)
    resolved = resolve_plan(
        AblationOptions(
            file=plan,
            panel=panel,
            roles=roles,
            up_to=up_to,
            aggregators=aggregator or (),
            limit=limit,
            seed=seed,
            contrasts=contrast or (),
        )
    )
    require_metrics(resolved.plan, COMPARED, plan)
    if save_plan:
        write_plan(save_plan, resolved.plan)
        return
    options = StudyOptions(
        suite=suite,
        protocol=protocol,
        form=form,
        matcher=matcher,
        trials=trials,
        seed=seed,
        run=run_options,
        dry_run=dry_run,
        names=resolved.names,
        contrasts=resolved.plan.contrasts,
    )
    output = OutputOptions(
        workspace=workspace, max_failed=max_failed, as_json=as_json, every_analysis=True
    )
    start_study(resolved.panel, resolved.path, options, output)
