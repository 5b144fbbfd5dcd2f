"""agents/replies/objections.py: objections as critics write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.replies.objections import Objection, extract_objections
from primum.tests.agents.replies.written import ACTION, WORD

OBJECTION = st.tuples(
    st.sampled_from(["add", "remove", "change"]), ACTION, st.lists(WORD, min_size=1).map(" ".join)
)


@given(
    st.lists(OBJECTION, min_size=1, max_size=8),
    st.sampled_from(
        ["{n}. {K}: {a} - {w}", "{n}) **{K}:** {a} — {w}", "- [{K}] {a} \u2013 {w}", "{K}: {a} - {w}",
         "**{n}.** {K} - {a}. Why: {w}", "* {k}: {a}\n  Rationale: {w}"]
    ),
    st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_objections_that_were_written_are_drawn_again(
    said: list[tuple[str, str, str]], form: str, ending: str
) -> None:
    reply = "\n".join(
        form.format(n=n, k=kind, K=kind.upper(), a=action, w=why)
        for n, (kind, action, why) in enumerate(said, 1)
    )
    drawn = extract_objections(reply.replace("\n", ending))
    assert [(o.kind, o.action.rstrip("."), o.why) for o in drawn] == said


@pytest.mark.parametrize(
    "reply",
    ["", "No change.", "**No change.**", "no changes", "1. No change.", "No change. The draft is safe.", " No objections.\n"],
)  # fmt: skip
def test_a_critic_who_would_change_nothing_has_no_objection(reply: str) -> None:
    assert extract_objections(reply) == ()


def test_kinds_may_stand_in_headings_and_what_has_none_is_a_note() -> None:
    reply = (
        "The draft is good.\n\n### ADD\n- CT - pain\n- ECG\nREMOVE:\n- A\n\n**Others**\n- too long"
    )
    assert extract_objections(reply) == (
        Objection("add", "CT", "pain"),
        Objection("add", "ECG", ""),
        Objection("remove", "A", ""),
        Objection("note", "too long", ""),
    )


def test_a_range_is_no_dash_and_a_change_says_to_what() -> None:
    assert extract_objections("1. CHANGE: A 5 - 10 mg - to 5 mg - renal\n2. Add-on B is due") == (
        Objection("change", "A 5 - 10 mg", "to 5 mg - renal"),
        Objection("note", "Add-on B is due", ""),
    )
