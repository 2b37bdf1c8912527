"""What pydantic found wrong with a setting, in the words of this house and without the value."""

from typing import Any

from pydantic import ValidationError

from peakops.settings.given import variable

KINDS = {
    "float_parsing": "it must be a number",
    "float_type": "it must be a number",
    "int_parsing": "it must be a whole number",
    "int_type": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "finite_number": "it must be a number",
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be {ge:g} or more",
    "less_than_equal": "it must be {le:g} or less",
    "literal_error": "it must be {expected}",
    "path_type": "it must be a path, in quotation marks",
    "string_type": "it must be a text, in quotation marks",
    "dict_type": "it must be a table",
    "tuple_type": "it must be a list",
    "string_pattern_mismatch": "it has another form than its description says",
}
"""By pydantic's name for the kind of error, with what it gives for the blanks."""


def sentence(wrong: ValidationError) -> str:
    """The first thing that is wrong, by the variable that it is about; what is about several names them itself."""
    first = wrong.errors(include_input=False, include_url=False)[0]
    says = _says(first["type"], first["msg"], first.get("ctx", {}))
    return f"{variable(str(first['loc'][0]))}: {says}." if first["loc"] else f"{says[:1].upper()}{says[1:]}."


def _says(kind: str, message: str, blanks: dict[str, Any]) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ").rstrip(".")
    return KINDS.get(kind, "it has a form that cannot be read").format(**blanks)
