"""`primum ablate`: every team that a plan spans."""

from primum.commands import options as o
from primum.commands.study import Asked, Shown, perform, run_options
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
    """Run every team that a plan spans: which agents, in which roles, lower harm, and why."""
    from primum.evaluation.statistics.paired_differences import COMPARED
    from primum.graphs.ablation.contrasts import require_metrics
    from primum.graphs.ablation.plan import planned, write_plan

    way = run_options(concurrency, retry_failed, replay, budget, executor, address, workers)
    made = planned(plan, panel, roles, up_to, aggregator or (), limit, seed, contrast or ())
    require_metrics(made.plan, COMPARED, plan)
    if save_plan:
        write_plan(save_plan, made.plan)
        return
    asked = Asked(suite, protocol, form, matcher, trials, seed, way, dry_run=dry_run)
    shown = Shown(workspace, max_failed, as_json, whole=True)
    perform(made.panel, made.path, asked, shown, names=made.names, contrasts=made.plan.contrasts)
