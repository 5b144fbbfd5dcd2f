"""docs/ablation.md: every figure on it is what the command above it prints."""

import re
import shlex
from pathlib import Path

import pytest

from primum.cli import app
from primum.graphs.ablation.plan import load_plan
from primum.tests.paths import DOCS

PAGE = (DOCS / "ablation.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n([^`]*?)```(?:\n\n```text\n([^`]*?)```)?", PAGE)


@pytest.mark.long
def test_every_figure_is_what_the_command_above_it_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(BLOCKS) > 9
    for command, text in BLOCKS:
        program, *arguments = shlex.split(command)
        assert program == "primum"
        if "--plan" in arguments:
            place = arguments.index("--plan") + 1
            arguments[place] = str(DOCS.parent / arguments[place])
        with pytest.raises(SystemExit) as end:
            app([*arguments, "--workspace", str(tmp_path / "ws")])
        assert end.value.code == 0, command
        printed = [line.rstrip() for line in capsys.readouterr().out.rstrip().splitlines()]
        assert not text or printed == text.rstrip().splitlines(), command


def test_the_page_explains_every_field_of_a_design() -> None:
    for design in load_plan(DOCS / "ablation-plan.yaml").designs:
        for field in type(design).model_fields:
            assert f"`{field}`" in PAGE
