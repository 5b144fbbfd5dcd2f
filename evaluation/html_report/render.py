"""A study as one HTML file: its data gathered, compressed and put into the templates."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from primum.agents.studies.archive import find_study
from primum.core.errors import DataError
from primum.core.terminal import clean
from primum.evaluation.exports.noharm_export import require_ensemble
from primum.evaluation.html_report import metric_format as measures
from primum.evaluation.html_report.analysis_data import FAILURE_LABELS, teams
from primum.evaluation.html_report.cases.browser import case_browser
from primum.evaluation.html_report.cases.subsets import subsets
from primum.evaluation.html_report.embedding import compact, packed, source_hash
from primum.evaluation.html_report.ensemble_kinds import KINDS, unranked
from primum.evaluation.html_report.forest_plot import differences
from primum.evaluation.html_report.key_figures import (
    axis,
    cautions,
    facts,
    initial_rows,
    notices,
    summary_sentence,
)
from primum.evaluation.html_report.leaderboard import board, shown_metrics
from primum.evaluation.html_report.reporting_checklist import checklist, published
from primum.evaluation.html_report.role_display import role_flags
from primum.evaluation.html_report.run_manifest import record
from primum.evaluation.html_report.script_bundle import bundle
from primum.evaluation.html_report.study_source import (
    Row,
    Source,
    latest_complete,
    require_complete,
)
from primum.evaluation.judge_validation.leave_one_out import Ranking, rankings
from primum.evaluation.metrics.july_2026 import F1_WEIGHTED, SEVERE_RATE
from primum.evaluation.metrics.record import Metric
from primum.evaluation.metrics.registry import definitions
from primum.evaluation.metrics.version_1 import COMMISSIONS, NUMBER_NEEDED_TO_HARM, OMISSIONS
from primum.evaluation.scoring.policies import DEFAULT_POLICY, Policy
from primum.evaluation.store.counts.bound_replies import bound_replies, not_as_published
from primum.evaluation.store.counts.outcome_counts import ANSWERED
from primum.evaluation.store.query import snapshot

MAX_BYTES = 5_900_000  # of a file; transcripts get what everything else leaves
FOLDER = Path(str(files("primum.evaluation.html_report")))
STYLES = """page tables parts cases screens""".split()
POLICY = (
    "default-src 'none'; script-src '{app}' '{plotly}'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def report(workspace: Path, name: str | None, wanted: Sequence[str] = ()) -> tuple[str, str]:
    """A complete study's id and its report.

    Args:
        workspace: holds the store and the archive.
        name: a study's id or the beginning of one; the latest complete one if None.
        wanted: ensembles whose transcripts are included first.

    Raises:
        DataError: there is no such study, or it is not complete.
        UsageError: one of `wanted` is not an ensemble of it.
    """
    store = workspace / "store.duckdb"
    study, _ = find_study(workspace, name or latest_complete(store))
    for ensemble in wanted:
        require_ensemble(study, ensemble)
    several = study.judge is not None and len(study.judge.judges) > 1
    ranked = rankings(store, study) if several else []
    with snapshot(store) as connection:
        source = Source(connection, study)
        require_complete(source)
        return study.id, page(source, wanted, ranked)


def page(source: Source, wanted: Sequence[str], ranked: Sequence[Ranking] = ()) -> str:
    """The self-contained HTML of a study; `ranked` are its judges' rankings of the ensembles."""
    entries = board(source, wanted)
    cases = subsets(source, entries)
    parts = teams(source, entries)
    listed = shown_metrics(entries)
    scripts = bundle(FOLDER / "scripts", "main.js")
    plotly = _plotly()
    (count,) = source.rows(COUNTS, unranked(source.study))
    values: dict[str, Any] = {
        "study": source.study,
        "policy": POLICY.format(app=source_hash(scripts), plotly=source_hash(plotly)),
        "notices": notices(source.study, entries),
        "sentence": summary_sentence(source.study, entries, count),
        "facts": facts(source, entries, count),
        "cautions": cautions(source, entries),
        "entries": entries,
        "answered_only": Policy.ANSWERED_ONLY,
        "all_ensembles": len(source.study.ensembles),
        "initial": initial_rows(entries, wanted),
        "axis": axis(entries, F1_WEIGHTED),
        "kinds": KINDS,
        "kinds_present": [k for k in KINDS.values() if k.name in {e["kind"] for e in entries}],
        "measures": listed,
        "definitions": definitions(),
        "columns": {
            "headline": F1_WEIGHTED,
            "severe": SEVERE_RATE,
            "omissions": OMISSIONS,
            "commissions": COMMISSIONS,
        },
        "matched": source.study.protocol.record.matched,
        "choices": choices(entries, cases),
        "differences": differences(source, entries),
        "teams": parts,
        "published": published(),
        "bound": not_as_published(bound_replies(source.fetch, source.study)),
        "record": record(source, entries),
        "rankings": ranked,
        "checklist": checklist(source.study, entries, count),
        "count": count,
        "style": _styles(),
        "scripts": scripts,
        "data": data(source, entries, listed, parts, wanted),
        "subsets": packed(compact(cases)),
        "plotly": packed(plotly),
    }
    template = _environment().get_template("page.html.j2")
    without = template.render(**values, browser=None, index="")
    browser = case_browser(source, entries, wanted, MAX_BYTES - len(without.encode()))
    return template.render(**values, browser=browser, index=packed(compact(browser.index)))


def data(
    source: Source,
    entries: Sequence[Row],
    listed: Sequence[Metric],
    parts: Any,
    wanted: Sequence[str],
) -> dict[str, Any]:
    """The data that the scripts read at once."""
    return {
        "study": source.study.id,
        "protocol": source.study.protocol.name,
        "tags": [tag for tag, _ in notices(source.study, entries)],
        "measures": [measures.described(metric) for metric in listed],
        "kinds": [asdict(kind) for kind in KINDS.values()],
        "roles": role_flags(),
        "answered_only": {
            "label": Policy.ANSWERED_ONLY.label,
            "sentence": Policy.ANSWERED_ONLY.sentence,
            "otherwise": DEFAULT_POLICY.sentence,
        },
        "failure_labels": FAILURE_LABELS,
        "definition": F1_WEIGHTED.definition.name,
        "headline": F1_WEIGHTED.key,
        "severe": SEVERE_RATE.key,
        "omissions": OMISSIONS.key,
        "commissions": COMMISSIONS.key,
        "needed_to_harm": NUMBER_NEEDED_TO_HARM.key,
        "entries": entries,
        "ensembles": len(source.study.ensembles),
        "selected": list(wanted),
        "teams": parts,
        "published": published(),
    }


def rewrite(target: Path, text: str) -> None:
    """Write a report, and replace an earlier one.

    Raises:
        DataError: it cannot be written.
    """
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{target}: cannot be written: {error.strerror}") from error


def choices(entries: Sequence[Row], cases: Row) -> dict[str, list[Any]]:
    """The choices of each filter of the leaderboard."""
    keys = {key for own in cases["values"] for key in own if "|" in key}
    return {
        "size": sorted({entry["size"] for entry in entries}),
        "graph": list(dict.fromkeys(entry["graph"] for entry in entries)),
        "family": sorted({family for entry in entries for family in entry["families"]}),
        "access": sorted({access for entry in entries for access in entry["access"]}),
        "specialty": sorted(set(cases["specialties"])),
        "category": sorted({key.split("|")[0] for key in keys}),
    }


def breakable(name: str) -> Markup:
    """A name with an optional line break behind each dot and plus sign."""
    return Markup("<wbr>").join(re.split(r"(?<=[.+])", clean(name)))


def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    found.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    found.filters["breakable"] = breakable
    found.filters["value"] = measures.format_value
    found.filters["interval"] = measures.format_interval
    return found


def _styles() -> str:
    paths = (FOLDER / "styles" / f"{name}.css" for name in STYLES)
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def _plotly() -> str:
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


COUNTS = f"""
select count(*)::int as items, count(distinct base_case)::int as cases,
       count(answered_case)::int as answered_items,
       count(distinct answered_case)::int as answered_cases,
       (select count(*)::int from calls where study = $1) as calls,
       (select case when count(cost) = count(*) then coalesce(sum(cost), 0) end
        from calls where study = $1) as cost
from items left join (
    select distinct study, item, base_case as answered_case
    from answers join items using (study, item)
    where {ANSWERED} and ensemble not in (select unnest($2))
) using (study, item)
where study = $1
"""
