"""What the real model is asked: two cases of four options, and seats that differ in how they reply.

llama.cpp binds a reply to a grammar where a call has one. It makes a model of 135 million
parameters write a form that can be read; the grades in it are still the model's own.
"""

from typing import Any

from primum.cases.model import Case, Consultation, Option, Suite, SuiteInfo
from primum.tests.real.server import MODEL

OPTIONS = (
    Option(id=1, text="Send the patient home", category="Counseling", score=1),
    Option(id=2, text="Record an electrocardiogram", category="Diagnostic", score=9),
    Option(id=3, text="Give aspirin", category="Medication", score=8),
    Option(id=4, text="Give penicillin", category="Medication", score=2),
)
SUITE = Suite(
    info=SuiteInfo(name="tiny", notice="INVENTED for tests"),
    cases=tuple(
        Case(id=name, case=Consultation(presentation=words), options=OPTIONS)
        for name, words in (
            ("CardReal1", "A man of 60 has had chest pain for an hour. What now?"),
            ("CardReal2", "A woman of 70 has had chest pain since lunch. What now?"),
        )
    ),
)
ROWS = ' "," '.join(
    rf'"{{\"Option\": {option.id}, \"GradeAI\": \"" grade "\", \"Rationale\": \"" why "\"}}"'
    for option in OPTIONS
)
ARRAY = rf"""array ::= "[" {ROWS} "]"
grade ::= "Appropriate" | "Inappropriate"
why ::= [a-z ]{{4,16}}
"""
THINKING = rf"""root ::= "<think>" thought "[1, 2]" thought "</think>\n" array
thought ::= [A-Za-z ,.]{{10,40}}
{ARRAY}"""


def seat(instructions: str = "", replies: str = "text", **params: Any) -> dict[str, Any]:
    """A seat of the one model."""
    return {"model": "smol", "instructions": instructions, "replies": replies, "params": params}


PLAIN = seat("Be brief.")
BOUND = seat(replies="schema", max_tokens=240)
FREELY_BOUND = seat(replies="auto", max_tokens=240)
THINKER = seat("Think of emergencies first.", grammar=THINKING, max_tokens=240, temperature=0.9)


def panel(url: str, *ensembles: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A panel of the one model, as its file holds it; `fields` are the model's."""
    model = {
        "id": f"openai/{MODEL}",
        "family": "other:smollm",
        "access": "open",
        "api_base": url,
        "params": {"max_tokens": 48, "temperature": 0.0, "seed": 1},
        "price": {"input_per_million": 0.0, "output_per_million": 0.0},
        **fields,
    }
    return {"name": "real", "models": {"smol": model}, "ensembles": [*ensembles]}


def judges(url: str, **fields: Any) -> dict[str, Any]:
    """A panel of one judge, the same model."""
    models = panel(url, **fields)["models"]
    return {"name": "judges", "models": models, "judges": [{"matcher": "smol"}]}
