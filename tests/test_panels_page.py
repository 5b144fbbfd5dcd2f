"""The panel and the reply that docs/panels.md shows are ones that Primum takes."""

import re
from pathlib import Path

from primum.agents.panels import load_panel
from primum.agents.replies import parse_grades

PAGE = (Path(__file__).parents[1] / "docs" / "panels.md").read_text()


def test_the_panel_loads(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    panel = load_panel(str(path))
    assert [ensemble.name for ensemble in panel.ensembles] == ["team", "large-alone"]
    assert panel.ensembles[0].members == ("small", "large", "gemini")


def test_the_reply_parses() -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert [grade.appropriate for grade in parse_grades(text, [1, 2], complete=True)] == [
        True,
        False,
    ]
