"""Frozen values to plain data and back, by their declared fields."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from carepolicy.calendar import Calendar
from carepolicy.errors import CarePolicyError, InvalidPolicyError
from carepolicy.span import Span

_SCALARS: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_SPAN_PATTERN = r"^-?\d+ ((working|elapsed) (day|hour|minute|second|microsecond)|day)s?$"


def encode_value(value: Any) -> Any:
    """One field as plain data."""
    if isinstance(value, Span):
        return str(value)
    if isinstance(value, Calendar):
        return value.to_data()
    if _is_policy(type(value)):
        return Codec(()).encode(value)
    if attrs.has(type(value)):
        return Codec(()).fields_of(value)
    if isinstance(value, (tuple, list)):
        return [encode_value(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    raise InvalidPolicyError(
        f"field cannot be written to a plan: {value!r} ({type(value).__name__}); "
        "use text, numbers, spans, calendars, Which, or tuples of these"
    )


class Codec:
    """Turns policies into `{"type": …}` tables and back; knows only the classes that it was given."""

    def __init__(self, classes: Iterable[type]) -> None:
        self.classes = {cls.__name__: cls for cls in classes}
        self.defs: dict[str, dict[str, Any]] = {}  # the schemas that others point at, filled as they are met
        for cls in self.classes.values():
            if not attrs.has(cls):
                raise InvalidPolicyError(f"policy is not an attrs class: {cls.__name__}; decorate it with @frozen")

    def encode(self, policy: Any) -> dict[str, Any]:
        """A policy as a table with its type and what differs from its defaults."""
        if not attrs.has(type(policy)):
            raise InvalidPolicyError(
                f"policy cannot be written to a plan: {policy!r}; make {type(policy).__name__} an attrs class"
            )
        return {"type": type(policy).__name__, **self.fields_of(policy)}

    def fields_of(self, value: Any, only: Iterable[str] | None = None) -> dict[str, Any]:
        """The fields that differ from their defaults."""
        data = {}
        for a in _fields(type(value)):
            field_value = getattr(value, a.name)
            if (only is None or a.name in only) and field_value != _default(a) and field_value is not None:
                data[_name(a)] = encode_value(field_value)
        return data

    def decode_all(self, tables: Any, path: str) -> tuple[Any, ...]:
        """The policies of a list of tables, or of one table."""
        many = [tables] if isinstance(tables, Mapping) else tables
        if not isinstance(many, list) or not many:
            raise InvalidPolicyError(
                f'{path} is not a list of tables: {tables!r}; write e.g. [{{type = "Cadence", …}}]'
            )
        return tuple(self.decode(table, f"{path}[{number}]") for number, table in enumerate(many))

    def decode(self, table: Any, path: str) -> Any:
        """The policy of one table.

        Raises:
            InvalidPolicyError: If the type is not known or a field cannot be meant.
        """
        if not isinstance(table, Mapping) or not isinstance(table.get("type"), str):
            raise InvalidPolicyError(f'{path} has no type: {table!r}; write e.g. {{type = "Cadence", …}}')
        name = table["type"]
        if name not in self.classes:
            raise InvalidPolicyError(
                f"{path}.type is not a known policy: {name!r}; use one of {', '.join(sorted(self.classes))}, "
                "or hand yours in with policies=[…]"
            )
        return self.build(self.classes[name], {k: v for k, v in table.items() if k != "type"}, path)

    def build(self, cls: type, table: Any, path: str) -> Any:
        """A value of a class from the table of its fields."""
        fields = self.decode_fields(cls, table, path)
        try:
            return cls(**fields)
        except CarePolicyError as error:
            raise InvalidPolicyError(f"{path}: {error}") from error
        except TypeError as error:
            needed = [_name(a) for a in _fields(cls) if a.default is attrs.NOTHING and _name(a) not in fields]
            raise InvalidPolicyError(f"{path} lacks {', '.join(needed) or 'a field'}: {table!r}; add it") from error

    def decode_fields(self, cls: type, table: Any, path: str) -> dict[str, Any]:
        """The arguments of a class from the table of its fields."""
        if not isinstance(table, Mapping):
            raise InvalidPolicyError(f"{path} is not a table: {table!r}; write its fields")
        hints = typing.get_type_hints(cls)
        known = {_name(a): hints[a.name] for a in _fields(cls)}
        self.refuse_unknown(table, tuple(known), path)
        return {name: self.value(value, known[name], f"{path}.{name}") for name, value in table.items()}

    def value(self, value: Any, hint: Any, path: str) -> Any:
        """One field from plain data, as its declared type asks."""
        hint = _without_none(hint)
        if typing.get_origin(hint) is tuple:
            inner = typing.get_args(hint)[0]
            many = value if isinstance(value, list) else [value]
            return tuple(self.value(item, inner, f"{path}[{number}]") for number, item in enumerate(many))
        try:
            if hint is Span:
                return Span.parse(value)
            if hint is Calendar:
                return Calendar.from_data(value)
        except CarePolicyError as error:
            raise InvalidPolicyError(f"{path}: {error}") from error
        if _is_policy(hint) or _is_value(hint):
            return self.decode(value, path) if _is_policy(hint) else self.build(hint, value, path)
        if hint is float and type(value) is int:
            return float(value)
        if hint in _SCALARS and (not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool)):
            raise InvalidPolicyError(f"{path} is not of type {_SCALARS[hint]}: {value!r}; mend it")
        return value

    def text(self, value: Any, path: str) -> str:
        """A field that must be text."""
        return str(self.value(value, str, path))

    def refuse_unknown(self, table: Mapping[str, Any], known: Iterable[str], path: str) -> None:
        """Refuse a table with a key that nobody reads: a slip of the pen must not pass in silence."""
        names = tuple(known)
        for name in table:
            if name not in names:
                raise InvalidPolicyError(f"{path} has a key that nobody reads: {name!r}; use {', '.join(names)}")

    # --- JSON Schema

    def kinds(self, method: str) -> list[dict[str, Any]]:
        """The schemas of the classes that have a method, which tells guards, duties and checks apart."""
        return [self._defined(cls, name) for name, cls in sorted(self.classes.items()) if hasattr(cls, method)]

    def _defined(self, cls: type, name: str, *, typed: bool = True) -> dict[str, Any]:
        """Where the schema of a class stands: each stands once, however many ask for it."""
        if name not in self.defs:
            self.defs[name] = {}
            self.defs[name] = self.schema_of(cls, name if typed else None)
        return {"$ref": f"#/$defs/{name}"}

    def schema_of(self, cls: type, name: str | None = None) -> dict[str, Any]:
        """The schema of one class; with `type` where it is a policy."""
        required = [_name(a) for a in _fields(cls) if a.default is attrs.NOTHING]
        properties = self.properties(cls)
        if name is not None:
            properties = {"type": {"const": name}, **properties}
            required = ["type", *required]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def properties(self, cls: type, only: Iterable[str] | None = None) -> dict[str, Any]:
        """The schemas of the fields."""
        hints = typing.get_type_hints(cls)
        return {_name(a): self._schema(hints[a.name]) for a in _fields(cls) if only is None or a.name in only}

    def _schema(self, hint: Any) -> dict[str, Any]:
        """The schema of one field."""
        hint = _without_none(hint)
        if typing.get_origin(hint) is tuple:
            inner = self._schema(typing.get_args(hint)[0])
            return {"oneOf": [inner, {"type": "array", "items": inner}]}
        if hint is Span:
            return {"type": "string", "pattern": _SPAN_PATTERN}
        if hint is Calendar:
            return {"type": "object"}
        if _is_value(hint):
            return self._defined(hint, hint.__name__, typed=_is_policy(hint))
        if _is_policy(hint):
            return {"type": "object", "required": ["type"]}
        return {"type": _SCALARS[hint]} if hint in _SCALARS else {}


def _is_policy(hint: Any) -> bool:
    """Whether a field holds a policy, or any of a kind of policies: written as a table with its type."""
    return isinstance(hint, type) and hasattr(hint, "needs") and (hasattr(hint, "opens") or hasattr(hint, "due"))


def _is_value(hint: Any) -> bool:
    """Whether a field holds a value with fields of its own, such as `Which`: written as a table, without a type."""
    return isinstance(hint, type) and attrs.has(hint) and hint not in (Span, Calendar)


def _name(a: attrs.Attribute[Any]) -> str:
    """What the constructor calls a field."""
    return a.alias or a.name


def _fields(cls: type) -> list[attrs.Attribute[Any]]:
    return [a for a in attrs.fields(cls) if a.init]


def _default(a: attrs.Attribute[Any]) -> Any:
    """The default as the constructor would leave it; NOTHING for a field that has none."""
    factory = getattr(a.default, "factory", None)
    default = a.default if factory is None else factory()
    return a.converter(default) if callable(a.converter) and default is not attrs.NOTHING else default


def _without_none(hint: Any) -> Any:
    """`X | None` as `X`."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [h for h in typing.get_args(hint) if h is not type(None)]
        return inner[0] if len(inner) == 1 else hint
    return hint
