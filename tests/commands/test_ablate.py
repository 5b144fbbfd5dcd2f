"""primum graph and primum ablate, as processes: what they draw, plan, run and refuse."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from primum.cases.load import save_suite
from primum.cases.model import Suite

Primum = Callable[..., subprocess.CompletedProcess[str]]

MODELS = """
name: woods
models:
  aspen-large: {id: sim/aspen-large, family: sim-aspen, access: open, price: {input_per_million: 0, output_per_million: 0}}
  birch-large: {id: sim/birch-large, family: sim-birch, access: open, price: {input_per_million: 0, output_per_million: 0}}
ensembles:
  - {name: samples, graph: self-consistency, generators: [aspen-large], samples: 3, rule: majority}
  - {name: ballot, graph: vote, generators: [aspen-large, birch-large], rule: {name: weighted, weights: [2, 1]}}
  - {name: named, graph: panel, generators: [aspen-large, birch-large], aggregator: birch-large, authors: named, shuffle: 1}
  - {name: deep, graph: layers, generators: [aspen-large], layers: [[birch-large]], aggregator: aspen-large}
  - {name: chain, graph: relay, generators: [aspen-large], guardians: [birch-large]}
  - {name: talk, graph: debate, generators: [aspen-large, birch-large], rounds: 2, rule: union}
"""
PLAN = """
name: few
designs:
  - {graph: vote, sizes: [2], rules: [union]}
  - {graph: self-consistency, samples: [2], rules: [majority]}
  - {graph: debate, sizes: [2], rounds: [1], aggregators: [birch-large], aggregation: [select]}
controls: [key]
contrasts:
  - {ensemble: vote-union.aspen-large+birch-large, against: same_cost, metric: Omissions}
"""
VOTE = "vote-union.aspen-large+birch-large"
DEBATE = "debate1.aspen-large+birch-large.select-by-birch-large"


def test_graphs_are_listed_and_drawn(primum: Primum, tmp_path: Path) -> None:
    path = tmp_path / "woods.yaml"
    path.write_text(MODELS)
    listed = primum("graph", "--panel", path).stdout.splitlines()
    assert "talk: debate of aspen-large, birch-large" in listed
    assert "birch-large: solo of birch-large" in listed
    assert len(listed) == 6 + 2
    drawn = primum("graph", "talk", "--panel", path)
    assert drawn.returncode == 0
    assert "generator-2-round-2" in drawn.stdout
    assert "agreed-1 -.->" in drawn.stdout.replace("&nbsp;", " ")
    refused = primum("graph", "choir", "--panel", path)
    assert refused.returncode == 2
    assert "choir: no such ensemble" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_a_plan_is_counted_run_and_compared(
    primum: Primum, tmp_path: Path, tiny_suite: Suite
) -> None:
    (tmp_path / "woods.yaml").write_text(MODELS)
    (tmp_path / "plan.yaml").write_text(PLAN)
    save_suite(tiny_suite, tmp_path / "tiny.jsonl", "native")
    call = (
        *("ablate", "--plan", tmp_path / "plan.yaml", "--panel", tmp_path / "woods.yaml"),
        *("--suite", tmp_path / "tiny.jsonl", "--workspace", tmp_path / "ws", "--json"),
        *("--contrast", f"{DEBATE}:{VOTE}"),
    )
    counted = json.loads(primum(*call, "--dry-run").stdout)
    samples = [f"self-consistency2-majority.{name}-large" for name in ("aspen", "birch")]
    teams = {VOTE, DEBATE, *samples}
    assert {*counted["names"]} == {*teams, "aspen-large", "birch-large", "control:key"}
    assert counted["ensembles"] == 7
    # Two drafts, two more samples, two revisions and one selection, of three letters.
    assert (counted["calls"], counted["cost"]) == (3 * 7, [0, 0])
    done = primum(*call)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {ensemble["name"] for ensemble in found["ensembles"]} == {*counted["names"]}
    assert found["calls"]["made"] <= counted["calls"]
    holm = {
        (c["ensemble"], c["against"], c["metric"])
        for c in found["comparisons"]
        if c["adjustment"] == "holm"
    }
    assert holm == {(VOTE, "same_cost", "Omissions"), (DEBATE, VOTE, "Severe_rate")}
    added = [e for e in found["analysis"]["effects"] if e["kind"] == "add"]
    assert {(e["role"], e["model"], e["pairs"]) for e in added} == {
        ("generator", "aspen-large", 1),
        ("generator", "birch-large", 1),
    }


def test_what_cannot_be_had_is_one_line(primum: Primum, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN.replace("samples: [2]", "samples: [1]"))
    refused = primum("ablate", "--plan", tmp_path / "plan.yaml", "--dry-run")
    assert refused.returncode == 3
    (line,) = refused.stderr.splitlines()
    assert f"{tmp_path}/plan.yaml:5: designs[1].samples[0]: " in line
    refused = primum("ablate", "--roles", "generator,judge")
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1


def test_a_contrast_of_no_metric_is_one_line_with_its_place(primum: Primum, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    for metric in ("Severe", "F1_capped"):  # June's alone is not compared
        path.write_text(PLAN.replace("Omissions", metric))
        refused = primum("ablate", "--plan", path, "--dry-run")
        assert refused.returncode == 3
        (line,) = refused.stderr.splitlines()
        said = f"no metric '{metric}' is compared; there are Accuracy, "
        assert f"{path}:9: contrasts.0.metric: {said}" in line
    path.write_text(PLAN)
    refused = primum("ablate", "--plan", path, "--contrast", f"{VOTE}:best_solo:Harm", "--dry-run")
    assert refused.returncode == 3
    assert f"--contrast {VOTE}:best_solo: no metric 'Harm' is compared" in refused.stderr
