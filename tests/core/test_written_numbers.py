"""core/written_numbers.py: numbers that YAML does not read as they are meant, in a panel."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.studies.panels import load_panel
from primum.core.errors import DataError
from primum.core.written_numbers import broken_apart, how_to_write

PANEL = """\
name: p
models:
  m:
    id: openai/x
    family: gpt
    access: open
    {field}
ensembles:
  - {{name: alone, graph: solo, generators: [m]}}
"""


def read(folder: Path, field: str) -> Path:
    path = folder / "panel.yaml"
    path.write_text(PANEL.format(field=field))
    load_panel(str(path))
    return path


@pytest.mark.parametrize(
    ("field", "where", "advice"),
    [
        ("params: {temperature: 0,2}", "params.temperature", "a comma breaks 0,2 apart: write 0.2"),
        ("params: {temperature: 0, 2}", "params.temperature", "a comma breaks 0,2 apart: write 0.2"),
        ("params: {top_k: 40, temperature: 1,25}", "params.temperature", "write 1.25"),
        ("params: {max_tokens: 4,000}", "params.max_tokens", "write 4000"),
        ("params: {max_tokens: 1,000,000}", "params.max_tokens", "write 1000"),
        ("params: {anything: 0,05}", "params.anything", "write 0.05"),
        ("params: {thinking: {type: enabled, budget_tokens: 2,048}}", "budget_tokens", "write 2048"),
        ("price: {input_per_million: 0,5, output_per_million: 1}", "input_per_million", "write 0.5"),
        ("params:\n      temperature: 0,2", "params.temperature", "a number, not '0,2'; write 0.2"),
        ("params:\n      anything: 0,2", "params.anything", "write 0.2, not 0,2"),
        ("params:\n      a: {b: [{c: '0,2'}]}", "params.a.b[0].c", "write 0.2, not 0,2"),
        ("rpm: 0,5", "m.rpm", "a number is due: write 0.5, not 0,5"),
        ('rpm: "60"', "m.rpm", "a number is due: write 60 (without quotes)"),
        ("timeout: yes", "m.timeout", "YAML reads yes and on as true"),
        ("timeout: 1_000", "m.timeout", "YAML reads 1_000 as 1000: write 1000, or put it in quotes"),
        ("timeout: 10:00", "m.timeout", "YAML reads 10:00 as 600: write 600, or put it in quotes"),
        ("revision: 0123", "m.revision", "YAML reads 0123 as 83: write 83, or put it in quotes"),
        ("params: {max_tokens: 1_000}", "params.max_tokens", "YAML reads 1_000 as 1000: write 1000"),
        ("params: {temperature: 0_.2}", "params.temperature", "YAML reads 0_.2 as 0.2"),
        ('params: {temperature: "0.2"}', "params.temperature", "write 0.2 (without quotes)"),
        ("params: {temperature: 1e-1}", "params.temperature", "write 0.1 (without quotes)"),
        ("params: {temperature: yes}", "params.temperature", "YAML reads yes and on as true"),
        ("params: {seed: on}", "params.seed", "a whole number, not True; YAML reads yes and on"),
        ("params: {top_k: '40'}", "params.top_k", "write 40 (without quotes)"),
        ("params: {temperature: }", "params.temperature", "the value is missing"),
        ("params: {temperature: 0.2, top_p}", "params.top_p", "the value is missing"),
        ("params: {anything: null}", "params.anything", "the value is missing"),
        ("params: {reasoning_effort: off}", "params.reasoning_effort", "put it in quotes"),
        ("params: {timeout: 900}", "params.timeout", "key_env, api_base and timeout are fields"),
        ("params: {extra_body: {api_key: sk}}", "params.extra_body.api_key", "is no parameter"),
        ("params: {thinking: {budget_tokens: '9'}}", "thinking.budget_tokens", "write 9 (without"),
    ],
)  # fmt: skip
def test_a_number_that_is_not_read_as_it_is_meant(
    tmp_path: Path, field: str, where: str, advice: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, field)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path}/panel.yaml:")
    assert f"{where}: " in said
    assert advice in said
    assert "\n" not in said
    line = int(said.removeprefix(f"{tmp_path}/panel.yaml:").partition(":")[0])
    assert line in {7, 8}


@pytest.mark.parametrize(
    "field",
    [
        "params: {temperature: 0.2, max_tokens: 4000, seed: 0, top_k: -1}",
        "params: {reasoning_effort: low, thinking: {type: enabled, budget_tokens: 2048}}",
        "params: {logit_bias: {50256: -100}, stop: ['1', b], enable_thinking: true, num_predict: -1}",
        "params: {extra_body: {guided_json: {properties: {temperature: {type: number}}}, x: null}}",
        "params: {user: '0123', reasoning: {effort: high}}",
        "rpm: 0.5",
        "rpm: 5.0e+1",
        "revision: '0123'",
    ],
)
def test_numbers_as_they_should_be(tmp_path: Path, field: str) -> None:
    assert read(tmp_path, field).exists()


@given(st.integers(-999, 999), st.text("0123456789", min_size=1, max_size=4))
def test_a_comma_in_a_flow_mapping_is_told(before: int, after: str) -> None:
    node = yaml.compose(f"{{a: {before},{after}, b: 1}}", Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    (_, value), (key, nothing), *_ = node.value
    said = broken_apart(value, key, nothing)
    assert said.startswith(f"a comma breaks {before},{after} apart: write {before}")


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_what_to_write_is_the_same_number(number: float) -> None:
    written = how_to_write(repr(number)).removeprefix("write ").removesuffix(" (without quotes)")
    read_back = yaml.safe_load(written)
    assert float(read_back) == pytest.approx(number, rel=1e-5, abs=1e-300)
