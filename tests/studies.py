"""Studies that simulated clinicians answer, in this process."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

from primum.agents.clinicians import SimulatedClient
from primum.agents.ledger import Ledger
from primum.agents.panels import load_panel
from primum.agents.protocol import Protocol
from primum.agents.simulated import Clinic
from primum.agents.study import MENU_MATCHER
from primum.cases.load import save_suite
from primum.cases.model import Suite
from primum.evaluation.lexical.matcher import LEXICAL_MATCHER
from primum.evaluation.matching import matcher_of
from primum.evaluation.recorder import Recorder
from primum.evaluation.report.result import result_json
from primum.evaluation.store import Store
from primum.graphs.conduct import conduct
from primum.graphs.plan import plan_study
from primum.graphs.runner import Runner


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
    workspace: Path, suite: Suite, names: list[str], protocol: Literal["menu", "plan"] = "menu"
) -> dict[str, Any]:
    """Run ensembles of the simulated panel on a suite; what `primum run --json` prints."""
    workspace.mkdir(exist_ok=True)
    clinic = Clinic()
    form, matcher = ("concise", LEXICAL_MATCHER) if protocol == "plan" else (None, MENU_MATCHER)
    study = plan_study(
        *(suite, load_panel("simulated"), clinic.register(suite)),
        names=names,
        protocol=Protocol.model_validate({"name": protocol, "form": form}),
        matcher=matcher,
    )
    ledger = Ledger(workspace / "ledger.sqlite")
    recorder = Recorder(Store(workspace / "store.duckdb"), study, suite)
    executor = Runner(study, ledger, SimulatedClient(clinic), matcher_of=matcher_of(study))
    conduct(executor, suite, recorder.add)
    return result_json(recorder.finish(), ledger.made, ledger.found)


def run_both(folder: Path, suite: Suite) -> Ran:
    """The trio's plans and menus on a suite."""
    save_suite(suite, folder / "tiny.jsonl", "native")
    studies = {
        "plan": run_study(folder / "ws", suite, ["trio"], "plan"),
        "menu": run_study(folder / "ws", suite, ["trio"]),
    }
    return Ran(folder, folder / "tiny.jsonl", studies)
