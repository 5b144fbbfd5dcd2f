"""Servers that bind replies to a schema, refuse to, or take no notice."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema

from primum.tests.conftest import Response, completion, grade_menu

Respond = Callable[[dict[str, Any], int], Response]
REJECTED = "response_format of type json_schema is not supported by this model"


def schema_of(body: dict[str, Any]) -> dict[str, Any] | None:
    """The schema that a request asks for."""
    given = body.get("response_format")
    return given["json_schema"]["schema"] if given else None


def filled(schema: dict[str, Any], place: int = 0) -> Any:
    """A short value of a schema; of an enumeration the first, under an odd number the last."""
    match schema:
        case {"enum": values}:
            return values[-(place % 2)]
        case {"type": "object", "properties": properties}:
            places = {name: int(name) if name.isdecimal() else place for name in properties}
            return {name: filled(part, places[name]) for name, part in properties.items()}
        case {"type": "array"}:
            return []
        case {"type": "integer"}:
            return 1
    return "words"


def binding(body: dict[str, Any], _: int) -> Response:
    """A server that binds: every reply has the schema. Without one, a docile model answers."""
    schema = schema_of(body)
    if schema is None:
        return grade_menu(body)
    reply = filled(schema)
    jsonschema.validate(reply, schema)
    return completion(json.dumps(reply))


def rejecting(status: int = 400, message: str = REJECTED) -> Respond:
    """A server that refuses requests with a schema."""

    def respond(body: dict[str, Any], _: int) -> Response:
        if schema_of(body) is None:
            return grade_menu(body)
        return status, {"error": {"message": message, "type": "invalid_request_error"}}, {}

    return respond


def ignoring(body: dict[str, Any], _: int) -> Response:
    """A server that takes no notice of a schema."""
    return grade_menu(body)
