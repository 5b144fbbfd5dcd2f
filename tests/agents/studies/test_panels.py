"""agents/studies/panels.py: panel files, what is wrong with them, and keys."""

from pathlib import Path

import pytest

from primum.agents.studies.panels import builtin_panels, call_problems, load_panel, require_callable
from primum.core.errors import DataError

GOOD = """name: wood
note: two models
models:
  oak: {id: x/oak, family: gpt, access: open}
  elm: {id: x/elm, family: llama, access: open, params: {temperature: 0}}
ensembles:
  - name: duo
    graph: panel
    generators: [oak, {model: elm, instructions: Be brief.}]
    critics: [oak]
    aggregator: elm
  - name: alone
    graph: solo
    generators: [oak]
"""

# What is replaced, by what, on which line the mistake then stands, and what the message says of it.
BAD = [
    pytest.param("critics: [oak]", "reviewers: [oak]", 10, "ensembles[0].reviewers", id="unknown seat"),
    pytest.param("aggregator: elm", "aggregators: [elm]", 11, "ensembles[0].aggregators", id="seat misspelt"),
    pytest.param("note:", "notes:", 2, "notes", id="unknown key"),
    pytest.param("family: gpt,", "family: gpt, vendor: x,", 4, "models.oak.vendor", id="unknown key of a model"),
    pytest.param("instructions:", "instruction:", 9, "ensembles[0].generators[1].instruction", id="unknown key of a seat"),
    pytest.param("family: llama", "family: lama", 5, "models.elm.family", id="unknown family"),
    pytest.param("access: open}", "access: free}", 4, "models.oak.access", id="unknown access"),
    pytest.param("id: x/oak", "id: ''", 4, "models.oak.id", id="no id"),
    pytest.param("  oak: {", "  o k: {", 4, "models.o k", id="a name with a space"),
    pytest.param("name: wood", "name: 7", 1, "name", id="a number for a name"),
    pytest.param("{temperature: 0}", "[0]", 5, "models.elm.params", id="params not a mapping"),
    pytest.param("{temperature: 0}", "{temperature: .nan}", 5, "params", id="a parameter that is no number"),
    pytest.param("family: gpt", "family: gpt, api_version: 2024-10-21", 4, "api_version", id="a date for a text"),
    pytest.param("graph: panel", "graph: quorum", 8, "ensembles[0].graph: there is no graph quorum; there are solo,", id="unknown graph"),
    pytest.param("critics: [oak]", "critics: oak", 10, "ensembles[0].critics", id="a name for a list"),
    pytest.param("critics: [oak]", "critics: [ash]", 10, "critic-1 is ash", id="critic not there"),
    pytest.param("aggregator: elm", "aggregator: ash", 11, "aggregator is ash", id="aggregator not there"),
    pytest.param("{model: elm,", "{model: ash,", 9, "generator-2 is ash", id="generator not there"),
    pytest.param("generators: [oak]", "generators: [ash]", 14, "generator-1 is ash", id="solo not there"),
    pytest.param("graph: solo", "critics: [elm]\n    graph: solo", 13, "ensembles[1].critics: no such field", id="solo with critics"),
    pytest.param("generators: [oak]", "generators: [oak, elm]", 14, "ensembles[1].generators", id="solo of two"),
    pytest.param("    aggregator: elm\n", "", 7, "ensembles[0].aggregator", id="panel without aggregator"),
    pytest.param("[oak, {model: elm, instructions: Be brief.}]", "[]", 9, "ensembles[0].generators: at least 1 item", id="panel without generators"),
    pytest.param("name: alone", "name: duo", 12, "duo", id="an ensemble name twice"),
    pytest.param("name: alone", "name: oak", 12, "oak", id="an ensemble named as a model"),
    pytest.param("name: duo", "name: control:x", 7, "control:x", id="a panel named as a control"),
    pytest.param("name: alone\n    graph: solo\n    generators: [oak]", "name: control:coin\n    graph: control", 12, "control:coin", id="a control"),
    pytest.param("    critics: [oak]\n", "    critics: [oak]\n    critics: [elm]\n", 11, "critics", id="a key twice"),
    pytest.param("  elm: {", "  oak: {", 5, "oak", id="a model twice"),
    pytest.param("[oak, {model", "[oak {model", 9, "broken YAML", id="broken YAML"),
    pytest.param("note: two models", "note: &a [*a]", 2, "note", id="YAML that holds itself"),
    pytest.param("note: two models", "prompts: nowhere", 2, "no such folder", id="prompts not there"),
    pytest.param(GOOD[GOOD.index("ensembles:") :], "ensembles: []\n", 6, "ensembles", id="no ensemble"),
    pytest.param(GOOD[GOOD.index("ensembles:") :], "", 1, "ensembles", id="ensembles left out"),
    pytest.param(GOOD, "", 1, "the file is empty", id="empty file"),
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "wood.yaml"


def refusal(file: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_panel(str(file))
    return str(caught.value)


def test_a_good_panel_is_read_as_it_is_written(file: Path) -> None:
    file.write_text(GOOD)
    panel = load_panel(str(file))
    duo, alone = panel.ensembles
    assert [agent.model for agent in duo.drafting] == ["oak", "elm"]
    assert duo.drafting[1].instructions == "Be brief."
    assert panel.models["elm"].params == {"temperature": 0}
    assert alone.concluding is None


@pytest.mark.parametrize(("old", "new", "line", "words"), BAD)
def test_a_bad_panel_is_refused_with_its_place(
    old: str, new: str, line: int, words: str, file: Path
) -> None:
    assert GOOD.count(old) == 1
    file.write_text(GOOD.replace(old, new, 1))
    message = refusal(file)
    assert message.startswith(f"{file}:{line}: ")
    assert words in message
    assert "\n" not in message


def test_a_panel_that_is_no_text(file: Path) -> None:
    file.write_bytes(GOOD.encode() + b"# caf\xe9\n")
    assert refusal(file).startswith(f"{file}:15: not UTF-8")


@pytest.mark.parametrize("name", ["nowhere.yaml", "simulatd"])
def test_a_panel_that_is_not_there(name: str) -> None:
    with pytest.raises(DataError, match=rf"{name}: no such panel.*simulated"):
        load_panel(name)


def test_an_unknown_clinician_is_named_with_its_line(file: Path) -> None:
    file.write_text(
        "name: p\nmodels:\n  oak: {id: sim/oak, family: sim-aspen, access: open}\n"
        "ensembles:\n  - {name: e, graph: solo, generators: [oak]}\n"
    )
    assert refusal(file).startswith(f"{file}:3: models.oak.id: no simulated clinician sim/oak")


def test_a_folder_for_a_panel(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith(f"{tmp_path}: cannot be read")


@pytest.mark.parametrize("name", builtin_panels())
def test_every_ready_panel_loads_under_its_name_with_its_cost(name: str) -> None:
    panel = load_panel(name)
    assert panel.name == name
    assert panel.cost
    assert len(panel.solos()) >= 1


KEYED = """name: p
models:
  oak: {id: x/oak, family: gpt, access: open, key_env: OAK_KEY}
  elm:
    id: x/elm
    family: gpt
    access: open
    key_env: ELM_KEY
  local: {id: ollama/x, family: llama, access: open}
ensembles:
  - {name: e, graph: solo, generators: [oak]}
"""


def test_the_first_model_without_its_key_is_named_and_no_key_is_shown(
    monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    file.write_text(KEYED)
    models = load_panel(str(file)).models
    monkeypatch.setenv("OAK_KEY", "sk-secret-of-oak")
    monkeypatch.setenv("ELM_KEY", "")
    with pytest.raises(DataError) as caught:
        require_callable(models, file)
    assert str(caught.value).startswith(f"{file}:8: models.elm.key_env: no API key")
    assert "set ELM_KEY" in str(caught.value)
    assert "sk-secret-of-oak" not in str(caught.value)
    monkeypatch.setenv("ELM_KEY", "sk-secret-of-elm")
    require_callable(models, file)
    assert [list(call_problems(model)) for model in models.values()] == [[], [], []]
