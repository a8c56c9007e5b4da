"""Plans as plain data: TOML, JSON, a JSON Schema, a version stamp, plain words. Nothing is ever evaluated."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from carepolicy._codec import Codec
from carepolicy._shipped import SHIPPED
from carepolicy.calendar import Calendar
from carepolicy.checks import STANDARD
from carepolicy.errors import CarePolicyError, InvalidPolicyError, MissingExtraError, UnknownNameError
from carepolicy.facts import Parties
from carepolicy.policy import all_of, duty_parts, first_of, guard_parts
from carepolicy.touch import CLASSES, Touch

if TYPE_CHECKING:
    from carepolicy.plan import Plan

_T = TypeVar("_T")

_PLAIN = ("owner", "touch_class", "channel", "minutes", "sends")
_KEYS = ("name", "calendar", "parties", "touch", "check")


def to_data(plan: Plan) -> dict[str, Any]:
    """A plan as plain data; what stands at its default is left out."""
    codec = Codec(())
    data: dict[str, Any] = {"name": plan.name} if plan.name else {}
    data["calendar"] = plan.calendar.to_data()
    if plan.parties != Parties():
        data["parties"] = codec.fields_of(plan.parties)
    data["touch"] = {name: _touch_data(touch, codec) for name, touch in plan.touches}
    if plan.checks != STANDARD:
        data["check"] = [codec.encode(check) for check in plan.checks]
    return data


def _touch_data(touch: Touch, codec: Codec) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if touch.due is not None:
        data["due"] = [codec.encode(part) for part in duty_parts(touch.due)]
    if touch.guard is not None:
        data["guard"] = [codec.encode(part) for part in guard_parts(touch.guard)]
    return {**data, **codec.fields_of(touch, only=_PLAIN)}


def from_data(cls: type[Plan], data: Mapping[str, Any], policies: Iterable[type]) -> Plan:
    """The plan of plain data.

    Raises:
        InvalidPolicyError: If it cannot be meant; says where, what and what would do.
    """
    codec = Codec((*SHIPPED, *policies))
    if not isinstance(data, Mapping):
        raise InvalidPolicyError(f"plan is not a table: {data!r}; see Plan.json_schema()")
    codec.refuse_unknown(data, _KEYS, "plan")
    calendar = _at("calendar", lambda: Calendar.from_data(data.get("calendar", {})))
    touches = data.get("touch", {})
    if not isinstance(touches, Mapping):
        raise InvalidPolicyError(f"touch is not a table: {touches!r}; write [touch.NAME]")
    more: dict[str, Any] = {}
    if "check" in data:
        more["checks"] = codec.decode_all(data["check"], "check") if data["check"] != [] else ()
    if "parties" in data:
        more["parties"] = codec.build(Parties, data["parties"], "parties")
    return cls(
        calendar,
        name=codec.text(data.get("name", ""), "name"),
        touches={name: _touch(codec, name, table) for name, table in touches.items()},
        **more,
    )


def _touch(codec: Codec, name: str, table: Any) -> Touch:
    path = f"touch.{name}"
    if not isinstance(table, Mapping):
        raise InvalidPolicyError(f"{path} is not a table: {table!r}; write [touch.{name}]")
    codec.refuse_unknown(table, ("due", "guard", *_PLAIN), path)
    due = codec.decode_all(table["due"], f"{path}.due") if "due" in table else ()
    guard = codec.decode_all(table["guard"], f"{path}.guard") if "guard" in table else ()
    plain = codec.decode_fields(Touch, {k: v for k, v in table.items() if k in _PLAIN}, path)
    return _at(
        path,
        lambda: Touch(due=first_of(*due) if due else None, guard=all_of(*guard) if guard else None, **plain),
    )


def _at(path: str, build: Callable[[], _T]) -> _T:
    """Build something, and say where when it is refused."""
    try:
        return build()
    except CarePolicyError as error:
        raise InvalidPolicyError(f"{path}: {error}") from error


def parse_json(text: str) -> Any:
    """The data of JSON text.

    Raises:
        InvalidPolicyError: If it is not JSON.
    """
    try:
        return json.loads(text, object_pairs_hook=_each_once)
    except (json.JSONDecodeError, TypeError) as error:
        raise InvalidPolicyError(f"plan is not JSON: {error}; mend it there") from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; a name given twice would silently lose the first."""
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = next(name for i, (name, _) in enumerate(pairs) if name in dict(pairs[:i]))
        raise InvalidPolicyError(f"plan gives a name twice: {twice!r}; give each name once")
    return table


def parse_toml(text: str) -> Any:
    """The data of TOML text.

    Raises:
        InvalidPolicyError: If it is not TOML.
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, TypeError, AttributeError) as error:
        raise InvalidPolicyError(f"plan is not TOML: {error}; mend it there") from error


def to_json(plan: Plan) -> str:
    """A plan as JSON."""
    return json.dumps(to_data(plan), indent=2, ensure_ascii=False) + "\n"


def to_toml(plan: Plan) -> str:
    """A plan as TOML.

    Raises:
        MissingExtraError: If the extra `toml` is not installed.
    """
    try:
        import tomli_w
    except ImportError as error:
        raise MissingExtraError(
            "writing TOML needs tomli-w, which is not installed; pip install 'carepolicy[toml]', or use to_json()"
        ) from error
    return tomli_w.dumps(to_data(plan))


def version_of(plan: Plan) -> str:
    """The first twelve hex digits of the SHA-256 of the plan's data, keys sorted."""
    import hashlib

    data = to_data(plan)
    for touch in data["touch"].values():  # joined policies are equal in any order
        for joined in ("due", "guard"):
            if joined in touch:
                touch[joined].sort(key=lambda part: json.dumps(part, sort_keys=True))
    text = json.dumps(data, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def recommended(name: str) -> str:
    """The TOML text of a plan that ships with carepolicy.

    Raises:
        UnknownNameError: If there is none of this name.
    """
    from importlib import resources

    folder = resources.files("carepolicy") / "plans"
    names = sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    if name not in names:
        raise UnknownNameError(f"plan is not one that ships: {name!r}; use one of {', '.join(names)}, or a file")
    return (folder / f"{name}.toml").read_text(encoding="utf-8")


def json_schema(policies: Iterable[type]) -> dict[str, Any]:
    """The JSON Schema of plans that use the shipped policies and these."""
    codec = Codec((*SHIPPED, *policies))
    guards, duties, checks = codec.kinds("opens"), codec.kinds("due"), codec.kinds("findings")
    plain = codec.properties(Touch, only=_PLAIN)
    plain["minutes"] = {"type": "integer", "minimum": 1}
    plain["touch_class"] = {"enum": ["", *CLASSES]}
    touch = {
        "type": "object",
        "properties": {
            "due": _one_or_more(duties),
            "guard": _one_or_more(guards),
            **plain,
        },
        "anyOf": [{"required": ["due"]}, {"required": ["guard"]}],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "carepolicy plan",
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "calendar": {"type": "object"},
            "parties": codec.schema_of(Parties),
            "touch": {
                "type": "object",
                "additionalProperties": touch,
                "propertyNames": {"minLength": 1},
                "minProperties": 1,
            },
            "check": {"type": "array", "items": {"oneOf": checks}},
        },
        "required": ["calendar", "touch"],
        "additionalProperties": False,
        "$defs": dict(sorted(codec.defs.items())),
    }


def _one_or_more(kinds: list[dict[str, Any]]) -> dict[str, Any]:
    """The schema of one table of some kinds, or of a list of them."""
    return {"oneOf": [*kinds, {"type": "array", "items": {"oneOf": kinds}, "minItems": 1}]}


def in_plain_words(plan: Plan) -> str:
    """A plan for the care team: one paragraph a touch, no code."""
    lines = [f"Plan {plan.name or '(without a name)'}, version {plan.version}.", f"Hours: {plan.calendar}."]
    if plan.parties.ours:
        lines.append(f"Ours: {', '.join(plan.parties.ours)}.")
    if plan.parties.partners:
        lines.append(f"Partners: {', '.join(plan.parties.partners)}.")
    for name, touch in plan.touches:
        head = f"{name} ({touch.class_of(name)}"
        lines += ["", head + (f", done by {touch.owner}" if touch.owner else "") + ")"]
        lines += [f"  owed: {part.explain()}" for part in duty_parts(touch.due)]
        lines += [f"  only if: {part.explain()}" for part in guard_parts(touch.guard)]
    lines += ["", "An audit also looks for:", *(f"  - {check.explain()}" for check in plan.checks)]
    return "\n".join(lines)
