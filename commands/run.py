"""`primum run`, `resume` and `rescore`."""

from primum.commands import options as o
from primum.commands.study import Asked, Shown, perform, run_options, run_study
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
    """Run ensembles on a suite, score them, and compare them with their members alone."""
    from primum.agents.studies.panels import load_panel, panel_path

    way = run_options(concurrency, retry_failed, replay, budget, executor, address, workers)
    asked = Asked(suite, protocol, form, matcher, trials, seed, way, dry_run=dry_run)
    shown = Shown(workspace, max_failed, as_json)
    perform(load_panel(panel), panel_path(panel), asked, shown, names=ensemble, against=against)


def resume(
    study: o.StudyName,
    budget: o.Dollars = None,
    concurrency: o.Concurrency = 16,
    max_failed: o.MaxFailed = 5.0,
    retry_failed: o.RetryFailed = False,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """Go on with a study that was stopped: what is on record is not asked again."""
    from primum.agents.simulation.clinician import SimulatedModels
    from primum.agents.studies.archive import find_study, require_resumable
    from primum.agents.studies.panels import require_callable
    from primum.graphs.execution.run import RunOptions

    found, loaded = find_study(workspace, study)
    require_resumable(found)
    require_callable({**found.models, **(found.judge.models if found.judge else {})})
    simulated_models = SimulatedModels()
    simulated_models.register(loaded)
    way = RunOptions(concurrency, retry_failed, budget=budget)
    run_study(found, loaded, simulated_models, way, Shown(workspace, max_failed, as_json))


def rescore(
    study: o.StudyName,
    matcher: o.MatcherName = None,
    weights: o.WeightList = None,
    metrics: o.Definition = "2026-07",
    max_failed: o.MaxFailed = 5.0,
    workspace: o.Workspace = DEFAULT_WORKSPACE,
    as_json: o.Json = False,
) -> None:
    """A study scored again from the ledger, with no call.

    With another matcher or other weights it is stored as a study beside it; --metrics alone makes
    none, and shows other figures of the same one.
    """
    from primum.agents.simulation.clinician import SimulatedModels
    from primum.agents.studies.archive import find_study, require_prompts
    from primum.evaluation.matching.matchers import rescored
    from primum.graphs.execution.run import RunOptions

    found, loaded = find_study(workspace, study)
    require_prompts(found)
    again = rescored(found, matcher, weights)
    shown = Shown(workspace, max_failed, as_json, definition=metrics)
    run_study(again, loaded, SimulatedModels(), RunOptions(replay=True), shown)
