"""Calendars as plain data, for plans in TOML and JSON: dicts, lists and text, and back with the path in every error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carepolicy._time.holidays import as_date
from carepolicy._time.rules import AlwaysRule, BothRule, EitherRule, ExceptRule, OnlyRule, WeeklyRule
from carepolicy._time.weekly import print_shifts, print_week
from carepolicy.errors import InvalidCalendarError
from carepolicy.window import Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from carepolicy._time.rules import Rule
    from carepolicy.calendar import Calendar

_KEYS = {
    "weekly": {"zone", "holidays", "closed", "hours"},
    "always": {"zone"},
    "only": {"zone"},
    "all": set(),
    "any": set(),
    "minus": set(),
}


def to_data(rule: Rule) -> dict[str, Any]:
    """The plain data of a rule."""
    if isinstance(rule, WeeklyRule):
        return _weekly_data(rule)
    if isinstance(rule, AlwaysRule):
        return {"always": True, "zone": rule.zone}
    if isinstance(rule, OnlyRule):
        return {"only": [_window_data(*pair) for pair in rule.windows], "zone": rule.zone}
    assert isinstance(rule, BothRule | EitherRule | ExceptRule)  # noqa: S101  (there are no others)
    word = {BothRule: "all", EitherRule: "any", ExceptRule: "minus"}[type(rule)]
    return {word: [to_data(part) for part in rule.parts]}


def _weekly_data(rule: WeeklyRule) -> dict[str, Any]:
    data: dict[str, Any] = {"weekly": print_week(rule.week), "zone": rule.zone}
    closed = [as_date(day).isoformat() for day, shifts in rule.special if not shifts]
    if rule.code:
        data["holidays"] = rule.code
    if closed:
        data["closed" if rule.code else "holidays"] = closed
    hours = {as_date(day).isoformat(): print_shifts(shifts) for day, shifts in rule.special if shifts}
    if hours:
        data["hours"] = hours
    return data


def _window_data(opens: int, closes: int) -> dict[str, str]:
    window = Window._of(opens, closes)  # noqa: SLF001
    bounds = {"opens": window.opens, "closes": window.closes}
    return {name: at.isoformat() for name, at in bounds.items() if at is not None}


def from_data(kind: type[Calendar], data: Any, path: str) -> Calendar:
    """The calendar of its plain data.

    Raises:
        InvalidCalendarError: If a part is missing, unknown or wrong; the text says where.
    """
    if not isinstance(data, dict):
        raise InvalidCalendarError(f"{path} is not a table: {data!r}; write e.g. {{'weekly': 'Mon-Fri 09:00-17:00'}}")
    words = [word for word in _KEYS if word in data]
    if len(words) != 1:
        raise InvalidCalendarError(
            f"{path} must hold one of {', '.join(_KEYS)}, got {', '.join(map(repr, data)) or 'nothing'}; keep one"
        )
    word = words[0]
    for key in data:
        if key != word and key not in _KEYS[word]:
            raise InvalidCalendarError(
                f"{path}.{key} is not known beside {word!r}; use {', '.join(sorted(_KEYS[word])) or 'nothing else'}"
            )
    if word in ("all", "any", "minus"):
        return _composed(kind, word, data[word], f"{path}.{word}")
    try:
        return _leaf(kind, word, data)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidCalendarError(f"{path}: {error}") from error


def _composed(kind: type[Calendar], word: str, parts: Any, path: str) -> Calendar:
    if not isinstance(parts, list) or len(parts) < 2 or (word == "minus" and len(parts) > 2):
        count = "two" if word == "minus" else "two or more"
        raise InvalidCalendarError(f"{path} is not a list of {count} calendars: {parts!r}; list {count}")
    calendar, *others = (from_data(kind, part, f"{path}[{i}]") for i, part in enumerate(parts))
    try:
        for other in others:
            calendar = calendar & other if word == "all" else calendar | other if word == "any" else calendar - other
    except InvalidCalendarError as error:
        raise InvalidCalendarError(f"{path}: {error}") from error
    return calendar


def _leaf(kind: type[Calendar], word: str, data: Mapping[str, Any]) -> Calendar:
    if word == "always":
        if data["always"] is not True:
            raise InvalidCalendarError(f"always is not true: {data['always']!r}; leave it out, or write true")
        return kind.always(zone=data.get("zone", "UTC"))
    if word == "only":
        return kind.only(*(Window(**bounds) for bounds in data["only"]), zone=data.get("zone", "UTC"))
    if "zone" not in data:
        raise InvalidCalendarError("zone is missing; name one, e.g. 'America/Denver'")
    calendar = kind.weekly(data["weekly"], zone=data["zone"], holidays=data.get("holidays", ()))
    if data.get("closed"):
        calendar = calendar.closed_on(*data["closed"])
    for day, hours in data.get("hours", {}).items():
        calendar = calendar.open_on(day, hours)
    return calendar
