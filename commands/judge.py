"""`primum judge`: agreement of verdicts."""

from pathlib import Path
from typing import Annotated

import typer

from primum.agents.replies.reader import Reader
from primum.commands.shared import part as p
from primum.commands.shared.options import (
    Concurrency,
    Json,
    ReaderName,
    SuiteName,
    Workspace,
    not_empty,
)
from primum.core.console import DEFAULT_WORKSPACE, console, print_json, say

judge = typer.Typer(
    help="Measure how far verdicts on free-text answers can be trusted.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@judge.command("check")
def check(
    reference: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Reference verdicts: CSV, JSON Lines or judged records."),
    ] = None,
    suite: SuiteName = "demo",
    answers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Answers that --matcher reads, in the published form."),
    ] = None,
    matcher: Annotated[
        str | None,
        typer.Option(
            metavar="MATCHER",
            callback=not_empty,
            help="Check the verdicts of this matcher on --answers: 'lexical', or a panel of judges "
            "(a built-in name or a .yaml file).",
        ),
    ] = None,
    verdicts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Verdicts to check, instead of a matcher's; the same formats as --reference.",
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="STUDY",
            help="Compare the judges of this study with one another, without a reference.",
        ),
    ] = None,
    limit: p.Limit = None,
    case: p.CaseIds = None,
    variants: p.VariantsEach = "all",
    seed: p.DrawSeed = 0,
    reader: ReaderName = Reader.TOLERANT,
    concurrency: Concurrency = 16,
    workspace: Workspace = DEFAULT_WORKSPACE,
    as_json: Json = False,
) -> None:
    """Measure how verdicts agree with reference verdicts.

    The verdicts come from a matcher (--matcher and --answers), from a file (--verdicts), or from
    the judges of a study (--study), which are compared with one another.
    """
    from primum.cases.load import load_suite
    from primum.cases.part import part_json, take
    from primum.core.errors import DataError
    from primum.evaluation.exports.noharm_kit import read_answers
    from primum.evaluation.judge_validation.agreement import on_items_of, pair_up, read_verdicts
    from primum.evaluation.judge_validation.matcher_verdicts import Asking, match_all
    from primum.evaluation.notices import part_notice
    from primum.evaluation.text_report.agreement import agreement_json, show_agreement

    chosen = p.choice_of(limit, case, variants, seed)
    if study and not (reference or matcher or answers or verdicts or chosen.is_part):
        _compare_judges(study, workspace, as_json=as_json)
        return
    by_matcher = bool(matcher and answers and not verdicts)
    if study or reference is None or by_matcher == bool(verdicts and not (matcher or answers)):
        raise typer.BadParameter(
            "give --reference with --matcher and --answers, or with --verdicts; or only --study"
        )
    whole = load_suite(suite)
    part = p.choose_part(whole, chosen)
    loaded = take(whole, part)
    wanted = on_items_of(loaded, read_verdicts(reference, whole))
    notices = [loaded.info.warning] if loaded.info.warning else []
    if part:
        notices.append(part_notice(part))
    if matcher and answers:
        asking = Asking(workspace, concurrency, reader)
        matched = match_all(matcher, read_answers(answers), loaded, asking)
        notices.append(matched.notice)
        found, parts, unjudged = matched.verdicts, matched.parts, matched.unjudged
        said_by = matched.label
    else:
        assert verdicts is not None
        found, parts, unjudged = read_verdicts(verdicts, whole), {}, ()
        said_by = str(verdicts)
    for line in notices:
        say(line)
    for line in unjudged:
        say(f"unjudged: {line}")
    pairs, missing = pair_up(wanted, found, loaded)
    if not pairs and not unjudged:
        raise DataError(f"{reference}: it has no verdict in common with the verdicts to check")
    by_judges = {name: pair_up(wanted, part, loaded) for name, part in parts.items()}
    if as_json:
        figures = agreement_json(pairs, missing, by_judges, unjudged)
        about = {"notice": notices, "part": part_json(part), "matcher": said_by}
        print_json({**about, **figures})
    else:
        show_agreement(pairs, missing, console(), by_judges)
    raise typer.Exit(1 if unjudged else 0)


def _compare_judges(study: str, workspace: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    from primum.agents.studies.archive import find_study
    from primum.core.errors import DataError
    from primum.core.terminal import show_rows
    from primum.evaluation.judge_validation.leave_one_out import preferences, rankings
    from primum.evaluation.metrics.july_2026 import F1_WEIGHTED
    from primum.evaluation.notices import study_banners
    from primum.evaluation.text_report.run_json import finite

    store = workspace / "store.duckdb"
    found, suite = find_study(workspace, study)
    if found.judge is None or len(found.judge.judges) == 1:
        raise DataError(
            f"{found.id}: matched by {found.matcher}; a comparison needs two judges or more"
        )
    ranked, preferred = rankings(store, found), preferences(store, found, suite)
    for line in study_banners(found):
        say(line)
    if as_json:
        rows = [asdict(row) for row in preferred]
        figures = ("difference", "lo", "hi")
        print_json(
            {
                "study": found.id,
                "notice": study_banners(found),
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
    show_rows(["judges", "tau", f"ensembles, best {F1_WEIGHTED.name} first"], rows_shown, console())
    show_rows(
        ["judge", "own family", "favours its own by", "from", "to", "cases"],
        [
            (r.judge, ", ".join(r.own) or "none", r.difference, r.lo, r.hi, r.cases)
            for r in preferred
        ],
        console(),
    )
