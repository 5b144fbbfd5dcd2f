"""Messages of each kind as models, servers and gateways send them, and what each comes to.

Options 2 to 5 of the menu of seven are appropriate; what a model thinks says the opposite.
"""

import json
import re
from typing import Any, NamedTuple

from primum.agents.models.outcomes import Outcome
from primum.agents.replies.reader import Normalised

N = Normalised
RIGHT = {option: option in {2, 3, 4, 5} for option in range(1, 8)}
WORD = {True: "Appropriate", False: "Inappropriate"}
ROWS: list[dict[str, Any]] = [
    {"Option": option, "GradeAI": WORD[yes], "Rationale": "Because."} for option, yes in RIGHT.items()
]  # fmt: skip
GOOD = json.dumps(ROWS)
DRAFT = json.dumps([{**row, "GradeAI": WORD[not RIGHT[row["Option"]]]} for row in ROWS])
CUT = GOOD[:300]
PLAN = (
    "1. [today] Order serum ferritin. Why: anaemia\n2. [this week] Start metoprolol 25 mg. Why: rate\n"
    "3. [routine] Refer to cardiology. Why: murmur\n4. [routine] Recheck potassium. Why: safety"
)
THOUGHT = "I could start warfarin 5 mg now. Start warfarin 5 mg? No.\n1. Start warfarin 5 mg\n"
FINAL = "<|end|><|start|>assistant<|channel|>final<|message|>"


class Kind(NamedTuple):
    """A message, and what is right to make of it.

    Attributes:
        message: of a chat completion; a text is its content.
        changes: what the tolerant reader normalises.
        outcome: by the tolerant reader; OK means that the grades are right.
        finish: the finish reason.
    """

    message: Any
    changes: tuple[Normalised, ...] = ()
    outcome: Outcome = Outcome.OK
    finish: str | None = "stop"

    @property
    def body(self) -> bytes:
        """The answer of the endpoint."""
        message = self.message if isinstance(self.message, dict) else {"content": self.message}
        choice = {
            "index": 0,
            "finish_reason": self.finish,
            "message": {"role": "assistant", **message},
        }
        usage = {"prompt_tokens": 300, "completion_tokens": 200, "total_tokens": 500}
        return json.dumps({"id": "c", "model": "served", "choices": [choice], "usage": usage}).encode()  # fmt: skip


def rows(**change: Any) -> str:
    """The reply with fields made of each row's: `Option=str` writes the numbers as texts."""
    changed = [{**row, **{k: make(row[k]) for k, make in change.items()}} for row in ROWS]
    return json.dumps(changed)


def graded(word: str) -> str:
    """The reply with another grade of option 1."""
    return json.dumps([{**ROWS[0], "GradeAI": word}, *ROWS[1:]])


def parts(*said: tuple[str, str]) -> list[dict[str, Any]]:
    """A content in parts; a thinking part holds parts of its own, as Mistral's does."""
    return [
        {"type": kind, kind: [{"type": "text", "text": text}] if kind == "thinking" else text}
        for kind, text in said
    ]


def tool_call(arguments: str) -> list[dict[str, Any]]:
    """The tool calls of a message."""
    return [{"id": "t", "type": "function", "function": {"name": "f", "arguments": arguments}}]


DRAFTED = f"Draft:\n```json\n{DRAFT}\n```\nNo, again."
THINKING = {
    "think, content only": Kind(f"<think>\nOption 7 is risky. So no.\n</think>\n\n{GOOD}"),
    "think beside a null (vLLM)": Kind({"content": f"<think>\nHm {{x}}.\n</think>\n\n{GOOD}", "reasoning_content": None}),
    "think beside the same": Kind({"content": f"<think>Hm.</think>{GOOD}", "reasoning_content": "Hm."}),
    "closing tag alone (Qwen3, R1)": Kind(f"Option 7 is risky. So no.\n</think>\n\n{GOOD}"),
    "fenced draft": Kind(f"<think>\n{DRAFTED}\n</think>\n```json\n{GOOD}\n```"),
    "fenced draft, closing tag alone": Kind(f"{DRAFTED}\n</think>\n```json\n{GOOD}\n```"),
    "draft as Python": Kind(f"<think>{json.loads(DRAFT)}</think>\n{GOOD}"),
    "nested": Kind(f"<think>a <think>{DRAFT}</think> b</think>{GOOD}"),
    "twice": Kind(f"<think>{DRAFT}</think>\n<think>Again.</think>\n{GOOD}"),
    "at the end": Kind(f"{GOOD}\n<think>{DRAFT}?</think>"),
    "empty": Kind(f"<think>\n\n</think>\n\n{GOOD}"),
    "other names": Kind(f"<reasoning>{DRAFT}</reasoning><answer>{GOOD}</answer>"),
    "Magistral's tags": Kind(f"[THINK]{DRAFT}[/THINK]{GOOD}"),
    "Kimi's": Kind(f"\u25c1think\u25b7{DRAFT}\u25c1/think\u25b7{GOOD}"),
    "Seed's": Kind(f"<seed:think>{DRAFT}</seed:think>{GOOD}"),
    "Command's": Kind(f"<|START_THINKING|>{DRAFT}<|END_THINKING|><|START_RESPONSE|>{GOOD}<|END_RESPONSE|>"),
    "Phi's": Kind(f"<|begin_of_thought|>{DRAFT}<|end_of_thought|><|begin_of_solution|>{GOOD}<|end_of_solution|>"),
    "Granite's": Kind(f"Here is my thought process:\n{DRAFT}\nHere is my response:\n{GOOD}"),
    "Gemma's": Kind(f"<|channel>thought\n{DRAFT}<channel|>{GOOD}"),
    "channels (gpt-oss)": Kind(f"<|channel|>analysis<|message|>{DRAFT}{FINAL}{GOOD}<|return|>"),
    "channels, JSON announced": Kind(f"<|channel|>analysis<|message|>{DRAFT}{FINAL.replace('<|message', ' <|constrain|>json<|message')}{GOOD}"),
    "channel words glued": Kind(f"analysisWe grade each option.assistantfinal{GOOD}"),
    "channel words glued, draft": Kind(f"analysisPerhaps {DRAFT}.assistantcommentaryNo.assistantfinal{GOOD}"),
    "parts (Mistral)": Kind(parts(("thinking", DRAFT), ("text", GOOD))),
    "parts, the text in two": Kind(parts(("thinking", DRAFT), ("text", GOOD[:99]), ("text", GOOD[99:]))),
    "reasoning_content (DeepSeek)": Kind({"content": GOOD, "reasoning_content": DRAFT}),
    "reasoning (OpenRouter)": Kind({"content": GOOD, "reasoning": DRAFT, "reasoning_details": [{"type": "reasoning.text", "text": DRAFT}]}),
    "thinking blocks": Kind({"content": GOOD, "thinking_blocks": [{"type": "thinking", "thinking": DRAFT}]}),
    "quoted tag": Kind(rows(Rationale=lambda _: "It writes </think> there.")),
    "all thinking": Kind(f"<think>{DRAFT}", outcome=Outcome.EMPTY),
    "all thinking, closed": Kind(f"<think>{DRAFT}</think>", outcome=Outcome.EMPTY),
    "all thinking, cut off": Kind(f"<think>{DRAFT}", outcome=Outcome.TRUNCATED, finish="length"),
    "all thinking, apart": Kind({"content": "", "reasoning_content": DRAFT}, outcome=Outcome.EMPTY),
    "only analysis": Kind(f"<|channel|>analysis<|message|>{DRAFT}<|end|>", outcome=Outcome.EMPTY),
}  # fmt: skip
FORMS = {
    "as asked": Kind(GOOD),
    "finish empty": Kind(GOOD, finish=""),
    "finish null": Kind(GOOD, finish=None),
    "fence": Kind(f"```json\n{GOOD}\n```"),
    "fence in capitals": Kind(f"```JSON\n{GOOD}\n```", (N.CODE_FENCE,)),
    "fence glued": Kind(f"```json\n{GOOD}```", (N.CODE_FENCE,)),
    "fence with a space": Kind(f"``` json\n{GOOD}\n```", (N.CODE_FENCE,)),
    "fence left open": Kind(f"```json\n{GOOD}\n", (N.CODE_FENCE,)),
    "comma after the last": Kind(f"{GOOD[:-1]},]", (N.TRAILING_COMMA,)),
    "comments": Kind(GOOD.replace("}, {", "}, // graded\n {", 1), (N.COMMENT,)),
    "Python": Kind(repr(ROWS), (N.QUOTES,)),
    "Python's None": Kind(repr([{**row, "Rationale": None} for row in ROWS]), (N.PYTHON, N.QUOTES, N.RATIONALE)),
    "curly quotation marks": Kind(re.sub('"([^"]*)"', "\u201c\\1\u201d", GOOD), (N.QUOTES,)),
    "number as a text": Kind(rows(Option=str), (N.NUMBER,)),
    "number with its word": Kind(rows(Option=lambda n: f"Option {n}"), (N.NUMBER,)),
    "number as a fraction": Kind(rows(Option=float), (N.NUMBER,)),
    "grade in lower case": Kind(rows(GradeAI=str.lower), (N.GRADE,)),
    "grade with a stop": Kind(rows(GradeAI=lambda g: f"{g}."), (N.GRADE,)),
    "grade with a space": Kind(rows(GradeAI=lambda g: f"{g} "), (N.GRADE,)),
    "grade not": Kind(graded("Not appropriate"), (N.GRADE,)),
    "keys in lower case": Kind(json.dumps([{k.lower(): v for k, v in row.items()} for row in ROWS]), (N.KEY,)),
    "an extra key": Kind(json.dumps([{**row, "Category": "Diagnostic"} for row in ROWS]), (N.EXTRA_KEY,)),
    "null rationales": Kind(rows(Rationale=lambda _: None), (N.RATIONALE,)),
    "wrapped (JSON mode)": Kind(json.dumps({"answers": ROWS}), (N.WRAPPER,)),
    "wrapped twice": Kind(json.dumps({"result": {"grades": ROWS}}), (N.WRAPPER,)),
    "by option": Kind(json.dumps({str(n): WORD[yes] for n, yes in RIGHT.items()}), (N.BY_OPTION,)),
    "byte order mark": Kind(f"\ufeff{GOOD}", (N.SPACE,)),
    "no-break spaces": Kind(GOOD.replace("}, ", "},\u00a0"), (N.SPACE,)),
    "JSON Lines": Kind("\n".join(map(json.dumps, ROWS)), (N.NO_ARRAY,)),
    "encoded twice": Kind(json.dumps(GOOD), (N.ENCODED_TWICE,)),
    "prose before": Kind(f"Here is the assessment:\n\n{GOOD}", (N.TEXT_AROUND,)),
    "prose after": Kind(f"{GOOD}\n\nI hope that this helps.", (N.TEXT_AROUND,)),
    "twice alike": Kind(f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", (N.CODE_FENCE, N.REPEATED)),
    "in a tool call": Kind({"content": None, "tool_calls": tool_call(json.dumps({"grades": ROWS}))}, (N.WRAPPER,), finish="tool_calls"),
    "content as JSON": Kind({"content": ROWS}),
    "two that differ": Kind(f"```json\n{DRAFT}\n```\n```json\n{GOOD}\n```", outcome=Outcome.INVALID),
    "an option missing": Kind(json.dumps(ROWS[:-1]), outcome=Outcome.INVALID),
    "neither": Kind(graded("Uncertain"), outcome=Outcome.INVALID),
    "cut off without a word": Kind(CUT, outcome=Outcome.INVALID),
    "prose": Kind("All are appropriate except options 1, 6 and 7.", outcome=Outcome.INVALID),
    "a refusal in prose": Kind("I will not advise on this.", outcome=Outcome.REFUSAL),
    "a refusal of its own": Kind({"content": None, "refusal": "I will not."}, outcome=Outcome.REFUSAL),
    "cut off": Kind(CUT, outcome=Outcome.TRUNCATED, finish="length"),
    "network_error (GLM)": Kind(CUT, outcome=Outcome.PROVIDER_ERROR, finish="network_error"),
    "filtered": Kind(None, outcome=Outcome.FILTERED, finish="SAFETY"),
}  # fmt: skip
PLANS = {
    "a plan": Kind(PLAN),
    "think": Kind({"content": f"<think>\n{THOUGHT}</think>\n\n{PLAN}", "reasoning_content": None}),
    "closing tag alone": Kind(f"{THOUGHT}</think>\n\n{PLAN}"),
    "parts": Kind(parts(("thinking", THOUGHT), ("text", PLAN))),
    "channel words glued": Kind(f"analysis{THOUGHT}assistantfinal{PLAN}"),
    "all thinking": Kind(f"<think>{THOUGHT}", outcome=Outcome.EMPTY),
    "a refusal": Kind("I will not advise on this. See a clinician.", outcome=Outcome.REFUSAL),
    "a refusal after thinking": Kind(f"<think>{THOUGHT}</think>I will not advise on this.", outcome=Outcome.REFUSAL),
    "cut off": Kind(PLAN[:90], outcome=Outcome.TRUNCATED, finish="length"),
    "an error in the middle": Kind(PLAN[:90], outcome=Outcome.PROVIDER_ERROR, finish="error"),
    "a call that is none": Kind({"content": None, "tool_calls": tool_call("{}")}, outcome=Outcome.PROVIDER_ERROR, finish="tool_calls"),
}  # fmt: skip
