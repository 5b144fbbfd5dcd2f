"""`primum run`, `resume`, `rescore` and `rebuild`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from primum.agents.replies.reader import Reader
from primum.commands.shared import options as o
from primum.commands.shared import part as p
from primum.commands.shared.study import (
    OutputOptions,
    StudyOptions,
    require_consistent,
    run_study,
    start_study,
    stored_run,
)
from primum.core.console import DEFAULT_WORKSPACE, console, print_json, say

if TYPE_CHECKING:
    from primum.evaluation.store.database import Store


def run(
    suite: o.SuiteName = "demo",
    limit: p.Limit = None,
    case: p.CaseIds = None,
    variants: p.VariantsEach = "all",
    panel: o.PanelName = "simulated",
    ensemble: o.EnsembleNames = None,
    protocol: o.ProtocolName = None,
    form: o.Form = None,
    matcher: o.MatcherName = None,
    reader: o.ReaderName = Reader.TOLERANT,
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
    stop_after_invalid: o.StopAfterInvalid = None,
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
        stop_after_invalid=stop_after_invalid,
    )
    require_consistent(run_options)
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
    stop_after_invalid: o.StopAfterInvalid = None,
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
    options = RunOptions(
        concurrency=concurrency,
        retry_failed=retry_failed,
        budget=budget,
        stop_after_invalid=stop_after_invalid,
    )
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
    from primum.agents.studies.archive import find_study, require_readable
    from primum.evaluation.matching.matchers import rescored
    from primum.graphs.execution.run import RunOptions

    found, loaded = find_study(workspace, study)
    require_readable(found)
    changed = rescored(found, matcher, weights)
    output = OutputOptions(
        workspace=workspace, max_failed=max_failed, as_json=as_json, metrics=metrics
    )
    run_study(stored_run(changed, loaded, RunOptions(replay=True), output), loaded, output)


def rebuild(workspace: o.Workspace = DEFAULT_WORKSPACE, as_json: o.Json = False) -> None:
    """Rebuild the store from the ledger and the stored studies.

    The figures are computed again from replies, manifests, suites and imported answers, without
    calls. The new store takes the place of the old one when it is done. A study that cannot be
    rebuilt is named with the reason, and the exit code is then 3: the old store is kept as
    store-old.duckdb, or left where it is if there is nothing to put in its place.
    """
    from primum.agents.studies.archive import manifests
    from primum.core.errors import DataError
    from primum.evaluation.store.database import new_store, replace_store

    path, failed = workspace / "store.duckdb", {}
    studies = manifests(workspace)
    if not studies:
        raise DataError(f"{workspace}: no study to rebuild a store from; `primum run` makes one")
    with new_store(path) as store:
        for name, started in studies.items():
            try:
                _refill(store, workspace, name, started)
            except DataError as error:
                failed[name] = str(error)
                say(f"{name}: not rebuilt: {error}")
        rebuilt = [name for name in studies if name not in failed]
        if not rebuilt:
            raise DataError(f"{path}: no study could be rebuilt; what was there is left as it is")
        replace_store(store, path, workspace / "store-old.duckdb" if failed else None)
    if as_json:
        print_json({"rebuilt": rebuilt, "not_rebuilt": failed})
    else:
        for name in rebuilt:
            console().print(f"rebuilt: {name}", highlight=False)
    raise typer.Exit(3 if failed else 0)


def _refill(store: "Store", workspace: Path, name: str, started: datetime) -> None:
    """Put a study of the workspace into a store, from the ledger alone; all of it or nothing.

    Raises:
        DataError: it cannot be: its manifest is damaged, or a call of it is not in the ledger.
    """
    from primum.agents.studies.archive import find_study, require_readable
    from primum.core.errors import DataError
    from primum.evaluation.store.recorder import Recorder
    from primum.graphs.execution.run import RunOptions, executor_for, run_suite

    study, suite = find_study(workspace, name)
    require_readable(study)
    output = OutputOptions(workspace=workspace, max_failed=100, as_json=False)
    executor = executor_for(stored_run(study, suite, RunOptions(replay=True), output))
    recorder = Recorder(store, study, suite, started=started)
    try:
        run_suite(executor, suite, recorder.add)
        recorder.finish()
    except DataError:
        store.delete(study.id)
        raise
