"""Errors of a part of a record, which documents.fail finds in the file."""

from pydantic_core import PydanticCustomError


def field_error(field: str, message: str) -> PydanticCustomError:
    """Parts of a record that do not fit, with the dotted path of the one to change."""
    return PydanticCustomError("field_error", "{message}", {"message": message, "field": field})
