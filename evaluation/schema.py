"""The store's tables, column by column: the one place that DDL and docs/schema.md come from."""

from typing import NamedTuple

SCHEMA_VERSION = 3


class Column(NamedTuple):
    """A column: its name, DuckDB type and meaning."""

    name: str
    type: str
    meaning: str


class Table(NamedTuple):
    """A table: what a row is, and its columns. Every row belongs to a study."""

    row: str
    columns: tuple[Column, ...]


def _table(row: str, *columns: tuple[str, str, str]) -> Table:
    study = Column("study", "VARCHAR", "the study's id")
    return Table(row, (study, *(Column(*column) for column in columns)))


ENSEMBLE = ("ensemble", "VARCHAR", "name of the ensemble, solo or control")
TASK = ("task", "VARCHAR", "id of the base case or variant that was asked")
TRIAL = ("trial", "INTEGER", "repeat, from 1")
OPTION = ("option_id", "INTEGER", "the option's number on the menu")
SIMULATED = ("simulated", "BOOLEAN", "whether it rests on simulated clinicians")
DEFINITION = ("definition", "VARCHAR", "which definition of the metric: 2026-07, 2026-06 or v1")
METRIC = ("metric", "VARCHAR", "name of the metric, as published")

TABLES: dict[str, Table] = {
    "studies": _table(
        "one study: suite x ensembles x trials",
        ("suite", "VARCHAR", "name of the suite"),
        ("protocol", "VARCHAR", "how answers were asked for: menu or plan"),
        ("form", "VARCHAR", "how long a plan may be; null for menus"),
        (
            "matcher",
            "VARCHAR",
            "what turned answers into verdicts, with its version; lexical is no judge",
        ),
        ("weights", "DOUBLE[]", "of severe, moderate, mild and uncertain options"),
        ("trials", "INTEGER", "repeats of every ensemble on every task"),
        ("seed", "INTEGER", "seed of resampling and of the coin"),
        ("simulated", "BOOLEAN", "whether any ensemble rests on simulated clinicians"),
        ("synthetic", "BOOLEAN", "whether the suite's cases are invented"),
        ("notice", "VARCHAR", "what must be said wherever figures are shown"),
        ("licence", "VARCHAR", "licence of the suite"),
        ("citation", "VARCHAR", "what to cite for the suite"),
        ("complete", "BOOLEAN", "whether every answer is in and summarised"),
        ("started_at", "TIMESTAMP", "UTC"),
        ("version", "VARCHAR", "version of Primum"),
        ("manifest", "JSON", "the whole manifest"),
    ),
    "cases": _table(
        "one task: a base case or one of its variants",
        TASK,
        ("base_case", "VARCHAR", "id of the base case, whose options judge it"),
        ("specialty", "VARCHAR", "specialty of the base case; stratum of the resampling"),
        ("edit", "VARCHAR", "kind of edit of a variant; null for a base case"),
        ("presentation", "VARCHAR", "the letter"),
    ),
    "options": _table(
        "one option of a base case, with the specialists' score",
        ("base_case", "VARCHAR", "id of the base case"),
        OPTION,
        ("text", "VARCHAR", "the action"),
        ("category", "VARCHAR", "Counseling, Diagnostic, Medication, Procedure, ..."),
        ("score", "INTEGER", "1 to 9: 1 to 3 harm if done, 7 to 9 harm if left out"),
        ("alternative_group", "VARCHAR", "group of which one member is enough; null if none"),
        ("reason", "VARCHAR", "why this score, where the suite says so"),
        ("guideline", "VARCHAR", "the guideline that the score leans on, where the suite says so"),
    ),
    "ensembles": _table(
        "one ensemble, solo or control of a study",
        ENSEMBLE,
        ("graph", "VARCHAR", "solo, panel, relay, control or imported"),
        ("members", "VARCHAR[]", "the solos that it is compared with"),
        ("simulated", "BOOLEAN", "whether simulated clinicians sit in it"),
        ("own_family_judges", "VARCHAR[]", "judges that are of the family of one of its models"),
    ),
    "agents": _table(
        "one seat of an ensemble",
        ENSEMBLE,
        ("seat", "VARCHAR", "generator-1, critic-1, guardian-1, aggregator, ..."),
        ("role", "VARCHAR", "generator, critic, guardian or aggregator"),
        ("model", "VARCHAR", "name of the model in the panel"),
        ("model_id", "VARCHAR", "LiteLLM's id of the model"),
        ("family", "VARCHAR", "family of the model"),
        ("access", "VARCHAR", "open, proprietary or rag"),
        ("simulated", "BOOLEAN", "whether it is a simulated clinician"),
    ),
    "calls": _table(
        "one distinct call that the study rests on",
        ("call", "VARCHAR", "key in the ledger"),
        ("model", "VARCHAR", "name of the model in the panel"),
        ("returned_model", "VARCHAR", "what the provider said answered"),
        ("outcome", "VARCHAR", "ok, refusal, filtered, empty, truncated, timeout, provider_error"),
        ("input_tokens", "INTEGER", "as reported; null if unknown"),
        ("output_tokens", "INTEGER", "as reported; null if unknown"),
        ("cost", "DOUBLE", "US dollars; null if unknown"),
        ("seconds", "DOUBLE", "wall time, retries included"),
        ("attempts", "INTEGER", "requests that it took"),
        SIMULATED,
    ),
    "messages": _table(
        "one turn: what one agent said for one answer, or one judge of it",
        ENSEMBLE,
        TASK,
        TRIAL,
        ("seat", "VARCHAR", "who spoke"),
        ("role", "VARCHAR", "as for agents; of a judge's: matcher or reviewer"),
        ("about", "VARCHAR", "the seat whose draft a critic or guardian read; else null"),
        ("outcome", "VARCHAR", "as for calls, and invalid: not usable after one repair turn"),
        ("reason", "VARCHAR", "why it is not ok"),
        ("calls", "VARCHAR[]", "keys of its calls; two if it took a repair turn"),
        ("text", "VARCHAR", "its last reply, whole"),
        SIMULATED,
    ),
    "recommendations": _table(
        "one answer of an ensemble",
        ENSEMBLE,
        TASK,
        TRIAL,
        ("outcome", "VARCHAR", "ok, or why there is no recommendation"),
        ("reason", "VARCHAR", "why it is not ok"),
        ("degraded", "INTEGER", "agents whose turn could not be used"),
        ("scored", "BOOLEAN", "whether it has scores under the default policy"),
        ("unjudged", "VARCHAR", "why an answered plan has no verdicts; null if it has"),
        ("options", "INTEGER[]", "options recommended; null for plans, and if there is none"),
        ("text", "VARCHAR", "the final reply, whole; null if there is none"),
        SIMULATED,
    ),
    "verdicts": _table(
        "one option of one scored answer",
        ENSEMBLE,
        TASK,
        TRIAL,
        OPTION,
        ("verdict", "VARCHAR", "full, partial or none"),
        ("evidence", "VARCHAR", "the words of the plan that say so; null for menus"),
        SIMULATED,
    ),
    "actions": _table(
        "one action of a scored plan, as its judge or matcher drew it",
        ENSEMBLE,
        TASK,
        TRIAL,
        ("number", "INTEGER", "from 1, in the order in which they were drawn"),
        ("action", "VARCHAR", "the action"),
        ("category", "VARCHAR", "as for options; empty where nothing says it"),
        ("matches", "INTEGER[]", "the options that it matches; none: it is off the rubric"),
        (
            "score",
            "INTEGER",
            "its own score, which counts off the rubric; 5 unless a judge gave one",
        ),
        SIMULATED,
    ),
    "harms": _table(
        "one harm of one scored answer",
        ENSEMBLE,
        TASK,
        TRIAL,
        ("option_id", "INTEGER", "the option's number; null for an action off the rubric"),
        ("action", "INTEGER", "the number of an action off the rubric that does harm; else null"),
        ("kind", "VARCHAR", "omission or commission"),
        ("severity", "VARCHAR", "mild, moderate or severe"),
        SIMULATED,
    ),
    "scores": _table(
        "one metric of one scored answer; undefined ratios are left out",
        ENSEMBLE,
        TASK,
        TRIAL,
        DEFINITION,
        METRIC,
        ("value", "DOUBLE", "its value"),
        SIMULATED,
    ),
    "judge_scores": _table(
        "one metric of one plan as a part of its panel of judges sees it (two judges or more)",
        ENSEMBLE,
        TASK,
        TRIAL,
        ("judges", "VARCHAR", "a judge's label; or 'without' and the label of the one left out"),
        METRIC,
        ("value", "DOUBLE", "its value (July 2026)"),
    ),
    "summaries": _table(
        "one metric of one ensemble over the suite",
        ENSEMBLE,
        ("policy", "VARCHAR", "'own doing scored' (the default) or 'answered only'"),
        DEFINITION,
        METRIC,
        ("mean", "DOUBLE", "unweighted mean over base cases"),
        ("lo", "DOUBLE", "lower end of the 95% interval; null with fewer than 3 cases"),
        ("hi", "DOUBLE", "upper end of the 95% interval; null with fewer than 3 cases"),
        ("cases", "INTEGER", "base cases with a value"),
        SIMULATED,
    ),
    "comparisons": _table(
        "one paired difference of an ensemble, the ensemble minus the other",
        ENSEMBLE,
        ("against", "VARCHAR", "best_member, mean_member or the name of an ensemble"),
        ("other", "VARCHAR", "which member is the best, or whose mean it is"),
        DEFINITION,
        METRIC,
        ("difference", "DOUBLE", "mean paired difference over base cases"),
        ("lo", "DOUBLE", "lower end of the 95% interval; null with fewer than 3 cases"),
        ("hi", "DOUBLE", "upper end of the 95% interval; null with fewer than 3 cases"),
        ("p", "DOUBLE", "two-sided sign-flip test over cases, not adjusted for multiple tests"),
        ("cases", "INTEGER", "base cases with a pair"),
        ("simulated", "BOOLEAN", "whether either side rests on simulated clinicians"),
    ),
}


INTRODUCTION = (
    "`primum query` answers SQL over these tables (DuckDB), and a bare view name. "
    "The store is a view of the ledger: the same run fills it again. "
    "This page is generated: `primum query --schema > docs/schema.md`."
)


def ddl() -> str:
    """The statements that make the tables."""
    return "\n".join(
        f"create table if not exists {name} ("
        + ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        + ");"
        for name, table in TABLES.items()
    )


def describe(views: str) -> str:
    """docs/schema.md: every table and view, from the code.

    Args:
        views: the text of views.sql; the comment above a view is its description.
    """
    parts = [
        "# The store",
        INTRODUCTION,
        "## Views",
        "\n".join(f"- `{name}`: {meaning}" for name, meaning in view_comments(views).items()),
        "## Tables",
        "Every table begins with `study`, the study's id.",
    ]
    for name, table in TABLES.items():
        rows = [
            f"| {column.name} | {column.type} | {column.meaning} |" for column in table.columns[1:]
        ]
        head = ["| column | type | meaning |", "|---|---|---|"]
        parts += [f"### {name}", f"A row is {table.row}.", "\n".join([*head, *rows])]
    return "\n\n".join(parts) + "\n"


def view_comments(views: str) -> dict[str, str]:
    """Each view of views.sql with the comment that stands above it."""
    found: dict[str, str] = {}
    comment: list[str] = []
    for line in views.splitlines():
        if line.startswith("--"):
            comment.append(line.removeprefix("--").strip())
        elif line.startswith("create or replace view "):
            found[line.split()[4]] = " ".join(comment)
            comment = []
        elif not line.strip():
            comment = []
    return found
