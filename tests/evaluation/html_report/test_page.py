"""The report as a file: what it holds is what the store holds, and nothing in it reaches outside."""

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from primum.agents.judges.panel import combine, load_judges
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.studies.archive import suite_digest
from primum.agents.studies.study import Study
from primum.agents.turns.transcript import Answer, JudgedAction, Judgement, OptionVerdict
from primum.cases.model import Suite
from primum.core.errors import DataError, UsageError
from primum.evaluation.html_report.render import report
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.tests.paths import ROOT

Parsed = Any
F1 = "definition = '2026-07' and metric = 'F1_weighted'"


def rows(workspace: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(workspace / "store.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def table(parsed: Parsed, name: str) -> list[str]:
    """The rows of a table by its id, cells apart by bars."""
    html = parsed.html.split(f'id="{name}">')[1].split("</table>")[0]
    body = html.split("<tbody>")[1].replace("<wbr>", "").split("<tr")[1:]
    return [re.sub(r"[\s|]*\|[\s|]*", "|", re.sub(r"<[^>]*>|^[^>]*>", "|", row)) for row in body]


def test_the_board_shows_the_stored_figures(workspace: Path, parsed: Parsed) -> None:
    board = table(parsed, "leaderboard-table")
    stored = rows(
        workspace,
        f"""select ensemble, mean, lo, hi from summaries join ensembles using (study, ensemble)
            where {F1} and policy = 'failures_as_empty'
            order by graph = 'control', mean desc, ensemble""",
    )
    assert len(stored) == len(board) == 12
    for row, (name, mean, lo, hi) in zip(board, stored, strict=True):  # the best first
        spread = f"{lo:.3f} to {hi:.3f}|" if f"{lo:.3f}" != f"{hi:.3f}" else ""
        assert re.search(rf"\|{re.escape(name)}\|.*?\|{mean:.3f}\|{spread}", row), row


def test_differences_are_the_stored_ones(workspace: Path, parsed: Parsed) -> None:
    forest = "".join(table(parsed, "forest")).replace("\N{MINUS SIGN}", "-")
    stored = rows(
        workspace,
        """select ensemble, against, 100 * difference, 100 * lo, 100 * hi from comparisons
           where metric = 'Severe_rate' and against in ('best_member', 'mean_member')""",
    )
    assert len(stored) == 4
    for ensemble, against, difference, lo, hi in stored:
        words = {"best_member": "its best member", "mean_member": "the mean of its members"}[
            against
        ]
        interval = f"{lo:+.1f} to {hi:+.1f}|" if f"{lo:+.1f}" != f"{hi:+.1f}" else ""
        assert f"|{ensemble}|{words}|{difference:+.1f}|{interval}" in forest


def test_what_it_is_stands_at_the_top_and_at_every_part(parsed: Parsed) -> None:
    shown = " ".join(parsed.text)
    assert "Two teams, five single models and five controls answered 20 cases in 35 items" in shown
    assert "no figure here says anything about medicine" in shown
    assert "not validated by clinicians" in shown
    parts = parsed.html.split("<section")[2:]
    assert len(parts) == 5
    for part in parts:
        assert '<span class="tag free">SIMULATED</span>' in part
        assert '<span class="tag free">SYNTHETIC</span>' in part


def test_what_rests_on_little_is_said_at_the_top(workspace: Path, parsed: Parsed) -> None:
    head = parsed.html.split('class="head"')[1].split("</section>")[0]
    stored = rows(workspace, "select caution from cautions")
    assert stored
    for (caution,) in stored:
        assert caution in head.replace("&#39;", "'")


def test_published_figures_begin_hidden_and_name_their_source(parsed: Parsed) -> None:
    hidden = next(a for _, a in parsed.tags if a.get("id") == "published")
    assert "hidden" in hidden
    part = parsed.html.split('id="published"')[1].split("<figure")[0]
    assert part.count("Source: First, do NOHARM (arXiv 2512.01241)") == 2
    assert "Its protocol (plan) differs" in part
    assert "0.720 ± 0.049" in part
    assert "AMBOSS" not in "".join(table(parsed, "leaderboard-table"))


def test_the_policy_allows_its_own_scripts_and_nothing_else(
    parsed: Parsed, inflate: Callable[[str], str]
) -> None:
    policy = next(a["content"] for t, a in parsed.tags if t == "meta" and "http-equiv" in a)
    own = next(text for attributes, text in parsed.scripts if not attributes)
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (own, inflate(parsed.script("plotly")))
    ]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}'; "
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_nothing_points_outside(parsed: Parsed) -> None:
    for tag, attributes in parsed.tags:
        assert tag not in {
            "link",
            "img",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
            "audio",
            "video",
        }
        assert not {"src", "srcset", "action", "ping"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "#").startswith("#")
    assert "@import" not in parsed.html
    assert "url(" not in parsed.html


def test_a_part_is_shown_only_where_it_has_rows(
    demo_study: tuple[Study, Suite],
    record: Callable[..., None],
    tmp_path: Path,
    parse: Any,
    parsed: Parsed,
) -> None:
    study, suite = demo_study
    few = tuple(e for e in study.ensembles if e.graph == "solo")[:1]
    alone = study.model_copy(update={"ensembles": few})
    record(tmp_path, alone, suite)
    found = parse(report(tmp_path, None)[1])
    names = "failures flows effects shapley_values ceilings correlations sizes".split()
    there = {a.get("id") for _, a in found.tags}
    assert not there & {*names, "forest", "differences"}
    assert {"leaderboard-table", "frontier", "cases", "methods"} <= there
    assert set(names) <= {a.get("id") for _, a in parsed.tags}


def test_prompts_and_settings_are_there(parsed: Parsed) -> None:
    record = parsed.html.split('id="methods"')[1]
    text = (ROOT / "prompts" / "aggregator.menu.md").read_text()
    assert hashlib.sha256(text.encode()).hexdigest() in record
    assert "judge.match" not in record
    for said in ("72:24:3:1", "aspen-large-2026", "menu/1", "TRIPOD-LLM", "for the author"):
        assert said in record


def test_prompts_that_are_not_those_of_the_study_say_so(
    demo_study: tuple[Study, Suite], record: Callable[..., None], tmp_path: Path, parsed: Parsed
) -> None:
    study, suite = demo_study
    few = tuple(e for e in study.ensembles if e.graph == "solo")[:1]
    record(tmp_path, study.model_copy(update={"ensembles": few, "prompts": "0" * 64}), suite)
    assert "NOT those of the study" in report(tmp_path, None)[1]
    assert "NOT those of the study" not in parsed.html
    assert f"digest of its prompts {study.prompts[:16]}" in parsed.html


def test_who_judged_is_named_with_what_they_agree_on(
    demo_study: tuple[Study, Suite], tmp_path: Path, tiny_suite: Suite, parse: Any
) -> None:
    panel = load_judges("three-families")
    study = demo_study[0].model_copy(
        update={
            "suite": tiny_suite.info,
            "suite_digest": suite_digest(tiny_suite),
            "protocol": Protocol(name="plan", form="concise"),
            "matcher": panel.label,
            "judge": panel,
            "ensembles": demo_study[0].ensembles[:3],
        }
    )
    recorder = Recorder(Store(tmp_path / "store.duckdb"), study, tiny_suite)
    labels = [judge.label for judge in panel.judges]
    for place, spec in enumerate(study.ensembles):
        for item in tiny_suite.items():
            votes = tuple(vote(label, 2 + place * (i < 2)) for i, label in enumerate(labels))
            failed = Judgement(panel.label, Outcome.INVALID, "no word")
            whole = failed if item.id == "EndoTiny1" else combine(panel.label, votes, item)
            recorder.add(Answer(spec.name, item.id, 1, Outcome.OK, "", None, (), "e", whole))
    recorder.finish()
    found = parse(report(tmp_path, None)[1])
    shown = " ".join(found.text)
    assert f"by {panel.label}: judges make errors" in shown
    assert "3 of 9 answers were not judged, and have no score." in shown
    assert [text for text in found.text if text.startswith("without ")]
    assert "primum judge check" in shown
    assert "judge.match" in shown
    assert "judged by its own family" not in shown


def vote(judge: str, matched: int) -> Judgement:
    verdicts = tuple(OptionVerdict(o, "full" if o == matched else "none", "e") for o in range(1, 8))
    return Judgement(judge, Outcome.OK, "", verdicts, (JudgedAction(1, "e", "", (matched,)),))


def test_a_study_that_is_not_complete_has_no_report(
    demo_study: tuple[Study, Suite], tmp_path: Path
) -> None:
    study, suite = demo_study
    with pytest.raises(DataError, match="there is no store yet"):
        report(tmp_path, None)
    Recorder(Store(tmp_path / "store.duckdb"), study, suite)
    with pytest.raises(DataError, match="no complete study"):
        report(tmp_path, None)
    with pytest.raises(DataError, match="primum resume"):
        report(tmp_path, study.id)


def test_an_ensemble_that_is_not_there_is_named(workspace: Path) -> None:
    with pytest.raises(UsageError, match="duo: no such ensemble"):
        report(workspace, None, ["duo"])


def test_the_command_writes_a_new_file(workspace: Path, primum: Any, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    done = primum("report", "-o", target, "--workspace", workspace, "--ensemble", "kin")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{target}\n"
    assert target.read_text().startswith("<!doctype html>")
    again = primum("report", "-o", target, "--workspace", workspace)
    assert again.returncode == 3
    assert "exists already" in again.stderr


def test_the_report_of_a_workspace_is_written_again(
    demo_study: tuple[Study, Suite], workspace: Path, primum: Any
) -> None:
    target = workspace / f"report-{demo_study[0].id}.html"
    target.write_text("an older one")
    done = primum("report", "demo", "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{target}\n"
    assert target.read_text().startswith("<!doctype html>")
