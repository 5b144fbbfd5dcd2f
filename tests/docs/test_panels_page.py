"""The panel and the reply that docs/panels.md shows are ones that Primum takes."""

import re
from pathlib import Path
from typing import get_args

from primum.agents.judges.panel import load_judges
from primum.agents.replies.menu import parse_grades
from primum.agents.replies.reader import Reader
from primum.agents.specs.rule import Rule
from primum.agents.studies.panels import load_panel
from primum.agents.topologies.panel import PanelOfAgents
from primum.tests.built_in import built_in_graphs
from primum.tests.paths import DOCS

PAGE = (DOCS / "panels.md").read_text()


def test_the_panel_and_the_judges_load(tmp_path: Path) -> None:
    text, judging = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path, judges = tmp_path / "mine.yaml", tmp_path / "judges.yaml"
    path.write_text(text)
    judges.write_text(judging)
    panel = load_panel(str(path))
    assert [ensemble.name for ensemble in panel.ensembles][:3] == ["team", "large-alone", "chain"]
    assert {ensemble.graph for ensemble in panel.ensembles} == {
        graph.graph_name() for graph in built_in_graphs() if graph.kind.asks_models
    }
    rules = {rule.label for ensemble in panel.ensembles if (rule := ensemble.rule_used)}
    assert rules == {"weighted-1-1-2-ties-in", "majority", "union"}
    jury = panel.ensembles[-1]
    assert isinstance(jury, PanelOfAgents)
    assert (jury.aggregation, jury.authors, jury.shuffle) == ("select", "named", 7)
    assert panel.ensembles[0].members == ("small", "large", "gemini")
    assert [judge.label for judge in load_judges(str(judges)).judges] == ["reader+second"]


def test_the_rules_are_those_there_are() -> None:
    told = PAGE.split("A rule is ")[1].split("\n\n")[0]
    for name in get_args(Rule.model_fields["name"].annotation):
        assert name in told


def test_the_reply_parses() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert [
        grade.appropriate
        for grade in parse_grades(text, [1, 2], complete=True, reader=Reader.STRICT).value
    ] == [
        True,
        False,
    ]
