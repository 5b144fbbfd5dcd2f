"""The tables of what was asked and answered, column by column; DDL and docs come from here."""

from typing import NamedTuple

from primum.agents.models.outcomes import Outcome


class Column(NamedTuple):
    """A column: its name, DuckDB type and meaning."""

    name: str
    type: str
    meaning: str


class Table(NamedTuple):
    """A table: what a row is, and its columns. Every row belongs to a study."""

    row: str
    columns: tuple[Column, ...]


def table(row: str, *columns: tuple[str, str, str]) -> Table:
    """A table from what a row is and its columns."""
    study = Column("study", "VARCHAR", "the study's id")
    return Table(row, (study, *(Column(*column) for column in columns)))


ENSEMBLE = ("ensemble", "VARCHAR", "name of the ensemble, solo or control")
TASK = ("item", "VARCHAR", "id of the base case or variant that was asked")
TRIAL = ("trial", "INTEGER", "repeat, from 1")
OPTION = ("option_id", "INTEGER", "the option's number on the menu")
SIMULATED = ("simulated", "BOOLEAN", "whether it rests on simulated clinicians")
DEFINITION = ("definition", "VARCHAR", "which definition of the metric: 2026-07, 2026-06 or v1")
METRIC = ("metric", "VARCHAR", "name of the metric, as published")

ANSWER_TABLES: dict[str, Table] = {
    "studies": table(
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
        ("trials", "INTEGER", "repeats of every ensemble on every item"),
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
    "items": table(
        "one item: a base case or one of its variants",
        TASK,
        ("base_case", "VARCHAR", "id of the base case, whose options judge it"),
        ("specialty", "VARCHAR", "specialty of the base case; stratum of the resampling"),
        ("edit", "VARCHAR", "kind of edit of a variant; null for a base case"),
        ("presentation", "VARCHAR", "the letter"),
    ),
    "options": table(
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
    "ensembles": table(
        "one ensemble, solo or control of a study",
        ENSEMBLE,
        ("graph", "VARCHAR", "solo, panel, relay, vote, layers, debate, control or imported"),
        ("members", "VARCHAR[]", "the solos that it is compared with"),
        ("simulated", "BOOLEAN", "whether simulated clinicians sit in it"),
        ("own_family_judges", "VARCHAR[]", "judges that are of the family of one of its models"),
    ),
    "agents": table(
        "one seat of an ensemble",
        ENSEMBLE,
        ("seat", "VARCHAR", "generator-1, critic-1, guardian-1, aggregator, ..."),
        ("role", "VARCHAR", "generator (also one who debates), critic, guardian or aggregator"),
        ("model", "VARCHAR", "name of the model in the panel"),
        ("model_id", "VARCHAR", "LiteLLM's id of the model"),
        ("family", "VARCHAR", "family of the model"),
        ("access", "VARCHAR", "open, proprietary or rag"),
        ("simulated", "BOOLEAN", "whether it is a simulated clinician"),
    ),
    "calls": table(
        "one distinct call that the study rests on",
        ("call", "VARCHAR", "key in the ledger"),
        ("model", "VARCHAR", "name of the model in the panel"),
        ("returned_model", "VARCHAR", "what the provider said answered"),
        ("outcome", "VARCHAR", ", ".join(o for o in Outcome if o is not Outcome.INVALID)),
        ("input_tokens", "INTEGER", "as reported; null if unknown"),
        ("output_tokens", "INTEGER", "as reported; null if unknown"),
        ("cost", "DOUBLE", "US dollars; null if unknown"),
        ("seconds", "DOUBLE", "wall time, retries included"),
        ("attempts", "INTEGER", "requests that it took"),
        SIMULATED,
    ),
    "turns": table(
        "one turn: what one agent said for one answer, or one judge of it",
        ENSEMBLE,
        TASK,
        TRIAL,
        ("seat", "VARCHAR", "who spoke"),
        ("role", "VARCHAR", "as for agents; debater, rule; of a judge's: matcher or reviewer"),
        ("about", "VARCHAR", "the seat whose draft a critic or guardian read, or a selector chose"),
        ("round", "INTEGER", "of a debate; 1 for first drafts, and everywhere else"),
        (
            "outcome",
            "VARCHAR",
            f"as for calls, or {Outcome.INVALID}: {Outcome.INVALID.sentence.lower()}",
        ),
        ("reason", "VARCHAR", "why it is not ok"),
        ("calls", "VARCHAR[]", "keys of its calls; two if it took a repair turn"),
        ("text", "VARCHAR", "its last reply, whole"),
        SIMULATED,
    ),
    "answers": table(
        "one answer of an ensemble",
        ENSEMBLE,
        TASK,
        TRIAL,
        ("outcome", "VARCHAR", "ok, or why there is no recommendation"),
        ("reason", "VARCHAR", "why it is not ok"),
        ("degraded", "INTEGER", "agents whose turn could not be used"),
        ("seconds", "DOUBLE", "stage after stage, the slowest agent of each; judges left out"),
        ("scored", "BOOLEAN", "whether it has scores under the default policy"),
        ("unjudged", "VARCHAR", "why an answered plan has no verdicts; null if it has"),
        ("options", "INTEGER[]", "options recommended; null for plans, and if there is none"),
        ("text", "VARCHAR", "the final reply, whole; null if there is none"),
        SIMULATED,
    ),
    "verdicts": table(
        "one option of one scored answer",
        ENSEMBLE,
        TASK,
        TRIAL,
        OPTION,
        ("verdict", "VARCHAR", "full, partial or none"),
        ("evidence", "VARCHAR", "the words of the plan that say so; null for menus"),
        SIMULATED,
    ),
    "actions": table(
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
    "harms": table(
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
    "scores": table(
        "one metric of one scored answer; undefined ratios are left out",
        ENSEMBLE,
        TASK,
        TRIAL,
        DEFINITION,
        METRIC,
        ("value", "DOUBLE", "its value"),
        SIMULATED,
    ),
    "judge_scores": table(
        "one metric of one plan as a part of its panel of judges sees it (two judges or more)",
        ENSEMBLE,
        TASK,
        TRIAL,
        ("judges", "VARCHAR", "a judge's label; or 'without' and the label of the one left out"),
        METRIC,
        ("value", "DOUBLE", "its value (July 2026)"),
        SIMULATED,
    ),
}
