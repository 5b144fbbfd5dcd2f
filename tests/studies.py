"""Studies that simulated clinicians answer, in this process."""

from pathlib import Path
from typing import Any, NamedTuple

from primum.agents.ledger.ledger import Ledger
from primum.agents.protocols.protocol import choose_protocol
from primum.agents.simulation.client import SimulatedClient
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.studies.panels import load_panel
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.evaluation.matching.matchers import matcher_for, matcher_of
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.evaluation.text_report.run_json import result_json
from primum.graphs.execution.run import run_suite
from primum.graphs.execution.runner import RunInputs, Runner
from primum.graphs.execution.study_builder import StudySettings, plan_study


class Ran(NamedTuple):
    """A workspace in which the simulated trio wrote plans and graded menus."""

    folder: Path
    suite: Path
    studies: dict[str, dict[str, Any]]

    @property
    def workspace(self) -> tuple[str, Path]:
        return "--workspace", self.folder / "ws"

    def id(self, protocol: str) -> str:
        return str(self.studies[protocol]["study"])


def run_study(
    workspace: Path, suite: Suite, names: list[str], protocol: str = "menu"
) -> dict[str, Any]:
    """Run ensembles of the simulated panel on a suite; what `primum run --json` prints."""
    workspace.mkdir(exist_ok=True)
    simulated_models = SimulatedModels()
    chosen = choose_protocol(protocol, None)
    study = plan_study(
        *(suite, load_panel("simulated"), simulated_models.register(suite)),
        StudySettings(names=names, protocol=chosen, matcher=matcher_for(chosen.record, None)[0]),
    )
    ledger = Ledger(workspace / "ledger.sqlite")
    recorder = Recorder(Store(workspace / "store.duckdb"), study, suite)
    executor = Runner(
        study,
        ledger,
        SimulatedClient(simulated_models),
        inputs=RunInputs(matcher_of=matcher_of(study)),
    )
    run_suite(executor, suite, recorder.add)
    return result_json(recorder.finish(), ledger.made, ledger.found)


def run_both(folder: Path, suite: Suite) -> Ran:
    """The trio's plans and menus on a suite."""
    save_suite(suite, folder / "tiny.jsonl", "native")
    studies = {
        "plan": run_study(folder / "ws", suite, ["trio"], "plan"),
        "menu": run_study(folder / "ws", suite, ["trio"]),
    }
    return Ran(folder, folder / "tiny.jsonl", studies)
