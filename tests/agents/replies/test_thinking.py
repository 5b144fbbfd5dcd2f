"""agents/replies/thinking.py: what a model thought is taken out of its reply, and nothing else."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.agents.replies.thinking import separate_thinking

ANSWER = json.dumps([{"Option": 1, "GradeAI": "Appropriate", "Rationale": "Why."}])
PLAN = "1. [now] Order an ECG. Why: chest pain\n2. [routine] Recheck in a week."
DRAFT = '```json\n[{"Option": 1, "GradeAI": "Inappropriate"}]\n```'
OPENED = [
    ("<think>", "</think>"),
    ("<THINK>", "</Think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ('<think duration="3">', "</think>"),
    ("< think >", "</ think>"),
    ("&lt;think&gt;", "&lt;/think&gt;"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought", "<channel|>"),
    ("\u25c1think\u25b7", "\u25c1/think\u25b7"),
    ('<details type="reasoning" done="true">', "</details>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>"),
    ("analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ("analysis", "assistantfinal"),
    ("assistantanalysis", "assistantfinal"),
    ("analysis ", " assistant final "),
    ("analysisWe look.assistantcommentary", "assistantfinal"),
    ("Here is my thought process:\n", "\nHere is my response:\n"),
]  # fmt: skip
# Thinking that has its closing tag only; the opening one was part of the prompt.
CLOSED_ALONE = [close for open_, close in OPENED[:12] if "start" not in close] + [
    "<|end|><|start|>assistant<|channel|>final<|message|>",
    "assistantfinal",
]
THOUGHTS = ["Hm.", "Option 7 is risky.\nSo no.", f"Draft:\n{DRAFT}\nNo, again.", f"{PLAN}\nNo."]


@pytest.mark.parametrize(("open_", "close"), OPENED)
@pytest.mark.parametrize("answer", [ANSWER, PLAN, f"```json\n{ANSWER}\n```"])
@pytest.mark.parametrize("thought", THOUGHTS)
def test_what_stands_between_the_tags_is_thinking(
    open_: str, close: str, answer: str, thought: str
) -> None:
    for gap in ("", "\n", "\n\n"):
        text, thinking = separate_thinking(f"{open_}{thought}{gap}{close}{gap}{answer}")
        assert text == answer
        assert thought.rsplit(maxsplit=1)[-1] in thinking


@pytest.mark.parametrize("close", CLOSED_ALONE)
@pytest.mark.parametrize("answer", [ANSWER, PLAN])
@pytest.mark.parametrize("thought", THOUGHTS)
def test_a_closing_tag_alone_ends_thinking(close: str, answer: str, thought: str) -> None:
    assert separate_thinking(f"{thought}\n{close}\n\n{answer}") == (answer, thought)


@pytest.mark.parametrize(("open_", "close"), OPENED)
def test_a_tag_left_open_leaves_no_advice(open_: str, close: str) -> None:
    capital = f"{open_}We look. {PLAN}\n{ANSWER}"
    if open_ in {"analysis ", "analysis<|message|>"}:
        return  # could be the first word of a reply, or is no whole token
    assert separate_thinking(capital).text == ""
    assert separate_thinking(f"{open_}We look.{close}").text == ""


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (f"<think>a<think>b</think>c</think>{ANSWER}", ANSWER),
        (f"<think>\na\n<think>\nb\n</think>\nc\n</think>\n{ANSWER}", ANSWER),
        (f"<think>a <reasoning>b</reasoning> c</think>{ANSWER}", ANSWER),
        (f"<think>a <reasoning>b</think>{ANSWER}", ANSWER),
        (f"<thinking>a</think>{ANSWER}", ANSWER),
        ("<think>a <think>b</think> then c", ""),
        (f"<think>a</think>b</think>{ANSWER}", ANSWER),
        (f"<think></think>{ANSWER}", ANSWER),
        (f"<think>\n\n</think>\n\n{ANSWER}", ANSWER),
        (f"<think/>{ANSWER}", ANSWER),
        (f"<think>a</think>{ANSWER}<think>b</think>", ANSWER),
        (f"Let me see.\n<think>a</think>\n{ANSWER}", f"Let me see.\n{ANSWER}"),
        (f"{ANSWER}\n<think>Was that right?", ANSWER),
        (f"{ANSWER}\n</think>", ""),
        (f"```json\n<think>a</think>\n{ANSWER}\n```", f"```json\n{ANSWER}\n```"),
        (f"<think>a <details><summary>b</summary>c</details> d</think>{ANSWER}", ANSWER),
        (f"<think>a</think><answer>{ANSWER}</answer>", ANSWER),
        (f"<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>\n{PLAN}\n<|end_of_solution|>", PLAN),
        (f"<think>The tag </think> closes.</think>{ANSWER}", ANSWER),
        (f"<think>It ends with `</think>` later: {DRAFT}</think>{ANSWER}", ANSWER),
        ('<think>[{"Option": 1, "Rationale": "It is </think>\n' + ANSWER, ANSWER),
        ("<think>[{'Option': 1, 'Rationale': 'It is </think>\n" + ANSWER, ANSWER),
        (f"analysisA.assistantfinal{DRAFT}assistantanalysisB.assistantfinal{ANSWER}", f"{DRAFT}\n{ANSWER}"),
        (f"<|channel|>commentary to=functions.grade <|constrain|>json<|message|>{DRAFT}<|call|>", ""),
        (f"<|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>", ANSWER),
        (f"<|channel|>final<|message|>{ANSWER}", ANSWER),
        (f"<|channel|>final{ANSWER}", ANSWER),
        (f"<|start|>assistant<|message|>{ANSWER}<|end|>", ANSWER),
        (f"<|channel|>analysis<|message|>a<|end|>{ANSWER}", ""),
        ("<think>", ""),
        ("</think>", ""),
    ],
)  # fmt: skip
def test_nested_and_repeated_thinking(reply: str, text: str) -> None:
    assert separate_thinking(reply).text == text


QUOTED = [
    json.dumps([{"Option": 1, "GradeAI": "Appropriate", "Rationale": f"It says {tag} there."}])
    for tag in ("<think>", "</think>", "[THINK]", "assistantfinal", "<|channel|>final<|message|>")
]
UNCHANGED = [
    ANSWER,
    PLAN,
    "",
    "  \n",
    *QUOTED,
    *(f"Here it is: {reply}" for reply in QUOTED),
    *(f"```json\n{reply}\n```" for reply in QUOTED),
    *(reply.replace('"', "'") for reply in QUOTED),
    *(re.sub('"([^"]*)"', "\u201c\\1\u201d", f"So: {reply}") for reply in QUOTED),
    *(json.dumps(reply) for reply in QUOTED),
    "1. Write `<think>` in the note.\n2. Recheck.",
    "1. Write `the tag </think> here` in the note.",
    '1. Write "<think>" in the note.',
    "1. Write '</think>' in the note.",
    "1. I think that <5 mg is enough; think > treat.",
    "Analysis of the case: anaemia. 1. Order ferritin.",
    "analysis of the case: anaemia. 1. Order ferritin.",
    "Final plan: 1. Order ferritin.",
    "Commentary: none. 1. Order ferritin.",
    "<details><summary>Doses</summary>5 mg</details> 1. Start A.",
    "<answer>1. Start A.</answer>",
]


@pytest.mark.parametrize("reply", UNCHANGED)
def test_a_reply_that_only_quotes_a_tag_or_has_none_is_left_as_it_is(reply: str) -> None:
    assert separate_thinking(reply) == (reply, "")


PIECES = st.sampled_from(
    [tag for pair in OPENED for tag in pair] + ["\n", '"', "`", "'", ": ", "[{", "}]", "a", "B c."]
)


@given(st.lists(PIECES, max_size=12), st.lists(PIECES, max_size=4))
def test_nothing_crashes_and_nothing_is_invented(before: list[str], after: list[str]) -> None:
    reply = "".join([*before, "SECRET-THOUGHT", *after])
    text, thinking = separate_thinking(reply)
    assert {*text} <= {*reply, "\n"}
    assert len(text) + len(thinking) <= len(reply) + len(before) + len(after) + 2


@given(st.lists(st.sampled_from(["<think>", "</think>", "\n", "a", "B c."]), max_size=12))
def test_what_stands_before_the_last_closing_tag_is_never_advice(pieces: list[str]) -> None:
    """The slow and obvious rule for tags of one name that nothing quotes."""
    reply = "".join([*pieces, "THOUGHT</think>", "ANSWER"])
    text, thinking = separate_thinking(reply)
    assert "THOUGHT" not in text
    assert "THOUGHT" in thinking
    opened = 0
    for piece in [*pieces, "</think>"]:
        opened = max(0, opened + {"<think>": 1, "</think>": -1}.get(piece, 0))
    assert ("ANSWER" in text) is (opened == 0)


@pytest.mark.parametrize(
    "unit",
    ["<think>", "</think>", "<think", "<think ", "<", "[", '"', "`", "<details ", "assistantfinal",
     "<|channel|>", "<|", "analysis ", "\\", "'<think>'", '{"a": "<think>', " "],
)  # fmt: skip
def test_half_a_megabyte_of_anything_takes_seconds(unit: str) -> None:
    reply = unit * (500_000 // len(unit))
    began = time.process_time()
    separate_thinking(reply)
    assert time.process_time() - began < 5
