"""`primum rescore`: other weights, metrics and matchers, from the ledger alone."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from primum.agents.ledger.ledger import Ledger
from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.menu import MENU_MATCHER
from primum.agents.protocols.protocol import Protocol
from primum.agents.studies.panels import load_panel
from primum.cases.model import Case, Suite
from primum.core.errors import UsageError
from primum.evaluation.matching.matchers import matcher_of, named_matcher, parse_weights
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.evaluation.text_report.run_json import result_json
from primum.graphs.execution.run import run_suite
from primum.graphs.execution.runner import RunInputs, Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study
from primum.tests.paths import ROOT

pytestmark = pytest.mark.long

Command = Callable[..., Any]
PANEL = """
name: made
models:
  a: {id: openai/model-a, family: llama, access: open, api_base: "http://127.0.0.1:9/v1"}
  b: {id: openai/model-b, family: gpt, access: proprietary, api_base: "http://127.0.0.1:9/v1"}
ensembles:
  - {name: team, graph: panel, generators: [a, b], aggregator: a}
"""
JUDGES = """
name: {name}
models:
  oak: {{id: openai/{judge}, family: gemini, access: proprietary, api_base: "http://127.0.0.1:9/v1"}}
judges:
  - {{matcher: oak}}
"""
PLANS = {
    "openai/model-a": "1. Order test A\n2. Start drug B\n3. Take a walk",
    "openai/model-b": "1. Order test A, perhaps\n2. Start drug E\n3. Recheck after B",
}
OFF_RUBRIC = {"Take a walk": 2}
NO_SOCKET = """
import sys
def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(refuse)
from primum.cli import main
main()
"""


def part(text: str, tag: str) -> str:
    return text.rsplit(f"<{tag}>\n", maxsplit=1)[-1].split(f"\n</{tag}>", maxsplit=1)[0]


class Models:
    """Two that write their plan or grade their menu, and a judge that reads word for word."""

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        system, user = (message.content for message in request.messages[:2])
        if system.startswith("Role: matcher"):
            text = json.dumps(self.judged(user))
        elif "<menu>" in user:
            numbers = re.findall(r"^(\d+): ", part(user, "menu"), re.MULTILINE)
            text = json.dumps(
                [
                    {"Option": int(n), "GradeAI": "Appropriate" if int(n) % 2 else "Inappropriate", "Rationale": ""}
                    for n in numbers
                ]
            )  # fmt: skip
        else:
            text = PLANS[request.model]
        return Reply(outcome=Outcome.OK, text=text, cost=0.5, input_tokens=1, output_tokens=1)

    @staticmethod
    def judged(user: str) -> dict[str, Any]:
        lines = [re.sub(r"^\d+\. ", "", line) for line in part(user, "answer").splitlines()]
        options = re.findall(r"^(\d+): [^:]+: (.+)$", part(user, "options"), re.MULTILINE)
        held = {
            int(n): next((line for line in lines if line.startswith(text)), None)
            for n, text in options
        }
        texts = {int(n): text for n, text in options}
        return {
            "actions": [
                {
                    "number": number,
                    "action": line,
                    "category": "Multiple",
                    "matches": [n for n, found in held.items() if found == line],
                    "score": OFF_RUBRIC.get(line, 5),
                    "rationale": "",
                }
                for number, line in enumerate(lines, 1)
            ],
            "options": [
                {
                    "option": n,
                    "verdict": "none" if not line else "full" if line == texts[n] else "partial",
                    "evidence": line or "",
                }
                for n, line in held.items()
            ],
        }


class Bench(NamedTuple):
    """A workspace with a judged study, the same plans matched by words, and a study of menus."""

    folder: Path
    primum: Command
    judged: dict[str, Any]
    lexical: dict[str, Any]
    menu: dict[str, Any]

    def rescore(self, study: dict[str, Any] | str, *more: object) -> Any:
        name = study if isinstance(study, str) else study["study"]
        return self("rescore", name, *more)

    def __call__(self, *arguments: object) -> Any:
        return self.primum(*arguments, "--workspace", self.folder / "ws")

    def query(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self("query", sql, "--format", "json").stdout)
        return rows

    def manifests(self) -> set[str]:
        return {path.stem for path in (self.folder / "ws" / "studies").iterdir()}


@pytest.fixture(scope="module")
def bench(primum: Command, tiny_suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("rescore")
    (folder / "panel.yaml").write_text(PANEL)
    for name in ("known", "unknown"):
        (folder / f"{name}.yaml").write_text(JUDGES.format(name=name, judge=name))
    ws, results = folder / "ws", []
    ws.mkdir()
    panel = load_panel(str(folder / "panel.yaml"))
    for matcher in (str(folder / "known.yaml"), "lexical", None):
        label, judge = named_matcher(matcher) if matcher else (MENU_MATCHER, None)
        protocol = Protocol(name="plan", form="concise") if matcher else Protocol()
        study = plan_study(
            tiny_suite, panel, "", StudySettings(protocol=protocol, matcher=label, judge=judge)
        )
        ledger = Ledger(ws / "ledger.sqlite")
        recorder = Recorder(Store(ws / "store.duckdb"), study, tiny_suite)
        executor = Runner(study, ledger, Models(), inputs=RunInputs(matcher_of=matcher_of(study)))
        run_suite(executor, tiny_suite, recorder.add)
        results.append(result_json(recorder.finish(), ledger.made, ledger.found))
    return Bench(folder, primum, *results)


@pytest.fixture(scope="module")
def twin() -> ModuleType:
    """slow_metrics.py, a copy of its own: its weights are going to be others."""
    path = ROOT / "tests/evaluation/scoring/slow_metrics.py"
    spec = spec_from_file_location("slow_metrics_of_rescore", path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def metrics_of(result: dict[str, Any]) -> dict[str, Any]:
    return {e["name"]: e["metrics"] for e in result["ensembles"]}


def test_other_weights_give_what_a_slow_recomputation_says_and_need_no_socket(
    bench: Bench, twin: ModuleType, tiny_suite: Suite
) -> None:
    arguments = ("rescore", bench.judged["study"], "--weights", "25:5:1:1", "--json", "--workspace", bench.folder / "ws")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", NO_SOCKET, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["weights"] == [25, 5, 1, 1]
    assert found["calls"]["made"] == 0
    assert found["study"] != bench.judged["study"], "a study beside it"
    assert bench.manifests() >= {found["study"], bench.judged["study"]}
    twin.WEIGHT.update({1: 25, 2: 5, 3: 1, 7: 1, 8: 5, 9: 25})
    wanted = recomputed(bench, twin, tiny_suite)
    for ensemble, metrics in wanted.items():
        ours = metrics_of(found)[ensemble]
        for name, value in metrics.items():
            assert ours[name]["mean"] == pytest.approx(value, abs=1e-12), (ensemble, name)
    figures = [metrics_of(study)["team"]["Recall_weighted"]["mean"] for study in (found, bench.judged)]  # fmt: skip
    assert figures[0] != figures[1]
    for unweighted in ("Recall_raw", "Precision_raw", "Severe_rate", "Accuracy", "Safety"):
        same = [metrics_of(study)["team"][unweighted] for study in (found, bench.judged)]
        assert same[0] == same[1], unweighted


def recomputed(bench: Bench, twin: ModuleType, suite: Suite) -> dict[str, dict[str, float]]:
    """Means over base cases of means over letters, from the judged study's verdicts and actions."""
    items = {item.id: item for item in suite.items()}
    mine = f"where study = '{bench.judged['study']}' and ensemble not like 'control:%'"
    verdicts: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for row in bench.query(f"select * from verdicts {mine}"):
        verdicts[row["ensemble"], row["item"]][row["option_id"]] = row["verdict"]
    actions: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in bench.query(f"select * from actions {mine} order by number"):
        action = twin.Action(tuple(row["matches"]), row["score"])
        actions[row["ensemble"], row["item"]].append(action)
    lengths = bench.query(f"select ensemble, item, length(text) as n from answers {mine}")
    values: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for row in lengths:
        place, case = (row["ensemble"], row["item"]), items[row["item"]].case
        found = twin.metrics(options_of(twin, case), verdicts[place], actions[place], row["n"])
        for name, value in found.items():
            values[row["ensemble"]][name][case.id].append(value)
    assert set(values) == {"team", "a", "b"}
    return {
        ensemble: {
            name: fmean(fmean(letters) for letters in by_case.values())
            for name, by_case in metrics.items()
        }
        for ensemble, metrics in values.items()
    }


def options_of(twin: ModuleType, case: Case) -> list[Any]:
    return [
        twin.Option(
            id=o.id,
            score=o.score,
            group=o.abstraction if o.abstraction_type == "alternative" else None,
            depends_on=o.depends_on or (),
        )
        for o in case.options
    ]


def test_another_definitions_headline_stands_first_and_the_figures_stay(bench: Bench) -> None:
    done = bench.rescore(bench.judged, "--metrics", "v1")
    assert done.returncode == 0, done.stderr
    header = next(line for line in done.stdout.splitlines() if line.startswith("ensemble "))
    assert header.split()[1:3] == ["Safety", "(v1)"]
    safety = metrics_of(bench.judged)["team"]["Safety"]["mean"]
    row = next(line for line in done.stdout.splitlines() if line.startswith("team "))
    assert row.split()[1] == f"{safety:.3f}"
    assert f"study {bench.judged['study']}: 0 calls made" in done.stdout


def test_another_matcher_gives_the_study_that_a_run_with_it_gave(bench: Bench) -> None:
    """Words or judges: either way round, with the published weights, nothing is different."""
    before = bench.manifests()
    published = ("--weights", "72:24:3:1", "--json")
    to_words = bench.rescore(bench.judged, "--matcher", "lexical", *published)
    to_judge = bench.rescore(bench.lexical, "--matcher", bench.folder / "known.yaml", *published)
    for done, wanted, asked in ((to_words, bench.lexical, 9), (to_judge, bench.judged, 18)):
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert {**found, "calls": None} == {**wanted, "calls": None}
        assert found["calls"]["made"] == 0
        assert found["calls"]["from_ledger"] >= asked
    assert metrics_of(bench.judged)["team"] != metrics_of(bench.lexical)["team"]
    assert bench.manifests() == before


def test_a_judge_that_is_not_on_record_leaves_no_trace(bench: Bench) -> None:
    manifests, studies = bench.manifests(), bench.query("select * from studies order by all")
    rows = bench.query("select study, count(*) as n from answers group by all order by all")
    done = bench.rescore(bench.judged, "--matcher", bench.folder / "unknown.yaml")
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = [line for line in done.stderr.splitlines() if "answers," not in line]
    assert "openai/unknown is not in the ledger, and this command makes no call" in line
    assert line.endswith("run the study first, with the same options")
    assert "Traceback" not in done.stderr
    assert bench.manifests() == manifests
    assert bench.query("select * from studies order by all") == studies
    assert rows == bench.query("select study, count(*) as n from answers group by all order by all")


@pytest.mark.parametrize(
    ("which", "arguments", "words"),
    [
        ("judged", ("--weights", "72:24:3"), "--weights 72:24:3: expected four numbers from 0 to a million, as in 72:24:3:1"),
        ("menu", ("--matcher", "lexical"), "--matcher lexical: the grades of {menu} (protocol menu) need no matcher"),
        (None, (), "nothing-1234: no such study"),
    ],
)  # fmt: skip
def test_what_cannot_be_rescored_is_said_in_one_line(
    which: str | None, arguments: tuple[str, ...], words: str, bench: Bench
) -> None:
    before = bench.manifests()
    study = {"judged": bench.judged, "menu": bench.menu}[which] if which else "nothing-1234"
    done = bench.rescore(study, *arguments)
    code = 2 if "--weights" in arguments else 3
    assert (done.returncode, done.stdout) == (code, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"primum: {words.format(menu=bench.menu['study'])}")
    assert bench.manifests() == before


def test_a_menu_study_takes_other_weights(bench: Bench) -> None:
    done = bench.rescore(bench.menu, "--weights", "1:1:1:1", "--json")
    assert done.returncode == 0, done.stderr
    metrics = metrics_of(json.loads(done.stdout))["team"]
    assert metrics["Recall_weighted"] == metrics["Recall_raw"], "where all weigh the same"
    before = metrics_of(bench.menu)["team"]
    assert metrics["Recall_raw"] == before["Recall_raw"]
    assert metrics["Recall_weighted"] != before["Recall_weighted"]


@pytest.mark.parametrize(
    ("text", "weights"),
    [("72:24:3:1", (72, 24, 3, 1)), ("0.5: 0:0:1e6", (0.5, 0, 0, 1e6)), ("1:1:1:1", (1, 1, 1, 1))],
)
def test_weights_are_four_numbers(text: str, weights: tuple[float, ...]) -> None:
    assert parse_weights(text) == weights


@pytest.mark.parametrize(
    "text", ["", "72", "1:2:3:4:5", "a:b:c:d", "-1:1:1:1", "0:0:0:0", "nan:1:1:1", "inf:1:1:1", "1:1:1:2000000", "1,5:1:1:1"],
)  # fmt: skip
def test_other_weights_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="four numbers from 0 to a million, as in 72:24:3:1"):
        parse_weights(text)
