"""The panel and the reply that docs/panels.md shows are ones that Primum takes."""

import re
from pathlib import Path

from primum.agents.jury import load_judges
from primum.agents.panels import load_panel
from primum.agents.replies import parse_grades

PAGE = (Path(__file__).parents[1] / "docs" / "panels.md").read_text()


def test_the_panel_and_the_judges_load(tmp_path: Path) -> None:
    text, judging = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path, judges = tmp_path / "mine.yaml", tmp_path / "judges.yaml"
    path.write_text(text)
    judges.write_text(judging)
    panel = load_panel(str(path))
    assert [ensemble.name for ensemble in panel.ensembles] == ["team", "large-alone", "chain"]
    assert panel.ensembles[0].members == ("small", "large", "gemini")
    assert [judge.label for judge in load_judges(str(judges)).judges] == ["reader+second"]


def test_the_reply_parses() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert [grade.appropriate for grade in parse_grades(text, [1, 2], complete=True)] == [
        True,
        False,
    ]
