"""The roles of a judge: the matcher reads what an answer includes, the reviewer checks it."""

import json
import re

from primum.agents.roles.record import Reads, Role, Stage

OPTIONS = re.compile(r"<options>\n(.*?)\n</options>", re.DOTALL)
NUMBER = re.compile(r"^(\d+): ", re.MULTILINE)


def _nothing_matched(user: str, _: str) -> str:
    shown = OPTIONS.search(user)
    numbers = NUMBER.findall(shown[1]) if shown else []
    rows = [{"option": int(n), "verdict": "none", "evidence": ""} for n in numbers]
    return json.dumps({"actions": [], "options": rows})


MATCHER = Role(
    name="matcher",
    mark="M",
    stage=Stage.JUDGEMENT,
    reads=Reads.ONE,
    returns="verdicts",
    title="says which options an answer includes",
    placeholder=_nothing_matched,
)
REVIEWER = Role(
    name="reviewer",
    mark="R",
    stage=Stage.JUDGEMENT,
    reads=Reads.ONE,
    returns="verdicts",
    title="checks a matcher's verdicts",
    placeholder=lambda _user, _mark: '{"overrides": []}',
)
