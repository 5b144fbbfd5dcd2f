"""Forms of replies to which an endpoint can bind a model, as JSON Schemas.

Only what every kind of endpoint enforces is used: objects whose properties are all required and
that allow no other, arrays and `enum`; no `$ref`, which LiteLLM breaks for some providers. A whole
answer is an object with one key for each option, which forces every option to be graded exactly
once. For an array nothing does that everywhere: OpenAI's strict mode and Anthropic reject
`prefixItems` and limits of lengths.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import JsonValue

from primum.core.documents import unique_keys

CACHE_SIZE = 512
GRADES = ("Appropriate", "Inappropriate")
Schema = dict[str, JsonValue]
TEXT: JsonValue = {"type": "string"}
WHOLE_NUMBER: JsonValue = {"type": "integer"}


def _unchanged(reply: dict[str, Any]) -> Any:
    return reply


class BoundForm(NamedTuple):
    """The form of a reply that is bound to a schema.

    Attributes:
        name: of the schema: letters and underscores.
        schema: the JSON Schema; its root is an object.
        as_asked: a reply that has the schema, in the form for which the prompt asks; raises
            ValueError for one that has not.
    """

    name: str
    schema: Schema
    as_asked: Callable[[dict[str, Any]], Any] = _unchanged

    @property
    def response_format(self) -> JsonValue:
        """The schema as OpenAI's parameter `response_format`."""
        named: JsonValue = {"name": self.name, "strict": True, "schema": self.schema}
        return {"type": "json_schema", "json_schema": named}

    def read(self, text: str) -> str | None:
        """A reply in the form for which the prompt asks; None if it is not of the schema's form."""
        properties = self.schema["properties"]
        assert isinstance(properties, dict)
        try:
            reply = json.loads(text, object_pairs_hook=unique_keys)
            if not isinstance(reply, dict) or reply.keys() != properties.keys():
                return None
            return json.dumps(self.as_asked(reply), ensure_ascii=False)
        except (ValueError, RecursionError):
            return None


def closed(properties: Schema) -> Schema:
    """The schema of an object that has these properties, all of them, and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def by_option(options: Sequence[int], of: JsonValue) -> Schema:
    """The schema of an object with one key for each option, whose values have a schema."""
    return closed({str(option): of for option in options})


def rows(by_option: Any, key: str) -> list[Any]:
    """Objects by option as a list of objects that name their option under a key.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(by_option, dict):
        raise ValueError("no object")  # noqa: TRY004  (a reply of another form)
    for row in by_option.values():
        if not isinstance(row, dict) or key in row:
            raise ValueError("no object by option")
    return [{key: int(option), **row} for option, row in by_option.items()]


def array(of: JsonValue) -> JsonValue:
    """The schema of an array."""
    return {"type": "array", "items": of}


def one_of(texts: Sequence[str]) -> JsonValue:
    """The schema of one of some texts."""
    return {"type": "string", "enum": [*texts]}


def whole_number(among: Sequence[int]) -> JsonValue:
    """The schema of one of some numbers."""
    return {"type": "integer", "enum": [*among]}


@lru_cache(maxsize=CACHE_SIZE)
def grades_form(options: tuple[int, ...]) -> BoundForm:
    """The form of a whole answer to a menu: `{"1": {"GradeAI": ..., "Rationale": ...}, ...}`."""
    schema = by_option(options, closed(_grade()))
    return BoundForm("grades", schema, lambda reply: rows(reply, "Option"))


@lru_cache(maxsize=CACHE_SIZE)
def objections_form(options: tuple[int, ...]) -> BoundForm:
    """The form of a critique of a menu: `{"changes": [{"Option": 1, "GradeAI": ...}, ...]}`."""
    row = closed({"Option": whole_number(options), **_grade()})
    return BoundForm("objections", closed({"changes": array(row)}), lambda reply: reply["changes"])


@lru_cache(maxsize=CACHE_SIZE)
def choice_form(drafts: int) -> BoundForm:
    """The form of a selector's reply: the number of one of so many drafts, and why."""
    fields = {"Draft": whole_number(range(1, drafts + 1)), "Rationale": TEXT}
    return BoundForm("choice", closed(fields))


def _grade() -> Schema:
    return {"GradeAI": one_of(GRADES), "Rationale": TEXT}
