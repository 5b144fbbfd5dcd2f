"""What is shown of a study: one JSON object for programs, tables for people, nothing hostile."""

import io
import json
import math
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.console import Console

from primum.agents.models.outcomes import Outcome
from primum.agents.studies.panel import Panel
from primum.agents.studies.study import Study
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import Answer
from primum.cases.model import Case, Suite
from primum.cases.show import show_case
from primum.commands.models import show_panel
from primum.core.terminal import clean, show_rows
from primum.evaluation.notices import neutralised
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder, Result
from primum.evaluation.text_report.run_json import result_json
from primum.evaluation.text_report.run_summary import show_next, show_result

Recorded = tuple[Path, Result]
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
NUMBER = {"type": ["number", "null"]}
TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}


def record(**fields: Any) -> dict[str, Any]:
    """An object that has at least these fields."""
    return {"type": "object", "required": list(fields), "properties": fields}


FIGURE = record(mean=NUMBER, lo=NUMBER, hi=NUMBER)
ENSEMBLE = record(
    name=TEXT,
    graph={"enum": ["solo", "panel", "control"]},
    members={"type": "array", "items": TEXT},
    coverage={"type": "number", "minimum": 0, "maximum": 1},
    calls=COUNT,
    cost=NUMBER,
    metrics={"type": "object", "additionalProperties": FIGURE, "minProperties": 20},
)
COMPARISON = record(
    ensemble=TEXT, against=TEXT, metric=TEXT, difference=NUMBER, lo=NUMBER, hi=NUMBER, p=NUMBER
)
RESULT = record(
    study=TEXT,
    suite=TEXT,
    simulated={"type": "boolean"},
    ensembles={"type": "array", "items": ENSEMBLE, "minItems": 1},
    comparisons={"type": "array", "items": COMPARISON},
)


@pytest.fixture
def shown(recorded: Recorded) -> dict[str, Any]:
    """The object after a round through strictly valid JSON."""
    found: dict[str, Any] = json.loads(json.dumps(result_json(recorded[1], 7, 9), allow_nan=False))
    return found


def by_name(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {ensemble["name"]: ensemble for ensemble in shown["ensembles"]}


def terminal(width: int = 120, *, colour: bool = False) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=colour, no_color=not colour)


def output(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_object_has_the_keys_and_types_of_the_issue(shown: dict[str, Any]) -> None:
    errors = [error.message for error in Draft202012Validator(RESULT).iter_errors(shown)]
    assert errors == []
    assert shown["comparisons"]


def test_the_object_says_what_was_run_and_on_what_it_rests(
    shown: dict[str, Any], recorded: Recorded, hostile: str
) -> None:
    assert (shown["study"], shown["suite"]) == (recorded[1].study.id, "made")
    assert (shown["simulated"], shown["calls"]) == (True, {"made": 7, "from_ledger": 9})
    assert shown["notice"][0].startswith("SIMULATED")
    assert shown["notice"][1] == f"INVENTED for tests {hostile}"
    found = by_name(shown)
    assert [found[name]["simulated"] for name in ("duo", "ann", "ben")] == [True, True, False]
    assert found["duo"]["members"] == ["ann", "ben"]
    assert [found[name]["coverage"] for name in ("duo", "ben", "control:nothing")] == [1, 0.6, 1]
    assert [found[name]["calls"] for name in found] == [10, 5, 4, 0]  # distinct ones
    assert [found[name]["cost"] for name in ("duo", "ben")] == [None, None]  # unknown, never free
    assert found["ann"]["cost"] == pytest.approx(0.05)
    assert found["ben"]["outcomes"] == {"ok": 3, "refusal": 1, "timeout": 1}


def test_the_objects_figures_are_those_worked_out_by_hand(shown: dict[str, Any]) -> None:
    found = {name: ensemble["metrics"] for name, ensemble in by_name(shown).items()}
    # duo finds all that is due. ann: recall 72 / 96, precision 1. ben on Card1: 0 (a refusal) and
    # 24 / 96, F1 = 2/5, so 1/5; Derm1 was not answered; Endo1: 0; GI1: recall 72 / 96, precision
    # 72 / 144, F1 = 3/5. Severe: both items of Card1, Endo1, and GI1 by commission.
    f1 = {"duo": 1, "ann": 6 / 7, "ben": (1 / 5 + 0 + 3 / 5) / 3, "control:nothing": 0}
    severe = {"duo": 0, "ann": 0, "ben": 1, "control:nothing": 1}
    for name in found:
        assert found[name]["F1_weighted"]["mean"] == pytest.approx(f1[name])
        assert found[name]["Severe_rate"]["mean"] == severe[name]
    assert found["ben"]["F1_weighted"]["cases"] == 3
    assert found["duo"]["NNH"]["mean"] is None  # infinite
    assert found["ann"]["Escalation"] == {"mean": None, "lo": None, "hi": None, "cases": 0}
    assert found["ann"]["F1_floor"]["lo"] is None  # one case has variants: no interval
    answered = by_name(shown)["ben"]["metrics_answered_only"]["F1_weighted"]
    assert answered["mean"] == pytest.approx((2 / 5 + 0 + 3 / 5) / 3)


def test_the_objects_comparisons_are_paired(shown: dict[str, Any]) -> None:
    found = {(c["ensemble"], c["against"], c["metric"]): c for c in shown["comparisons"]}
    assert len(found) == len(shown["comparisons"])
    best = found["duo", "best_member", "F1_weighted"]
    assert (best["other"], best["cases"]) == ("ann", 4)
    assert best["difference"] == pytest.approx(1 / 7)
    assert best["lo"] == best["hi"] == pytest.approx(1 / 7)
    assert found["ben", "ann", "Severe_rate"]["difference"] == 1
    assert found["duo", "best_member", "Escalation"]["p"] is None


def test_the_tables_say_simulated_the_notice_and_every_ensemble(recorded: Recorded) -> None:
    console = terminal()
    show_result(recorded[1], console)
    text = output(console)
    assert text.startswith("SIMULATED")
    assert text.count("SIMULATED") >= 2  # on top, and over the board
    assert "INVENTED for tests" in text
    for line in ("duo ", "ann ", "ben ", "control:nothing ", "1.000", "100.0%", "unknown", "60.0%"):
        assert line in text, line
    assert "ben: 1 of 5 not answered and not scored" in text
    assert (
        "ben: 1 of 5 not usable (refusal, empty, invalid), each counts as recommending nothing"
        in " ".join(text.split())
    )
    reason = text.split("ben: most frequent reason: ")[1]
    assert "[bold]x[/bold]" in reason  # markup is text


def test_a_study_without_simulation_does_not_say_it(
    study: Study, tiny_suite: Suite, tmp_path: Path
) -> None:
    ben = next(spec for spec in study.ensembles if spec.name == "ben")
    real = study.model_copy(update={"ensembles": (ben,), "against": None})
    result = Recorder(Store(tmp_path / "store.duckdb"), real, tiny_suite).finish()
    console = terminal()
    show_result(result, console)
    show_next(result, tmp_path, 1, 2, console)
    text = output(console)
    assert "SIMULATED" not in text
    assert "primum models" not in text, "they were real ones"
    found = result_json(result, 0, 0)
    assert (found["simulated"], found["comparisons"]) == (False, [])
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("outcome", [Outcome.TRUNCATED, Outcome.TIMEOUT])
def test_a_repeat_is_proposed_only_where_it_can_help(
    outcome: Outcome, study: Study, tiny_suite: Suite, tmp_path: Path
) -> None:
    recorder = Recorder(Store(tmp_path / "store.duckdb"), study, tiny_suite)
    recorder.add(Answer("ann", "CardTiny1", 1, outcome, "why", None))
    recorder.add(Answer("ben", "CardTiny1", 1, Outcome.OK, "", (1,)))
    console = terminal()
    show_result(recorder.finish(), console)
    text = output(console)
    assert "ann: 3 of 3 not answered and not scored" in text
    assert ("--retry-failed" in text) == outcome.is_transient


@pytest.mark.parametrize("number", [4, 10])
def test_an_interval_without_width_is_not_shown(
    number: int, study: Study, rubric: Callable[..., Case], tmp_path: Path
) -> None:
    # 1 is done, 2 is left out: recall 72 / 96, precision 1, F1_weighted = 6/7 in every case.
    cases = tuple(rubric({1: 9, 2: 8}, name=f"Card{n}") for n in range(number))
    suite = Suite(info=study.suite, cases=cases)
    recorder = Recorder(Store(tmp_path / "store.duckdb"), study, suite)
    for case in cases:
        recorder.add(Answer("ann", case.id, 1, Outcome.OK, "", (1,)))
    console = terminal()
    show_result(recorder.finish(), console)
    assert "0.857" in output(console)
    assert "(0.857 to 0.857)" not in output(console)


# What the hostile text would do, by the bytes that do it: colour, title, bell, C1, backspace, CR.
HARM = ("\x1b[31m", "\x1b]0;", "\x07", "\x9b", "\x08", "\r")


def harmless(text: str, *, colour: bool) -> None:
    assert "red" in text  # what was said is there all the same
    assert not [sequence for sequence in HARM if sequence in text]
    if not colour:
        assert text == clean(text)


@pytest.mark.parametrize("colour", [False, True])
def test_no_escape_sequence_reaches_the_terminal(
    colour: bool, recorded: Recorded, hostile: str, tiny_suite: Suite
) -> None:
    console = terminal(colour=colour)
    show_result(recorded[1], console)
    harmless(output(console), colour=colour)

    console = terminal(colour=colour)
    show_rows([f"{hostile}\r"], [(f"{hostile}\r",), (None,), ([hostile],)], console, notice=hostile)
    harmless(output(console), colour=colour)

    console = terminal(colour=colour)
    item = next(tiny_suite.items())
    options = tuple(
        o.model_copy(update={"text": hostile, "reason": hostile}) for o in item.case.options
    )
    case = item.case.model_copy(update={"options": options})
    letter = item.model_copy(update={"presentation": f"{hostile}\r", "case": case})
    show_case(letter, hostile, console)
    harmless(output(console), colour=colour)


@pytest.mark.parametrize("colour", [False, True])
def test_no_escape_sequence_of_a_panel_reaches_the_terminal(
    colour: bool, study: Study, hostile: str
) -> None:
    console = terminal(colour=colour)
    ben = study.models["ben"].model_copy(update={"key_env": hostile})
    panel = Panel(
        name="p", note=hostile, cost=hostile, models=study.models, ensembles=study.ensembles[:1]
    )
    show_panel(panel.model_copy(update={"models": {"ben": ben}}), console)
    harmless(output(console), colour=colour)


def test_the_next_commands_stay_four_lines_whatever_the_workspace_is_called(
    recorded: Recorded, hostile: str
) -> None:
    console = terminal(1_000)
    show_next(recorded[1], Path(f"{hostile}\nnext: rm"), 1, 2, console)
    text = output(console)
    harmless(text, colour=False)
    assert len(text.strip().splitlines()) == 4


def test_a_name_cannot_hold_an_escape_sequence(hostile: str) -> None:
    with pytest.raises(ValueError, match="name"):
        ensemble_of(name=hostile, graph="control")


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp"])))
def test_clean_text_has_no_control_character_but_tab_and_newline(text: str) -> None:
    found = clean(text)
    assert len(found) == len(text)
    for before, after in zip(text, found, strict=True):
        control = unicodedata.category(before) in {"Cc", "Zl", "Zp"} and before not in "\t\n"
        turning = unicodedata.bidirectional(before) in TURNING or before in "\u200e\u200f\u061c"
        assert after == ("\ufffd" if control or turning else before)


@given(st.text() | st.sampled_from("=+-@\t\r").flatmap(lambda c: st.text().map(lambda t: c + t)))
def test_defused_text_begins_no_formula_and_says_the_same(text: str) -> None:
    found = neutralised(text)
    assert isinstance(found, str)
    assert found[:1] not in set("=+-@\t\r")
    assert found in (text, f"'{text}")


@pytest.mark.parametrize("value", [-1, -0.5, None, math.inf, True, ["=1"]])
def test_what_is_no_text_is_left_as_it_is(value: object) -> None:
    assert neutralised(value) is value
