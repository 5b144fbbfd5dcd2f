"""agents/judges/panel.py: files of judges, what they are called, and the majority of their votes."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.judges.bound_forms import matching_form, review_form
from primum.agents.judges.panel import (
    builtin_judges,
    combine,
    judge_answer,
    load_judges,
)
from primum.agents.models.litellm_setup import load_litellm
from primum.agents.models.outcomes import Outcome
from primum.agents.turns.transcript import VERDICTS, JudgedAction, Judgement, OptionVerdict, Verdict
from primum.cases.model import Item, Suite
from primum.core.errors import DataError

GOOD = """name: wood
models:
  oak: {id: x/oak, family: gpt, access: open}
  elm: {id: x/elm, family: llama, access: open}
  ash: {id: x/ash, family: llama, access: open}
judges:
  - {matcher: oak, reviewer: elm}
  - matcher: elm
    reviewer: {model: ash, params: {temperature: 0}}
  - {matcher: ash}
"""
BAD = [
    ("x/oak", "sim/oak", 3, "models.oak.id: sim/oak: a simulated clinician is no judge"),
    ("matcher: oak,", "matcher: yew,", 7, "judges[0].matcher: the matcher is yew, not one of oak"),
    ("reviewer: elm", "reviewer: yew", 7, "judges[0].reviewer: the reviewer is yew"),
    ("{matcher: ash}", "{matcher: oak, reviewer: elm}", 10, "judges[2]: oak+elm is there twice"),
    ("matcher: elm", "critic: elm", 8, "judges[1].critic: no such field"),
    ("{matcher: ash}", "{reviewer: ash}", 10, "judges[2].matcher"),
    ("judges:", "ensembles:", 6, "ensembles: no such field"),
    (GOOD[GOOD.index("judges:") :], "judges: []\n", 6, "judges"),
    ("name: wood", "name: the wood", 1, "name"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "wood.yaml"


@pytest.fixture
def item(tiny_suite: Suite) -> Item:
    return next(tiny_suite.items())


@pytest.mark.parametrize(("old", "new", "line", "words"), BAD)
def test_a_bad_panel_of_judges_is_refused_with_its_place(
    old: str, new: str, line: int, words: str, file: Path
) -> None:
    assert GOOD.count(old) == 1
    file.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(DataError) as caught:
        load_judges(str(file))
    assert str(caught.value).startswith(f"{file}:{line}: {words}")
    assert "\n" not in str(caught.value)


def test_a_panel_of_judges_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(DataError, match=r"nobody: no such panel of judges; .*published-pair"):
        load_judges("nobody")


def test_names_families_and_notes(file: Path) -> None:
    file.write_text(GOOD)
    panel = load_judges(str(file))
    first, second, third = (spec.label for spec in panel.judges)
    assert (first, third) == ("oak+elm", "ash")
    assert second.startswith("elm+ash~")
    assert panel.families == {"gpt", "llama"}
    assert panel.judges_of_own_family({"gpt", "claude"}) == (first,)
    assert panel.judges_of_own_family({"llama"}) == (first, second, third)
    assert panel.judges_of_own_family({"claude"}) == ()
    assert panel.notes() == (f"judge {second}: matcher and reviewer are of one family (llama)",)


def test_a_model_that_does_not_judge_is_of_no_consequence(file: Path) -> None:
    file.write_text(
        GOOD.replace("models:", "models:\n  fir: {id: x/fir, family: qwen, access: open}")
    )
    assert "qwen" not in load_judges(str(file)).families


def test_a_shared_matcher_is_said(file: Path) -> None:
    file.write_text(GOOD.replace("{matcher: ash}", "{matcher: oak}"))
    assert any("oak matches for 2 judges" in note for note in load_judges(str(file)).notes())


def label_of(text: str, file: Path) -> str:
    file.write_text(text)
    return load_judges(str(file)).label


def test_the_label_follows_from_who_judges_and_from_nothing_else(file: Path) -> None:
    label = label_of(GOOD, file)
    assert label.startswith("judge:wood/1~")
    assert label_of(f"note: other\ncost: none\n{GOOD}", file) == label
    for old, new in (("x/ash", "x/ash2"), ("temperature: 0", "temperature: 1"), ("{matcher: ash}", "{matcher: oak}")):  # fmt: skip
        assert label_of(GOOD.replace(old, new), file) != label


@pytest.mark.parametrize("name", builtin_judges())
def test_a_ready_panel_loads_with_its_note_and_cost(name: str) -> None:
    panel = load_judges(name)
    assert panel.name == name
    assert panel.note
    assert panel.cost


def test_what_the_ready_panels_promise() -> None:
    assert set(builtin_judges()) == {"published-pair", "three-families", "local"}
    assert load_judges("published-pair").families == {"gemini"}
    assert "one family" in load_judges("published-pair").notes()[0]
    three = load_judges("three-families")
    assert len(three.judges) == len(three.families) == 3
    assert three.notes() == ()
    assert all(len(three.judges_of_own_family({family})) == 2 for family in three.families)
    assert all(model.access == "open" for model in load_judges("local").models.values())


MODELS = [(name, model) for name in builtin_judges() for model in load_judges(name).models]


@pytest.mark.filterwarnings("ignore:.*ReadOnly:UserWarning")  # LiteLLM's own, for Ollama
@pytest.mark.parametrize(("name", "model"), MODELS)
def test_litellm_knows_a_judge_its_key_its_price_and_its_parameters(
    name: str, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    litellm = load_litellm()
    panel = load_judges(name)
    spec = panel.models[model]
    listed = litellm.model_cost[spec.id.replace("ollama_chat/", "ollama/")]
    assert listed.get("output_cost_per_token") or spec.price
    bare, provider, *_ = litellm.get_llm_provider(spec.id)
    if spec.key_env:
        monkeypatch.delenv(spec.key_env, raising=False)
        wanted = litellm.validate_environment(spec.id)["missing_keys"]
        assert not wanted or spec.key_env in wanted
    else:
        assert spec.api_base
    for judge in panel.judges:
        asked = panel.judge_of(judge)
        for agent in (asked.matcher, asked.reviewer):
            if agent and agent.model == spec:
                form = (review_form if agent.role == "reviewer" else matching_form)([1])
                params = agent.request((), 1, form).params
                taken = litellm.get_optional_params(bare, custom_llm_provider=provider, **params)
                passed_on = "overrides" in str(taken) or "matches" in str(taken)
                assert passed_on == agent.spec.reply_form(spec).bound


def vote(judge: str, verdicts: list[Verdict], **more: Any) -> Judgement:
    said = [
        OptionVerdict(n, verdict, "" if verdict == "none" else f"{judge} on {n}")
        for n, verdict in enumerate(verdicts, 1)
    ]
    matched = tuple(v.option for v in said if v.verdict != "none")
    actions = (JudgedAction(1, f"what {judge} read", "Multiple", matches=matched),)
    return Judgement(judge, Outcome.OK, verdicts=tuple(said), actions=actions, **more)


def failed(judge: str, outcome: Outcome = Outcome.TIMEOUT) -> Judgement:
    return Judgement(judge, outcome, f"judge {judge}, match: {outcome.value}")


N, P, F = VERDICTS


def test_the_majority_decides_and_a_tie_goes_to_the_lower_verdict(item: Item) -> None:
    a = vote("a", [N, N, F, P, F, N, N])
    b = vote("b", [N, P, F, F, N, N, F], overridden=(4,))
    c = vote("c", [N, F, N, F, N, N, F], overridden=(2, 4))
    of_three = combine("p", [a, b, c], item)
    assert [v.verdict for v in of_three.verdicts] == [N, P, F, F, N, N, F]
    assert [v.evidence for v in of_three.verdicts] == [
        "",
        "b on 2",
        "a on 3",
        "b on 4",
        "",
        "",
        "b on 7",
    ]
    assert of_three.actions == (JudgedAction(1, "what b read", "Multiple", (2, 3, 4, 7)),)
    assert of_three.overridden == (2, 4)
    of_two = combine("p", [b, c], item)
    assert [v.verdict for v in of_two.verdicts] == [N, P, N, F, N, N, F]
    assert of_two.actions[0].matches == (2, 4, 7), "b and c agree with it as often: b is first"


def test_actions_follow_the_verdicts_of_the_panel(item: Item) -> None:
    near, b, c = vote("a", [N, F, F, F, N, N, N]), vote("b", [F, N, N, F, N, N, N]), vote("c", [F, N, F, F, N, N, N])  # fmt: skip
    joint = combine("p", [near, b, c], item)
    assert [v.option for v in joint.verdicts if v.verdict == F] == [1, 3, 4]
    assert [(a.action, a.matches) for a in joint.actions] == [("what c read", (1, 3, 4))]
    lone = combine("p", [vote("a", [F, N, N, N, N, N, N]), vote("b", [F, F, N, N, N, N, N]), vote("c", [N, F, N, N, N, N, N])], item)  # fmt: skip
    assert [(a.action, a.matches) for a in lone.actions] == [("what b read", (1, 2))]


def test_an_option_that_the_nearest_judge_did_not_match_gets_an_action(item: Item) -> None:
    votes = [vote("a", [F, F, F, N, N, N, N]), vote("b", [F, F, N, F, N, N, N]), vote("c", [N, N, F, F, N, N, N])]  # fmt: skip
    joint = combine("p", votes, item)
    assert [(a.number, a.action, a.matches) for a in joint.actions] == [
        (1, "what a read", (1, 2, 3)),
        (2, "b on 4", (4,)),
    ]


@pytest.mark.parametrize(
    ("judged", "lost", "outcome"), [(3, 0, "ok"), (2, 1, "ok"), (1, 2, "invalid"), (1, 1, "invalid"), (0, 3, "invalid"), (1, 0, "ok"), (0, 0, "invalid")]
)  # fmt: skip
def test_most_of_the_judges_must_judge(judged: int, lost: int, outcome: str, item: Item) -> None:
    votes = [vote(f"j{n}", [F] * 7) for n in range(judged)]
    votes += [failed(f"a{n}", Outcome.INVALID if n == 0 else Outcome.TIMEOUT) for n in range(lost)]
    joint = combine("p", votes, item)
    assert joint.outcome == outcome
    assert bool(joint.verdicts) == bool(joint.actions) == (outcome == "ok")
    assert len(joint.votes) == judged + lost
    if outcome != "ok" and lost > 1:
        assert joint.reason == "; ".join(v.reason for v in sorted(votes, key=lambda v: v.judge) if v.reason)  # fmt: skip


def test_verdicts_rest_on_those_that_judged(item: Item) -> None:
    joint = combine("p", [vote("a", [F] * 7), failed("b"), vote("c", [P] * 7)], item)
    assert {v.verdict for v in joint.verdicts} == {P}
    assert joint.reason == ""


words = st.lists(st.sampled_from(VERDICTS), min_size=7, max_size=7)


@given(st.lists(st.none() | words, min_size=1, max_size=4))
def test_the_order_of_votes_changes_nothing(said: list[Any]) -> None:
    item = SEVEN
    votes = [vote(f"j{n}", w) if w else failed(f"j{n}") for n, w in enumerate(said)]
    joint = combine("p", votes, item)
    for order in itertools.permutations(votes):
        assert combine("p", order, item) == joint
    judged = [w for w in said if w]
    for position, verdict in enumerate(joint.verdicts):
        least = sum(VERDICTS.index(w[position]) <= VERDICTS.index(verdict.verdict) for w in judged)
        below = sum(VERDICTS.index(w[position]) < VERDICTS.index(verdict.verdict) for w in judged)
        assert 2 * least >= len(judged) > 2 * below


async def test_a_ledger_that_cannot_be_used_is_no_verdict(item: Item) -> None:
    async def broken(*_: Any) -> Any:
        raise DataError("the ledger cannot be used")

    with pytest.raises(DataError):
        await judge_answer(load_judges("local"), item, "Order test A", broken)


SEVEN = Item.model_validate(
    {
        "id": "x",
        "presentation": "?",
        "case": {
            "id": "x",
            "case": {"presentation": "?"},
            "options": tuple(
                {"id": n, "text": f"o{n}", "category": "Diagnostic", "score": 5}
                for n in range(1, 8)
            ),
        },
    }
)
