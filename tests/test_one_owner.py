"""Each fact about a graph or a role stands in its record; how many files one more of them touches."""

import re
from pathlib import Path

import pytest

from primum.agents.roles.registry import ROLES
from primum.agents.topologies.registry import GRAPHS
from primum.tests.built_in import built_in_names
from primum.tests.paths import DOCS, ROOT

ELSEWHERE = {"tests", "prompts", "docs", "benchmarks", "examples", "build"}
NOT_THE_NOUN = {
    # A panel of models is not the graph "panel"; the files and options that name one say so.
    ("graphs/ablation/plan.py", "panel"),
    # The field of a judge, whose agent has the role of that name.
    ("agents/judges/panel.py", "matcher"),
    ("agents/judges/panel.py", "reviewer"),
    # What turned answers into verdicts, in manifests and tables: not the role of a judge.
    ("commands/judge.py", "matcher"),
    ("evaluation/exports/csv_export.py", "matcher"),
    ("evaluation/exports/eee_records.py", "matcher"),
    ("evaluation/matching/matchers.py", "matcher"),
    ("evaluation/matching/registry.py", "matcher"),
    ("evaluation/store/tables/study_tables.py", "matcher"),
    ("evaluation/text_report/run_json.py", "matcher"),
    # The page's own <meta name="generator">.
    ("evaluation/html_report/templates/page.html.j2", "generator"),
    # The field of an ensemble that a rule counts.
    ("evaluation/analysis/contributions/coalitions.py", "rule"),
    ("evaluation/html_report/run_manifest.py", "rule"),
}


def source() -> dict[str, str]:
    """The text of every file of the package, by its path."""
    tops = [path for path in ROOT.iterdir() if path.name not in ELSEWHERE and path.name[0] != "."]
    files = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*"))]
    wanted = [path for path in files if path.suffix in {".py", ".sql", ".js", ".j2"}]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in wanted}


TEXTS = source()


def quoting(name: str, owners: tuple[str, ...]) -> list[str]:
    """The files outside some folders that have a name in quotes; a graph names its own seats."""
    quoted = re.compile(rf"""(["']){re.escape(name)}\1""")
    return [
        path
        for path, text in TEXTS.items()
        if not path.startswith(owners) and (path, name) not in NOT_THE_NOUN and quoted.search(text)
    ]


@pytest.mark.parametrize("name", built_in_names())
def test_no_other_file_names_a_graph(name: str) -> None:
    assert quoting(name, ("agents/topologies/",)) == []


@pytest.mark.parametrize("name", sorted({role.name for role in ROLES} - {"graph", "member"}))
def test_no_other_file_names_a_role(name: str) -> None:
    """`graph` and `member` are words for other things too; their roles are a user's graph's."""
    assert quoting(name, ("agents/roles/", "agents/topologies/")) == []


@pytest.mark.parametrize("name", built_in_names())
def test_a_graph_touches_three_files_at_most(name: str) -> None:
    """Its own, the registry, and one that has a use for it of its own."""
    module = Path(sys_module(name)).stem
    imports = re.compile(rf"topologies\.{module} import")
    own = f"agents/topologies/{module}.py"
    touched = {own, *(path for path, text in TEXTS.items() if imports.search(text))}
    assert own in TEXTS
    assert "agents/topologies/registry.py" in touched
    assert len(touched) <= 3, touched


def sys_module(name: str) -> str:
    """The file of a graph's record."""
    return GRAPHS[name].__module__.replace(".", "/") + ".py"


def test_the_page_lists_what_one_more_touches() -> None:
    page = (DOCS / "extending.md").read_text("utf-8")
    for kind, most in (("graph", 3), ("metric", 2), ("protocol", 6)):
        rows = re.findall(rf"^\| {kind} \| (\d+) \| (.*) \|$", page, re.MULTILINE)
        ((number, files),) = rows
        assert int(number) <= most
        assert len(re.findall(r"`[^`]+`", files)) == int(number)
