"""A study of the embedded suite, quickly made, and its report in a real browser."""

import base64
import gzip
import hashlib
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.replies.menu import Grade, dump_grades
from primum.agents.simulation.clinician import SimulatedModels
from primum.agents.studies.panels import load_panel
from primum.agents.studies.study import Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.wiring import Seat
from primum.agents.turns.transcript import Answer, Call, Turn
from primum.cases.load import load_suite
from primum.cases.model import Item, Suite
from primum.evaluation.html_report.render import report
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.graphs.execution.study_builder import plan_study
from primum.tests.wired import wired

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync""".split()
RATES = {9: 0.93, 8: 0.85, 7: 0.7, 3: 0.2, 2: 0.1, 1: 0.03}  # how often an option is recommended
Analyse = Callable[..., None]


@pytest.fixture(scope="session")
def analyse() -> Analyse:
    """analysed.py: rows of the ablation's tables, made by hand."""
    spec = spec_from_file_location("analysed", HERE / "analysed.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Analyse = module.analyse
    return found


@pytest.fixture(scope="session")
def demo_study() -> tuple[Study, Suite]:
    """Both simulated teams, their members and the controls, on the embedded suite."""
    suite = load_suite("demo")
    return plan_study(suite, load_panel("simulated"), SimulatedModels().register(suite)), suite


@pytest.fixture(scope="session")
def workspace(
    tmp_path_factory: pytest.TempPathFactory, demo_study: tuple[Study, Suite], analyse: Analyse
) -> Path:
    """A workspace with that study, complete, and every table of the ablation filled."""
    folder = tmp_path_factory.mktemp("workspace")
    record_study(folder, *demo_study)
    analyse(folder / "store.duckdb", demo_study[0])
    return folder


@pytest.fixture(scope="session")
def record() -> Callable[..., None]:
    """Answer, score and store a study in a workspace."""
    return record_study


def record_study(folder: Path, study: Study, suite: Suite, said: str = "Because of") -> None:
    recorder = Recorder(Store(folder / "store.duckdb"), study, suite)
    for spec in study.ensembles:
        for item in suite.items():
            for trial in range(1, study.trials + 1):
                recorder.add(answered(spec, item, trial, said))
    recorder.finish()


def answered(spec: EnsembleSpec, item: Item, trial: int, said: str) -> Answer:
    """What the seats of an ensemble believe of each option, drawn by model, item and option."""
    if not spec.seats:
        everything = (
            tuple(o.id for o in item.case.options) if spec.name.endswith("everything") else ()
        )
        return Answer(spec.name, item.id, trial, Outcome.OK, "", everything)
    turns, drafts = [], {}
    saying = partial(turn, f"{item.id} {trial}", said)
    for seat in spec.seats:
        model = seat.agent.model
        belief = {o.id: believes(model, item.id, o.id, o.score) for o in item.case.options}
        if seat.role == "generator":
            drafts[seat.name] = belief
            turns.append(saying(seat, belief))
        elif seat.role == "critic":
            for about, draft in drafts.items():
                changes = {o: yes for o, yes in belief.items() if yes != draft[o]}
                turns.append(saying(seat, changes, about))
        else:
            votes = {
                o: sum(draft[o] for draft in drafts.values()) * 2 > len(drafts) for o in belief
            }
            turns.append(saying(seat, votes))
    last = {g.option: g.appropriate for g in turns[-1].grades}
    recommended = tuple(option for option, yes in last.items() if yes)
    text = turns[-1].text
    return Answer(spec.name, item.id, trial, Outcome.OK, "", recommended, wired(spec, turns), text)


def believes(model: str, item: str, option: int, score: int) -> bool:
    drawn = random.Random(f"{model} {item.split('-', maxsplit=1)[0]} {option}").random()
    return drawn < RATES.get(score, 0.4)


def turn(
    occasion: str, said: str, seat: Seat, grades: dict[int, bool], about: str | None = None
) -> Turn:
    """A seat's grades in words; `occasion` is the item and the trial, which make its call unique."""
    rows = tuple(
        Grade.model_validate(
            {
                "Option": o,
                "GradeAI": "Appropriate" if yes else "Inappropriate",
                "Rationale": f"{said} {o}",
            }
        )
        for o, yes in grades.items()
    )
    model = seat.agent.model
    key = hashlib.sha256(f"{seat.name} {model} {occasion} {about} {said}".encode()).hexdigest()
    text = dump_grades(rows)
    reply = Reply(
        outcome=Outcome.OK, text=text, returned_model=f"{model}-2026", cost=0.001, seconds=0.5
    )
    call = Call(key, model, reply)
    return Turn(seat.name, seat.role, model, Outcome.OK, "", rows, (call,), about)


@dataclass
class Parsed(HTMLParser):
    """An HTML file taken apart: tags with attributes, the text of scripts by id, visible text."""

    html: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    scripts: list[tuple[dict[str, str | None], str]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script":
            self.scripts.append((self.tags[-1][1], data))
        elif self.lasttag != "style" and data.strip():
            self.text.append(data)

    def script(self, name: str) -> str:
        return "".join(text for attributes, text in self.scripts if attributes.get("id") == name)

    def part(self, case: str) -> list[Any]:
        """The lines of a case's part."""
        text = "".join(text for a, text in self.scripts if a.get("data-case") == case)
        return [json.loads(line) for line in inflated(text).splitlines()]


def inflated(packed: str) -> str:
    return gzip.decompress(base64.b64decode(packed)).decode()


@pytest.fixture(scope="session")
def parsed(workspace: Path) -> Parsed:
    """The report of the workspace."""
    return Parsed(report(workspace, None)[1])


@pytest.fixture(scope="session")
def parse() -> Callable[[str], Parsed]:
    return Parsed


@pytest.fixture(scope="session")
def inflate() -> Callable[[str], str]:
    return inflated


@dataclass
class Opened:
    """A page in the browser, what it said on the console and what it asked for."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")  # while it is open, no other event loop can run in this process
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Opens a file, with a fragment and the options of a context; afterwards nothing was wrong."""
    found: list[Opened] = []

    def open_file(path: Path, fragment: str = "", **context: Any) -> Opened:
        page = chromium.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **context}
        ).new_page()
        own = Opened(page)
        page.on("console", lambda message: own.console.append(message.text))
        page.on("pageerror", lambda error: own.console.append(str(error)))
        page.on("dialog", lambda dialog: own.console.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: own.requests.append(request.url))
        page.goto(f"{path.as_uri()}{fragment}")
        if context.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]")
        found.append(own)
        return own

    yield open_file
    for own in found:
        assert own.console == []
        assert [url for url in own.requests if not re.match("file:|data:|blob:", url)] == []
        own.page.context.close()
