"""Reads an OpenAPI 3.0 document and checks documents against its schemas, as JSON Schema 2020-12."""

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = "urn:openapi"
ONLY_OPENAPI = ("nullable", "discriminator", "example", "xml", "externalDocs", "readOnly", "writeOnly", "deprecated")


def json_schema(part: Any) -> Any:
    """
    The same schema in JSON Schema 2020-12.

    `nullable` becomes an alternative that is null: beside a `$ref` or an `anyOf` too, where OpenAPI 3.0 says that
    siblings of a `$ref` do not count but Stripe means that they do.
    """
    if isinstance(part, list):
        return [json_schema(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    kept = {name: value for name, value in part.items() if name not in ONLY_OPENAPI and not name.startswith("x-")}
    for name, value in kept.items():
        if name == "$ref":
            kept[name] = value if value.startswith(ROOT) else f"{ROOT}{value}"
            continue
        # The names below `properties` are fields, not keywords: a field may be called `nullable` or `example`.
        kept[name] = {key: json_schema(v) for key, v in value.items()} if name == "properties" else json_schema(value)
    return {"anyOf": [kept, {"type": "null"}]} if part.get("nullable") is True else kept


class Specification:
    """One OpenAPI document."""

    def __init__(self, path: Path) -> None:
        self.document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        schemas = {name: json_schema(each) for name, each in self.document["components"]["schemas"].items()}
        whole = Resource.from_contents({"components": {"schemas": schemas}}, default_specification=DRAFT202012)
        self._registry = Registry().with_resource(ROOT, whole)
        self.schemas = self.document["components"]["schemas"]

    def errors(self, name: str, document: Any) -> list[ValidationError]:
        """What the named schema holds against a document; of alternatives, those against the nearest one."""
        schema = {"$ref": f"{ROOT}#/components/schemas/{name}"}
        return [*self._validator(schema).iter_errors(document)]

    def response_errors(self, method: str, path: str, document: Any, status: str = "200") -> list[ValidationError]:
        """What the schema of an operation's answer holds against a document: of the good one, or of a status."""
        content = self._pointed(self.responses(method, path)[status])["content"]
        return [*self._validator(json_schema(content["application/json"]["schema"])).iter_errors(document)]

    def responses(self, method: str, path: str) -> dict[str, Any]:
        """The answers of an operation by their status, which YAML reads as a number where it has no quotes."""
        return {str(code): each for code, each in self.document["paths"][path][method.lower()]["responses"].items()}

    def request_errors(self, method: str, path: str, form: Any) -> list[ValidationError]:
        """What the schema of an operation's form holds against what is sent."""
        (content,) = self._pointed(self.document["paths"][path][method.lower()]["requestBody"])["content"].values()
        return [*self._validator(json_schema(content["schema"])).iter_errors(form)]

    def _validator(self, schema: Any) -> Draft202012Validator:
        return Draft202012Validator(schema, registry=self._registry)

    def parameters(self, method: str, path: str) -> set[str]:
        """The names of an operation's parameters, in the query and in the form."""
        operation = self.document["paths"][path][method.lower()]
        given = [self._pointed(each) for each in operation.get("parameters", [])]
        names = {each["name"] for each in given if each["in"] == "query"}
        for content in self._pointed(operation.get("requestBody", {})).get("content", {}).values():
            names |= set(content["schema"].get("properties", {}))
        return names

    def query_errors(self, method: str, path: str, query: Mapping[str, str]) -> dict[str, str]:
        """By the name of each parameter of a query that is wrong: what is held against it, or that it is none."""
        given = [self._pointed(each) for each in self.document["paths"][path][method.lower()].get("parameters", [])]
        schemas = {each["name"]: each["schema"] for each in given if each["in"] == "query"}
        found = {name: "is no parameter" for name in query if name not in schemas}
        for name in query.keys() & schemas.keys():
            for error in self._validator(json_schema(schemas[name])).iter_errors(typed(query[name], schemas[name])):
                found[name] = error.message
        return found

    def _pointed(self, part: Any) -> Any:
        """A parameter, a body or an answer, or the one of the document's that it points to."""
        *_, kind, name = ("", *part.get("$ref", "").split("/"))
        return self.document["components"][kind][name] if kind else part

    def has_field(self, name: str, field: str) -> bool:
        """Whether a schema has a dotted field, through references, alternatives and lists; an open object has any."""
        parts: list[Any] = [self.schemas[name]]
        for step in field.split("."):
            parts = [found for part in parts for flat in self._flat(part) for found in self._step(flat, step)]
        return bool(parts)

    def _flat(self, part: Any) -> Iterator[Any]:
        if "$ref" in part:
            yield from self._flat(self.schemas[part["$ref"].rpartition("/")[2]])
        elif "items" in part:
            yield from self._flat(part["items"])
        else:
            yield part
            for kind in ("anyOf", "oneOf", "allOf"):
                for inner in part.get(kind, []):
                    yield from self._flat(inner)

    def _step(self, part: Any, step: str) -> Iterator[Any]:
        if step in part.get("properties", {}):
            yield part["properties"][step]
        elif isinstance(part.get("additionalProperties"), dict):
            yield part["additionalProperties"]
        elif part.get("type") == "object" and "properties" not in part:
            yield {"type": "object"}


def typed(written: str, schema: Mapping[str, Any]) -> Any:
    """A value of a query as its schema means it: a list is written with commas."""
    match schema.get("type"):
        case "array":
            return written.split(",")
        case "integer" if re.fullmatch(r"-?\d+", written):
            return int(written)
    return written


@functools.cache
def specification(path: Path) -> Specification:
    """The document at a path, read once: four megabytes of YAML take two seconds."""
    return Specification(path)


def places(errors: list[ValidationError]) -> dict[str, str]:
    """By the place in the document: what is wrong there, looking into the alternatives for the nearest one's fault."""
    found: dict[str, str] = {}
    for error in errors:
        for leaf in leaves(error):
            found[".".join(str(step) for step in leaf.absolute_path)] = leaf.message
    return found


def leaves(error: ValidationError) -> Iterator[ValidationError]:
    """
    The faults that an alternative's fault consists of.

    Of the alternatives, one that fails by its type alone (a string where an object was given) was not meant, unless
    all fail so.
    """
    if not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    meant = [faults for faults in branches.values() if not by_type_alone(error, faults)]
    if not meant:
        yield error
        return
    for fault in min(meant, key=len):
        yield from leaves(fault)


def by_type_alone(error: ValidationError, faults: list[ValidationError]) -> bool:
    """Whether an alternative does not fit because the whole value is of another type."""
    return any(fault.validator == "type" and fault.absolute_path == error.absolute_path for fault in faults)
