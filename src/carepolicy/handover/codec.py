"""Handovers as JSON and back, exactly: instants as ISO 8601 text in UTC, null where nobody said one."""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import attrs

from carepolicy._instant import NEVER, iso_or_none, to_micros
from carepolicy.errors import CarePolicyError, InvalidPolicyError
from carepolicy.handover.handover import Handover

VERSION = 1
"""The version of the form: another one is refused."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_INSTANT, _MICROS = "date-time", "_us"
_ACTIVE = re.compile("[<>&\u2028\u2029]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")
"""What acts in a script element, and halves of characters: only texts have them, where a number says the same."""
_SCALARS: dict[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def to_json(handover: Handover) -> str:
    """A handover as JSON, which a page may hold in a script element and a file as UTF-8.

    Source: OWASP, "Cross Site Scripting Prevention": what could end a script element is written as its number.
    """
    text = json.dumps({"version": VERSION, **_encoded(handover)}, ensure_ascii=False)
    return _ACTIVE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def from_json(text: str) -> Handover:
    """The handover of a JSON text.

    Raises:
        InvalidPolicyError: If it is not one, or one of another version.
    """
    try:
        data = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidPolicyError(f"handover is not JSON: {text!r:.60}; pass what to_json gave") from error
    seen = data.get("version") if isinstance(data, dict) else data
    if not isinstance(data, dict) or type(seen) is not int or seen != VERSION:
        raise InvalidPolicyError(f"handover is not of version {VERSION}: {seen!r:.60}; pass what to_json gave")
    handover: Handover = _decoded(Handover, {k: v for k, v in data.items() if k != "version"}, "handover")
    return handover


def json_schema() -> dict[str, Any]:
    """The JSON Schema of handovers."""
    defs: dict[str, Any] = {}
    schema = _schema_of(Handover, defs)
    schema["properties"] = {"version": {"const": VERSION}, **schema["properties"]}
    schema["required"] = ["version", *schema["required"]]
    return {"$schema": _DIALECT, "title": "Handover", **schema, "$defs": defs}


def _encoded(value: Any) -> Any:
    if attrs.has(type(value)):
        fields = attrs.fields(type(value))
        return {_key(a.name): _field(a.name, getattr(value, a.name)) for a in fields}
    return [_encoded(item) for item in value] if isinstance(value, tuple) else value


def _field(name: str, value: Any) -> Any:
    return iso_or_none(value) if name.endswith(_MICROS) else _encoded(value)


def _key(name: str) -> str:
    """What a field is called in JSON: `due_us` is `due_at`, as text has no unit; `at_us` is `at`."""
    return "at" if name == "at_us" else f"{name.removesuffix(_MICROS)}_at" if name.endswith(_MICROS) else name


@lru_cache(maxsize=64)
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _decoded(cls: Any, data: Any, path: str) -> Any:
    if not isinstance(data, Mapping):
        raise InvalidPolicyError(f"{path} is not an object: {data!r:.60}; write its fields")
    hints = _hints(cls)
    fields = {_key(a.name): a for a in attrs.fields(cls)}
    unknown = [name for name in data if name not in fields]
    missing = [name for name in fields if name not in data]
    if unknown or missing:
        what = f"has a field that nobody reads: {unknown[0]!r}" if unknown else f"lacks a field: {missing[0]!r}"
        raise InvalidPolicyError(f"{path} {what}; write {', '.join(fields)}")
    values = {a.name: _read(hints[a.name], a.name, data[name], f"{path}.{name}") for name, a in fields.items()}
    return cls(**values)


def _read(hint: Any, name: str, value: Any, path: str) -> Any:
    """One field, as its declared type asks."""
    if name.endswith(_MICROS):
        return NEVER if value is None else _micros(value, path)
    hint, optional = _without_none(hint)
    if optional and value is None:
        return None
    if typing.get_origin(hint) is tuple:
        return _read_all(typing.get_args(hint), value, path)
    if attrs.has(hint):
        return _decoded(hint, value, path)
    number = hint is float and type(value) is int
    if type(value) is not hint and not number:
        raise InvalidPolicyError(f"{path} is not of type {_SCALARS[hint]}: {value!r:.60}; mend it")
    return float(value) if number else value


def _read_all(inner: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    pair = inner[-1] is not Ellipsis
    if not isinstance(value, list) or (pair and len(value) != len(inner)):
        raise InvalidPolicyError(f"{path} is not a list{f' of {len(inner)}' if pair else ''}: {value!r:.60}; mend it")
    hints = inner if pair else (inner[0],) * len(value)
    return tuple(_read(h, "", v, f"{path}[{n}]") for n, (h, v) in enumerate(zip(hints, value, strict=True)))


def _micros(value: Any, path: str) -> int:
    try:
        return to_micros(value, path)
    except CarePolicyError as error:
        raise InvalidPolicyError(str(error)) from error


def _without_none(hint: Any) -> tuple[Any, bool]:
    """The type without None, and whether None was allowed."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [h for h in typing.get_args(hint) if h is not type(None)]
        return inner[0], True
    return hint, False


def _schema_of(cls: Any, defs: dict[str, Any]) -> dict[str, Any]:
    hints = _hints(cls)
    properties = {_key(a.name): _schema(hints[a.name], a.name, defs) for a in attrs.fields(cls)}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _schema(hint: Any, name: str, defs: dict[str, Any]) -> dict[str, Any]:
    if name.endswith(_MICROS):
        return {"type": ["string", "null"], "format": _INSTANT}
    hint, optional = _without_none(hint)
    if optional:
        return {"anyOf": [_schema(hint, "", defs), {"type": "null"}]}
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)
        if inner[-1] is Ellipsis:
            return {"type": "array", "items": _schema(inner[0], "", defs)}
        return {
            "type": "array", "prefixItems": [_schema(h, "", defs) for h in inner],
            "minItems": len(inner), "maxItems": len(inner),
        }  # fmt: skip
    if attrs.has(hint):
        if hint.__name__ not in defs:
            defs[hint.__name__] = {}
            defs[hint.__name__] = _schema_of(hint, defs)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    return {"type": _SCALARS[hint]}
