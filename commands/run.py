"""`primum run`, `resume` and `rescore`."""

from primum.commands.shared import options as o
from primum.commands.shared.study import (
    OutputOptions,
    StudyOptions,
    require_consistent,
    run_study,
    start_study,
    stored_run,
)
from primum.core.console import DEFAULT_WORKSPACE


def run(
    suite: o.SuiteName = "demo",
    panel: o.PanelName = "simulated",
    ensemble: o.EnsembleNames = None,
    protocol: o.ProtocolName = None,
    form: o.Form = None,
    matcher: o.MatcherName = None,
    trials: o.Trials = 1,
    against: o.Against = None,
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
    """Run a panel's ensembles on a suite and score their answers.

    Every ensemble is compared with each of its members alone. A reply is kept in the workspace's
    ledger, and a call that is in the ledger is not made again.
    """
    from primum.agents.studies.panels import load_panel, panel_path
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
    options = StudyOptions(
        suite=suite,
        protocol=protocol,
        form=form,
        matcher=matcher,
        trials=trials,
        seed=seed,
        run=run_options,
        dry_run=dry_run,
        names=ensemble or (),
        against=against,
    )
    output = OutputOptions(workspace=workspace, max_failed=max_failed, as_json=as_json)
    start_study(load_panel(panel), panel_path(panel), options, output)


def resume(
    study: o.StudyName,
    budget: o.Dollars = None,
    concurrency: o.Concurrency = 16,
    max_failed: o.MaxFailed = 5.0,
    retry_failed: o.RetryFailed = False,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Continue a study that was interrupted.

    A call that is in the ledger is not made again.
    """
    from primum.agents.studies.archive import find_study, require_resumable
    from primum.agents.studies.panels import require_callable
    from primum.graphs.execution.run import RunOptions

    found, loaded = find_study(workspace, study)
    require_resumable(found)
    require_callable({**found.models, **(found.judge.models if found.judge else {})})
    options = RunOptions(concurrency=concurrency, retry_failed=retry_failed, budget=budget)
    output = OutputOptions(workspace=workspace, max_failed=max_failed, as_json=as_json)
    run_study(stored_run(found, loaded, options, output), loaded, output)


def rescore(
    study: o.StudyName,
    matcher: o.OtherMatcher = None,
    weights: o.WeightList = None,
    metrics: o.Definition = "2026-07",
    max_failed: o.MaxFailed = 5.0,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Score a stored study again from its ledger, without calls.

    With another --matcher or other --weights the result is stored as a new study beside the old
    one. --metrics alone stores no new study: it only changes which figures are shown.
    """
    from primum.agents.studies.archive import find_study, require_prompts
    from primum.evaluation.matching.matchers import rescored
    from primum.graphs.execution.run import RunOptions

    found, loaded = find_study(workspace, study)
    require_prompts(found)
    changed = rescored(found, matcher, weights)
    output = OutputOptions(
        workspace=workspace, max_failed=max_failed, as_json=as_json, metrics=metrics
    )
    run_study(stored_run(changed, loaded, RunOptions(replay=True), output), loaded, output)
