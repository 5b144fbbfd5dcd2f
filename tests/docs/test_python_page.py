"""docs/python.md runs as it stands."""

import os
import re
from pathlib import Path
from typing import Any

from primum.tests.paths import DOCS

PAGE = DOCS / "python.md"


def test_the_example_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    namespace: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        exec(compile(code, str(PAGE), "exec"), namespace)
    finally:
        os.chdir(before)
    result = namespace["result"]
    by_name = {ensemble["name"]: ensemble for ensemble in result["ensembles"]}
    assert by_name["mine"]["outcomes"] == {"invalid": 35}
    assert by_name["mine"]["metrics"]["F1_weighted"]["mean"] == 0
    assert by_name["pair"]["outcomes"] == {"ok": 35}
    assert by_name["pair"]["degraded"] == 35
    assert result["simulated"]
