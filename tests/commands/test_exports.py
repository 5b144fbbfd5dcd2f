"""`primum export` for other people's tools: Parquet, and the schema of Every Eval Ever."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jsonschema import Draft7Validator

from primum.agents.judges.panel import load_judges
from primum.agents.specs.model import ModelSpec
from primum.agents.studies.archive import find_study
from primum.agents.topologies.registry import ensemble_of
from primum.cases.model import Suite
from primum.evaluation.exports.eee_records import Figure, model_id, place, result, samples_beside
from primum.evaluation.metrics.version_1 import NUMBER_NEEDED_TO_HARM
from primum.evaluation.store.schema import TABLES
from primum.tests.paths import ROOT
from primum.tests.studies import Ran, run_both

Command = Callable[..., Any]
SCHEMAS = ROOT / "tests" / "evaluation" / "every_eval_ever"  # of 0.3.0, MIT licence
FILLED = set("studies items options ensembles agents calls turns verdicts scores".split())
NAMES = ("trio", "aspen-large", "birch-large", "cedar-large")


def validator(name: str) -> Draft7Validator:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    assert schema["version"] == "0.3.0"
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


AGGREGATE, INSTANCE = validator("eval"), validator("instance_level_eval")


@pytest.fixture(scope="module")
def ran(tiny_suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run_both(tmp_path_factory.mktemp("exports"), tiny_suite)


def test_every_table_of_one_study_as_parquet(ran: Ran, primum: Command, tmp_path: Path) -> None:
    folder = tmp_path / "it's new"
    done = primum("export", "parquet", ran.id("plan"), "-o", folder, *ran.workspace)
    assert done.returncode == 0, done.stderr
    assert "SIMULATED" in done.stderr
    assert done.stdout.splitlines() == [str(folder / f"{table}.parquet") for table in TABLES.names]
    with duckdb.connect() as files, duckdb.connect(ran.folder / "ws" / "store.duckdb", read_only=True) as store:  # fmt: skip
        for table in TABLES.names:
            path = str(folder / f"{table}.parquet")
            mine = store.execute(f"from {table} where study = ? order by all", [ran.id("plan")])
            wanted = mine.fetchall()
            assert files.execute("from read_parquet(?) order by all", [path]).fetchall() == wanted
            assert wanted or table not in FILLED
            said = files.execute("select key, value from parquet_kv_metadata(?)", [path]).fetchall()
            about = {key.decode(): value.decode() for key, value in said}
            assert about["study"] == ran.id("plan")
            assert "SIMULATED" in about["notice"]
            assert "LEXICAL" in about["notice"]
    again = primum("export", "parquet", ran.id("plan"), "-o", folder, *ran.workspace)
    assert (again.returncode, again.stdout) == (3, "")
    assert f"{folder}: exists already" in again.stderr


@pytest.fixture(scope="module")
def exported(ran: Ran, primum: Command) -> dict[str, Path]:
    folders = {}
    for protocol in ("plan", "menu"):
        folders[protocol] = ran.folder / f"eee-{protocol}"
        done = primum("export", "eee", ran.id(protocol), "-o", folders[protocol], "--organization", "A lab", *ran.workspace)  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "SIMULATED" in done.stderr
        paths = sorted(str(path) for path in folders[protocol].rglob("*") if path.is_file())
        assert sorted(done.stdout.splitlines()) == paths
    return folders


@pytest.mark.parametrize("protocol", ["plan", "menu"])
def test_records_are_valid_and_say_what_the_study_says(
    protocol: str, ran: Ran, exported: dict[str, Path]
) -> None:
    aggregates = sorted(exported[protocol].glob("data/tiny/*/*/*[0-9a-f].json"))
    assert len(aggregates) == len(NAMES)
    ensembles = {e["name"]: e for e in ran.studies[protocol]["ensembles"]}
    for path in aggregates:
        record = json.loads(path.read_text())
        assert list(AGGREGATE.iter_errors(record)) == []
        source, who = record["source_metadata"], record["model_info"]
        assert source["source_organization_name"] == "A lab"
        assert "SIMULATED" in source["additional_details"]["notice"]
        assert who["additional_details"]["simulated"] == "true"
        own = ensembles[who["name"]]
        shown = {
            r["metric_config"]["metric_name"]: r["score_details"]
            for r in record["evaluation_results"]
            if r["evaluation_result_id"].startswith("2026-07/")
        }
        for metric in ("F1_weighted", "Severe_rate", "Recall_weighted"):
            assert shown[metric]["score"] == own["metrics"][metric]["mean"]
            assert shown[metric]["details"]["simulated"] == "true"
        samples = path.with_name(f"{path.stem}_samples.jsonl")
        lines = [json.loads(line) for line in samples.read_text().splitlines()]
        detail = record["detailed_evaluation_results"]
        assert (detail["file_path"], detail["total_rows"]) == (
            str(samples.relative_to(exported[protocol])),
            len(lines),
        )
        for line in lines:
            assert list(INSTANCE.iter_errors(line)) == []
            assert line["evaluation_id"] == record["evaluation_id"]
            assert line["model_id"] == who["id"]
            assert line["metadata"]["simulated"] == "true"
        assert [line["sample_id"] for line in lines] == ["CardTiny1", "CardTiny1-0", "EndoTiny1"]
        by_case = [lines[0]["evaluation"]["score"] + lines[1]["evaluation"]["score"], 2 * lines[2]["evaluation"]["score"]]  # fmt: skip
        assert sum(by_case) / 4 == shown["Severe_rate"]["score"]


def test_the_packages_own_validator_has_no_complaint(exported: dict[str, Path]) -> None:
    if importlib.util.find_spec("every_eval_ever") is None:
        pytest.skip("needs the package every-eval-ever (Python 3.12 or newer)")
    for folder in exported.values():
        done = subprocess.run(
            [sys.executable, "-m", "every_eval_ever", "validate", "data/*/*/*/*.json*"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_judged_figure_names_its_judges_and_what_has_no_bound_says_so(ran: Ran) -> None:
    study, _ = find_study(ran.folder / "ws", ran.id("plan"))
    panel = load_judges("three-families")
    judged = study.model_copy(update={"judge": panel, "matcher": panel.label})
    spec = study.ensembles[0]
    record = result(judged, spec, Figure(NUMBER_NEEDED_TO_HARM, 4.0, None, None, 20), {})
    whole = json.loads((SCHEMAS / "eval.schema.json").read_text())
    of_result = whole["properties"]["evaluation_results"]["items"]
    shape = Draft7Validator({**of_result, "$defs": whole["$defs"]})
    assert list(shape.iter_errors(record)) == []
    assert record["metric_config"]["max_score"] == "Infinity"
    judges = record["metric_config"]["llm_scoring"]["judges"]
    assert len(judges) == 6
    assert "uncertainty" not in record["score_details"]


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("openai/gpt-5", "openai/gpt-5"),
        ("ollama/llama3.1:8b", "ollama/llama3.1_8b"),
        ("openrouter/google/gemini", "openrouter/google/gemini"),
        ("gpt-4o", "other_mine/gpt-4o"),
        ('x/a<b>"c|d?e*f\\g', "x/a_b__c_d_e_f_g"),
    ],
)
def test_a_models_path_is_portable(model: str, wanted: str, ran: Ran) -> None:
    study, _ = find_study(ran.folder / "ws", ran.id("plan"))
    spec = ensemble_of(name="m", graph="solo", generators=("m",))
    models = {"m": ModelSpec(id=model, family="other:mine", access="open")}
    made = study.model_copy(update={"models": models, "ensembles": (spec,)})
    assert model_id(made, spec) == wanted
    path = place(made, spec)
    assert path.parts[:2] == ("data", "tiny")
    assert len(path.parts) == 5
    assert samples_beside(path).name == f"{path.stem}_samples.jsonl"
    assert place(made, spec) == path
