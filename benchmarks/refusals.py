"""How often the rule on refusals in prose is wrong, on the corpus that was written for its tests.

Prints one JSON line: of both halves together and of each, the numbers of refusals and of plans, of
refusals that the rule missed, and of plans that it took for refusals (false alarms). The half
`develop` was used to write the rule; `held` was not.
"""

import json
from typing import Any

from primum.agents.replies.refusals import is_refusal
from primum.tests.agents.replies.corpus_of_replies import HALVES, Half, errors


def counted(*halves: Half) -> dict[str, Any]:
    """The numbers of some halves."""
    found = errors(is_refusal, *halves)
    return {
        "refusals": found.refusals,
        "plans": found.plans,
        "missed": len(found.missed),
        "false_alarms": len(found.false_alarms),
    }


if __name__ == "__main__":
    print(json.dumps({**counted(), **{half: counted(half) for half in HALVES}}))
