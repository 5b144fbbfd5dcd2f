"""`primum judge` and `primum import`: parse, wire, print."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from primum.cases.output import Json, SuiteName, console, print_json, say

judge = typer.Typer(
    help="How far verdicts on free-text answers can be trusted.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
imports = typer.Typer(
    help="Read the published kit's files.", rich_markup_mode=None, no_args_is_help=True
)


@judge.command("check")
def check(
    reference: Annotated[
        Path, typer.Option(help="Verdicts to hold against: CSV, JSON Lines or judged records.")
    ],
    suite: SuiteName = "demo",
    answers: Annotated[
        Path | None, typer.Option(help="The answers, for a matcher to read (published form).")
    ] = None,
    matcher: Annotated[
        Literal["lexical"] | None, typer.Option(help="Match the answers with this.")
    ] = None,
    verdicts: Annotated[
        Path | None, typer.Option(help="Or another file of verdicts, as for --reference.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Agreement of a matcher, or of a file of verdicts, with reference verdicts."""
    from primum.cases.load import load_suite
    from primum.evaluation.agreement import lexical_verdicts, pair_up, read_verdicts
    from primum.evaluation.lexical import LEXICAL_MATCHER
    from primum.evaluation.published import read_answers
    from primum.evaluation.report.agreement import agreement_json, show_agreement

    loaded = load_suite(suite)
    if matcher and answers and not verdicts:
        found = lexical_verdicts(read_answers(answers), loaded)
    elif verdicts and not (matcher or answers):
        found = read_verdicts(verdicts, loaded)
    else:
        raise typer.BadParameter("give --matcher with --answers, or --verdicts alone")
    pairs, missing = pair_up(read_verdicts(reference, loaded), found, loaded)
    if matcher:
        say(f"{LEXICAL_MATCHER} compares words; it is not a judge. Real answers need one.")
    if as_json:
        print_json(agreement_json(pairs, missing))
    else:
        show_agreement(pairs, missing, console())


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
    from primum.evaluation.published import read_judged, rescore
    from primum.evaluation.report.result import finite

    loaded = load_suite(suite)
    found = rescore(read_judged(file, loaded), loaded, metrics)
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
