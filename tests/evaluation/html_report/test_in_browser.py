"""The report in a real Chromium: what a reader clicks does what it says, offline, without an error."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Page, expect

from primum.agents.specs.model import AgentSpec
from primum.agents.topologies.registry import ensemble_of
from primum.evaluation.html_report.render import report

pytestmark = pytest.mark.long

Open = Callable[..., Any]
DATA = '<script type="application/json" id="data">'


@pytest.fixture(scope="module")
def file(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report(workspace, None)[1], encoding="utf-8")
    return path


def names(page: Page) -> list[str]:
    return page.locator("#leaderboard-table tbody tr:visible .name").all_text_contents()


def near(page: Page, figure: str) -> None:
    """Scroll to a figure, and wait until it is drawn."""
    page.locator(f"#{figure}").scroll_into_view_if_needed()
    page.wait_for_selector(f"#{figure} .canvas[data-drawn] svg.main-svg")


def answers(workspace: Path, sql: str) -> list[Any]:
    with duckdb.connect(workspace / "store.duckdb", read_only=True) as connection:
        return [row[0] for row in connection.execute(sql).fetchall()]


def test_the_board_is_ranked_filtered_and_searched(
    opened: Open, file: Path, workspace: Path
) -> None:
    page = opened(file).page
    by_severity = answers(
        workspace,
        """select ensemble from summaries join ensembles using (study, ensemble)
           where metric = 'Severe_rate' and policy = 'failures_as_empty' and graph <> 'control'
           order by mean, ensemble""",
    )
    page.locator("[data-rank='2026-07/Severe_rate']").click()
    assert sorted(names(page)[:7]) == sorted(by_severity)
    assert page.locator("#metric").input_value() == "2026-07/Severe_rate"
    means = page.locator("#leaderboard-table tbody tr:visible .main .value").all_text_contents()
    assert means[:7] == sorted(means[:7], key=lambda text: float(text.rstrip("%")))

    page.select_option("#by-graph", "panel")
    assert sorted(names(page)) == ["kin", "trio"]
    page.select_option("#by-graph", "")
    page.select_option("#by-family", "sim-birch")
    assert sorted(names(page)) == ["birch-large", "trio"]
    page.fill("#find", "trio")
    assert names(page) == ["trio"]
    page.click("#reset")
    assert len(names(page)) == 12

    page.check("[name=view][value=ends]", force=True)
    assert page.locator("#leaderboard-table tr.group:visible").all_text_contents() == [
        "Best 5",
        "Worst 5",
    ]
    page.get_by_label("Select trio").click()
    page.check("[name=view][value=selected]", force=True)
    assert names(page) == ["trio"]


def test_no_severe_harm_at_all_is_the_best_number_needed_to_harm(
    opened: Open, file: Path, tmp_path: Path
) -> None:
    head, rest = file.read_text().split(DATA)
    data, tail = rest.split("</script>", 1)
    changed = json.loads(data)
    last = [entry for entry in changed["entries"] if not entry["is_team"] and entry["ranked"]][-1]
    last["figures"]["2026-07/Severe_rate"] = [0, 0, 0, 20]
    last["figures"]["v1/NNH"] = [None, None, None, 20]
    harmless = [
        entry["name"]
        for entry in changed["entries"]
        if entry["ranked"] and entry["figures"]["2026-07/Severe_rate"][0] == 0
    ]
    path = tmp_path / "report.html"
    path.write_text(
        f"{head}{DATA}{json.dumps(changed).replace('<', chr(92) + 'u003c')}</script>{tail}"
    )
    page = opened(path).page
    page.select_option("#metric", "v1/NNH")
    assert names(page)[: len(harmless)] == harmless


def test_a_case_counts_what_an_alternative_group_leaves_out_once(
    opened: Open, file: Path, workspace: Path
) -> None:
    with duckdb.connect(workspace / "store.duckdb", read_only=True) as connection:
        found = connection.execute(
            """select item, ensemble, value::int from scores s
               join ensembles using (study, ensemble) where metric = 'Omissions'
               and graph <> 'control' and value < (select count(*) from harms h where kind = 'omission'
               and (h.ensemble, h.item, h.trial) = (s.ensemble, s.item, s.trial)) order by all limit 3"""
        ).fetchall()
    assert found
    for item, ensemble, omissions in found:
        page = opened(file, f"#case={item}&ensemble={ensemble}&trial=1").page
        page.wait_for_selector("#case .options")
        said = page.locator("#case").inner_text().replace("\n", " ")
        assert f"{omissions} omission{'s' if omissions != 1 else ''}" in said


def test_figures_of_some_cases_are_plain_means_without_interval(
    opened: Open, file: Path, workspace: Path
) -> None:
    page = opened(file).page
    page.select_option("#by-specialty", "Cardiology")
    note = page.locator("#leaderboard-note")
    expect(note).to_contain_text("Plain means over the 2 cases of Cardiology")
    expect(note).to_contain_text("without intervals")
    (mean,) = answers(
        workspace,
        """with t as (select item, avg(value) as v from scores where ensemble = 'trio'
             and definition = '2026-07' and metric = 'F1_weighted' group by item)
           select avg(v) from (select base_case, avg(v) as v from t join items using (item)
           where specialty = 'Cardiology' group by base_case)""",
    )
    row = page.locator("#leaderboard-table tr:has(.name:text-is('trio'))")
    assert row.locator(".main .value").text_content() == f"{mean:.3f}"
    assert row.locator(".interval:visible").all_text_contents() in ([], ["", ""])
    page.select_option("#by-category", "Medication")
    expect(note).to_contain_text("harms of Medication options only")
    assert row.locator(".main .value").text_content() == "\N{EN DASH}"  # F1 of a category is none
    assert re.fullmatch(r"\d+\.\d%", row.locator(".severe .value").text_content() or "")


def test_figures_are_drawn_and_published_marks_stand_apart(opened: Open, file: Path) -> None:
    page = opened(file).page
    near(page, "scatter")
    legend = page.locator("#scatter .legendtext")
    assert legend.all_text_contents() == ["teams", "single models"]
    page.check("#published-on")
    expect(page.locator("#published")).to_be_visible()
    expect(legend).to_have_count(4)
    assert "published: NOHARM version 1 (December 2025), menu" in legend.all_text_contents()
    expect(page.locator("#scatter-note")).to_contain_text("not points of this study")
    page.select_option("#scatter-x", "v1/Omissions")
    expect(page.locator("#scatter .xtitle")).to_have_text("Omissions per case")
    for (
        figure
    ) in "frontier failures flows effects shapley_values correlations sizes ceilings".split():
        near(page, figure)
        assert "SIMULATED" in (page.locator(f"#{figure} .canvas").text_content() or "")
    page.select_option("#flows-of", "trio")
    expect(page.locator("#flows .ytick", has_text="aggregator · birch-large")).to_be_visible()


def test_the_case_browser_filters_and_shows_who_said_what(
    opened: Open, file: Path, workspace: Path
) -> None:
    page = opened(file, "#ensemble=trio").page
    page.wait_for_selector("#case .options")
    severe = answers(
        workspace,
        "select distinct item from harms where ensemble = 'trio' and severity = 'severe'",
    )
    missed = answers(
        workspace,
        "select distinct item from attributions where ensemble = 'trio' and len(missed_by) > 0",
    )
    page.click("[data-only=severe]")
    listed = page.locator("#case-list strong")
    assert sorted(listed.all_text_contents()) == sorted(severe)
    page.click("[data-only=missed]")
    assert sorted(listed.all_text_contents()) == sorted(set(severe) & set(missed))
    page.click("[data-only=severe]")
    page.click("[data-only=missed]")
    assert listed.count() == 35

    page.locator("#case-list button", has_text="EndoDemo2").click()
    expect(page.locator("#case h3")).to_have_text("EndoDemo2")
    seats = page.locator("#case .turn summary strong").all_text_contents()
    assert seats == [f"generator-{n}" for n in (1, 2, 3)] + ["critic-1"] * 3 + ["aggregator"]
    assert page.locator("#case .options thead i").all_text_contents() == [
        "G1",
        "G2",
        "G3",
        "C1",
        "A",
    ]
    page.locator("#case .turn summary").first.click()
    assert "Because of 1" in (page.locator("#case .turn .body").first.text_content() or "")
    page.keyboard.press("j")
    expect(page.locator("#case h3")).not_to_have_text("EndoDemo2")


def test_seats_of_different_roles_have_different_marks(
    opened: Open, demo_study: Any, record: Callable[..., None], tmp_path: Path
) -> None:
    study, suite = demo_study
    first, second, third = (AgentSpec(model=name) for name in list(study.models)[:3])
    shapes: list[dict[str, Any]] = [
        {"graph": "relay", "generators": (first,), "guardians": (second, third)},
        {
            "graph": "layers",
            "generators": (first, second),
            "layers": ((first, second),),
            "aggregator": third,
        },
    ]
    ensembles = tuple(ensemble_of(name=shape["graph"], **shape) for shape in shapes)
    record(tmp_path, study.model_copy(update={"ensembles": ensembles}), suite)
    path = tmp_path / "report.html"
    path.write_text(report(tmp_path, None)[1], encoding="utf-8")
    page = opened(path, "#ensemble=relay").page
    marks = page.locator("#case .options thead i")
    expect(marks).to_have_text(["G1", "U1", "U2"])
    page.locator("#case .others button", has_text="layers").click()
    expect(marks).to_have_text(["G1", "G2", "A2.1", "A2.2", "A"])


def test_a_link_restores_what_it_says(opened: Open, file: Path, workspace: Path) -> None:
    page = opened(file, "#case=GIDemo1-1&ensemble=kin&trial=1").page
    expect(page.locator("#case h3")).to_have_text("GIDemo1-1")
    assert page.locator("#case-ensemble").input_value() == "kin"
    stored = answers(
        workspace,
        "select kind from harms where ensemble = 'kin' and item = 'GIDemo1-1'",
    )
    assert page.locator("#case .options .harm").count() == len(stored)
    page.locator("#case .others button", has_text="aspen-small").click()
    expect(page.locator("#case .case-meta")).to_contain_text("answered by aspen-small")
    again = opened(file, page.url.split(".html")[1]).page
    expect(again.locator("#case .case-meta")).to_contain_text("answered by aspen-small")
    expect(again.locator("#case h3")).to_have_text("GIDemo1-1")


def test_it_fits_a_small_dark_screen(opened: Open, file: Path) -> None:
    page = opened(file, viewport={"width": 390, "height": 800}, color_scheme="dark").page
    for part in ("leaderboard", "differences", "teams", "cases", "methods"):
        page.locator(f"#{part}-title").scroll_into_view_if_needed()
        assert page.evaluate("document.documentElement.scrollWidth") == 390, part
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(17, 21, 26)"
    page.click("#theme")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_board_and_differences_can_be_read_without_scripts(opened: Open, file: Path) -> None:
    page = opened(file, java_script_enabled=False).page
    assert len(names(page)) == 12
    assert page.locator("#forest tbody tr:visible").count() == 6
    assert page.locator(".tools:visible").count() == 0
    expect(page.locator("noscript .note, #cases .note").first).to_contain_text("JavaScript")
