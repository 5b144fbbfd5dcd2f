"""`primum judge`, `import`, `export` and `query`: parse, wire, print."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from primum.cases.options import Concurrency, Json, MatcherName, SuiteName, Workspace
from primum.cases.output import DEFAULT_WORKSPACE, console, print_json, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from primum.agents.study import Study
    from primum.cases.model import Suite
    from primum.evaluation.published import Judged, PublishedAnswer

judge = typer.Typer(
    help="How far verdicts on free-text answers can be trusted.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
imports = typer.Typer(
    help="Read the published kit's files.", rich_markup_mode=None, no_args_is_help=True
)
exports = typer.Typer(
    help="Write a study as the published kit's files, or as one table.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
StudyId = Annotated[str, typer.Argument(metavar="STUDY", help="Its id, or the beginning of one.")]
OneEnsemble = Annotated[
    str | None, typer.Option("--ensemble", help="Only this one, on stdout unless -o names a file.")
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="A new file; for several ensembles a new folder."),
]


@judge.command("check")
def check(
    reference: Annotated[
        Path | None,
        typer.Option(help="Verdicts to hold against: CSV, JSON Lines or judged records."),
    ] = None,
    suite: SuiteName = "demo",
    answers: Annotated[
        Path | None, typer.Option(help="The answers, for a matcher to read (published form).")
    ] = None,
    matcher: MatcherName = None,
    verdicts: Annotated[
        Path | None, typer.Option(help="Or another file of verdicts, as for --reference.")
    ] = None,
    study: Annotated[
        str | None, typer.Option(help="Or a study with several judges: them beside one another.")
    ] = None,
    concurrency: Concurrency = 16,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Agreement of a matcher, of judges or of a file of verdicts with reference verdicts."""
    from primum.cases.errors import DataError
    from primum.cases.load import load_suite
    from primum.evaluation.agreement import pair_up, read_verdicts
    from primum.evaluation.published import read_answers
    from primum.evaluation.report.agreement import agreement_json, show_agreement
    from primum.evaluation.verdicts import match_all

    if study and not (reference or matcher or answers or verdicts):
        _beside_one_another(study, workspace, as_json=as_json)
        return
    by_matcher = bool(matcher and answers and not verdicts)
    if study or reference is None or by_matcher == bool(verdicts and not (matcher or answers)):
        raise typer.BadParameter(
            "give --reference, and --matcher with --answers or --verdicts alone; or --study alone"
        )
    loaded = load_suite(suite)
    wanted = read_verdicts(reference, loaded)
    if matcher and answers:
        matched = match_all(matcher, read_answers(answers), loaded, workspace, concurrency)
        say(matched.notice)
        found, parts, unjudged = matched.verdicts, matched.parts, matched.unjudged
        said_by = matched.label
    else:
        assert verdicts is not None
        found, parts, unjudged = read_verdicts(verdicts, loaded), {}, ()
        said_by = str(verdicts)
    for line in unjudged:
        say(f"unjudged: {line}")
    pairs, missing = pair_up(wanted, found, loaded)
    if not pairs and not unjudged:
        raise DataError(f"{reference}: no verdict in common with those to be held against it")
    by_judges = {name: pair_up(wanted, part, loaded) for name, part in parts.items()}
    if as_json:
        print_json({"matcher": said_by, **agreement_json(pairs, missing, by_judges, unjudged)})
    else:
        show_agreement(pairs, missing, console(), by_judges)
    raise typer.Exit(1 if unjudged else 0)


def _beside_one_another(study: str, workspace: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    from primum.agents.archive import find_study
    from primum.cases.errors import DataError
    from primum.cases.show import show_rows
    from primum.evaluation.judges import preferences, rankings
    from primum.evaluation.report.result import finite

    store = workspace / "store.duckdb"
    found, suite = find_study(workspace, study)
    if found.judge is None or len(found.judge.judges) == 1:
        raise DataError(f"{found.id}: matched by {found.matcher}; this takes two judges or more")
    ranked, preferred = rankings(store, found), preferences(store, found, suite)
    _say_what_it_is(found)
    if as_json:
        rows = [asdict(row) for row in preferred]
        figures = ("difference", "lo", "hi")
        print_json(
            {
                "study": found.id,
                "judge": found.matcher,
                "leave_one_out": [{**asdict(r), "tau": finite(r.tau)} for r in ranked],
                "self_family": [{**r, **{f: finite(r[f]) for f in figures}} for r in rows],
            }
        )
        return
    rows_shown = [
        (r.judges, r.tau, ", ".join(f"{n} {m:.3f}" for n, m in zip(r.order, r.means, strict=True)))
        for r in ranked
    ]
    show_rows(["judges", "tau", "ensembles, best F1_weighted first"], rows_shown, console())
    show_rows(
        ["judge", "own family", "favours its own by", "from", "to", "cases"],
        [
            (p.judge, ", ".join(p.own) or "none", p.difference, p.lo, p.hi, p.cases)
            for p in preferred
        ],
        console(),
    )


@imports.command("judged")
def judged(
    file: Path,
    suite: SuiteName = "demo",
    metrics: Annotated[
        Literal["2026-07", "2026-06", "v1"], typer.Option(help="Definition of the metrics.")
    ] = "2026-07",
    as_json: Json = False,
) -> None:
    """Judged records, with every metric of a definition computed again."""
    from primum.cases.load import load_suite
    from primum.cases.show import show_rows
    from primum.evaluation.published import SIMULATED_JUDGED, read_judged, rescore
    from primum.evaluation.report.result import finite
    from primum.evaluation.report.text import LEXICAL, banners

    loaded = load_suite(suite)
    found = rescore(read_judged(file, loaded), loaded, metrics)
    judges = sorted({record.judge for record, _ in found})
    simulated = any(judge.endswith(SIMULATED_JUDGED) for judge in judges)
    for line in banners(simulated=simulated, matcher="", notice=loaded.info.notice):
        say(line)
    for judge in judges:
        say(f"judged by {judge}{LEXICAL if judge.startswith('lexical/') else ''}")
    if as_json:
        print_json(
            [
                {
                    "id": record.id,
                    "trial": record.trial,
                    "metrics": {name: finite(value) for name, value in values.items()},
                }
                for record, values in found
            ]
        )
    else:
        names = list(found[0].metrics) if found else []
        rows = [(r.id, r.trial, *(values[name] for name in names)) for r, values in found]
        show_rows(["id", "trial", *names], rows, console(), loaded.info.notice)


@exports.command("answers")
def export_answers(
    study: StudyId,
    ensemble: OneEnsemble = None,
    output: Output = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """What ensembles wrote, {id, trial, response} a line: the published judge can score it."""
    from primum.evaluation.exchange import answers_of

    _export(answers_of, study, ensemble, output, workspace)


@exports.command("judged")
def export_judged(
    study: StudyId,
    ensemble: OneEnsemble = None,
    output: Output = None,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Verdicts, actions and metrics as judged records; what has no verdicts is left out."""
    from primum.evaluation.exchange import judged_of

    _export(judged_of, study, ensemble, output, workspace)


@exports.command("csv")
def export_csv(
    study: StudyId, output: Output = None, workspace: Workspace = DEFAULT_WORKSPACE
) -> None:
    """One row an answer, with every metric."""
    from primum.agents.archive import find_study
    from primum.evaluation.exchange import scores_of
    from primum.evaluation.query import render, write_new

    found = find_study(workspace, study)[0]
    _say_what_it_is(found)
    text = render(scores_of(workspace / "store.duckdb", found), "csv")
    write_new(output, text) if output else typer.echo(text, nl=False)


def _say_what_it_is(study: "Study") -> None:
    from primum.evaluation.report.text import banners

    notice = study.suite.notice
    for line in banners(simulated=study.simulated, matcher=study.matcher, notice=notice):
        say(line)


def _export(
    records_of: "Callable[[Path, Study, Suite, str], Sequence[PublishedAnswer | Judged]]",
    study: str,
    ensemble: str | None,
    output: Path | None,
    workspace: Path,
) -> None:
    from primum.agents.archive import find_study
    from primum.evaluation.exchange import require_ensemble
    from primum.evaluation.published import dump_lines
    from primum.evaluation.query import make_folder, write_new

    store = workspace / "store.duckdb"
    found, suite = find_study(workspace, study)
    names = require_ensemble(found, ensemble)
    texts = {name: dump_lines(records_of(store, found, suite, name)) for name in names}
    _say_what_it_is(found)
    for name in (name for name, text in texts.items() if not text):
        say(f"{name}: nothing of it can be exported so")
    if ensemble and output is None:
        typer.echo(texts[ensemble], nl=False)
    elif len(names) == 1 and output:
        write_new(output, texts[names[0]])
    else:
        folder = output or Path(found.id)
        make_folder(folder)
        for name, text in texts.items():
            write_new(folder / f"{name.replace(':', '-')}.jsonl", text)
            typer.echo(folder / f"{name.replace(':', '-')}.jsonl")


def query(
    sql: Annotated[str | None, typer.Argument(help="One SQL statement, or a view's name.")] = None,
    form: Annotated[
        Literal["table", "json", "csv", "parquet"], typer.Option("--format", help="Of the result.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A new file (parquet needs one).")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print tables and views instead.")
    ] = False,
    workspace: Workspace = DEFAULT_WORKSPACE,
) -> None:
    """Ask the store: SQL, or one of leaderboard, harm_reduction, severe_errors, cost."""
    from primum.cases.show import show_rows
    from primum.evaluation.query import export_parquet, notices, render, write_new
    from primum.evaluation.query import query as ask
    from primum.evaluation.schema import describe
    from primum.evaluation.store import views_sql

    if schema:
        typer.echo(describe(views_sql()), nl=False)
        return
    if sql is None:
        raise typer.BadParameter("give SQL, a view's name or --schema")
    store = workspace / "store.duckdb"
    if form == "parquet":
        if output is None:
            raise typer.BadParameter("--format parquet needs --output FILE")
        export_parquet(store, sql, output)
        for line in notices(store):
            say(line)
        return
    rows = ask(store, sql)
    for line in notices(store):
        say(line)
    if form == "table" and output is None:
        show_rows(rows.columns, rows.rows, console())
    else:
        text = render(rows, "csv" if form == "table" else form)
        write_new(output, text) if output else typer.echo(text, nl=False)
