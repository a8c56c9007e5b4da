"""Vague dates, such as "by Tuesday" or "in a few days", resolved to an instant when they are said.

A promise without an instant cannot be kept, and each side remembers the reading that suits it. The customer's reading
wins: the earliest end that a customer may reasonably have heard is the date of the promise. What has no end ("soon",
"as soon as possible") is refused: name a date.

Source: Council Directive 93/13/EEC, Article 5, for the rule that doubt about a term is read in favour of the consumer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import attrs

from carepolicy._instant import DAY, EPOCH_ORDINAL, HOUR, MINUTE, maybe_moment, to_micros, to_moment
from carepolicy._time.zone import door_of
from carepolicy.calendar import Calendar
from carepolicy.errors import InvalidTimeError
from carepolicy.phrases import ENGLISH, Language, Phrase
from carepolicy.span import elapsed, working, working_days

if TYPE_CHECKING:
    import pendulum


@attrs.frozen(kw_only=True)
class Resolved:
    """A date as it was said, and the instant that it means.

    Args:
        text: What was said.
        said_us: When, in UTC microseconds.
        due_us: The earliest end that a customer may have heard: the date of the promise, in UTC microseconds.
        latest_us: The latest end that may have been meant.
        rule: How it was read; a rule of `Phrase`, "clock" or "part of the day".
        zone: The zone in which it was said.
    """

    text: str
    said_us: int
    due_us: int
    latest_us: int
    rule: str
    zone: str

    @property
    def due(self) -> pendulum.DateTime | None:
        """The date of the promise, in the zone in which it was said."""
        return maybe_moment(self.due_us, self.zone)

    @property
    def latest(self) -> pendulum.DateTime | None:
        """The latest end that may have been meant."""
        return maybe_moment(self.latest_us, self.zone)

    @property
    def ambiguous(self) -> bool:
        """Whether the two sides may have heard different dates; then say the date out loud."""
        return self.due_us != self.latest_us


def resolve(
    text: str, said: datetime | str, *, calendar: Calendar | None = None, language: Language = ENGLISH
) -> Resolved:
    """The instant that a vague date means, in the zone and the hours of a calendar.

    A day ends for the customer when we close on it, or at midnight where we are closed all day; that we are closed does
    not move the day. An hour by the clock is an hour; a part of the day ends where the language says.

    Args:
        text: What was said, such as "tomorrow", "by Tuesday at 3 pm", "within 3 working days".
        said: When; any aware time.
        calendar: Whose zone and hours count; open around the clock in UTC when left out.
        language: The words.

    Raises:
        InvalidTimeError: If no end can be made out, or it has passed when it is said.
        HorizonError: If it is beyond the years for which calendars are computed.

    >>> str(resolve("tomorrow", "2026-03-05T10:00+01:00", calendar=Calendar.always("Europe/Paris")).due)
    '2026-03-07 00:00:00+01:00'
    """
    hours = calendar or Calendar.always()
    reading = _Reading(hours, to_micros(said, "said"), language)
    rest, wall = reading.clock(_plain(text, language.fillers))
    found = reading.of(rest, wall)
    if found is None:
        raise InvalidTimeError(f"date cannot be made out: {text!r}; name one, e.g. 'Tuesday 15:00' or '2026-03-05'")
    rule, due, last = found
    if due < reading.said:
        raise InvalidTimeError(f"date had passed when it was said: {text!r}; name one to come")
    return Resolved(text=text, said_us=reading.said, due_us=due, latest_us=max(due, last), rule=rule, zone=hours.zone)


def _plain(text: str, fillers: tuple[str, ...]) -> str:
    """The words that matter, in small letters."""
    words = re.sub(r"[.,;!?]+(?=\s|$)", "", text.casefold()).split()
    return " ".join(word for word in words if word not in fillers)


def _cut(text: str, pattern: str) -> tuple[str, re.Match[str] | None]:
    """The text without the first whole words that match."""
    found = re.search(rf"(?<!\S)(?:{pattern})(?!\S)", text)
    return (text, None) if found is None else (" ".join((text[: found.start()] + text[found.end() :]).split()), found)


class _Reading:
    """What the words mean, said at an instant in the hours of a calendar."""

    def __init__(self, calendar: Calendar, said: int, language: Language) -> None:
        self.calendar, self.said, self.language = calendar, said, language
        self.door = door_of(calendar.zone)
        self.today = (said + self.door.around(said).offset(said)) // DAY

    def clock(self, text: str) -> tuple[str, tuple[str, int] | None]:
        """The text without the clock time or part of the day in it, and the wall time that this ends at.

        "Between 8 and noon" is such a time of a day that is named; of two hours of which one may be of the morning or
        of the evening nobody knows the end.
        """
        rest, stretch = _cut(text, self.language.between) if self.language.between else (text, None)
        if stretch is None:
            return self._time(text)
        (day, end), start = self._time(rest), stretch["start"]
        wall = (self._time(start)[1] or ("", DAY))[1] if not start.isdigit() else int(start) * HOUR
        if not day or end is None or end[0] != "clock" or wall >= end[1]:
            return text, None
        return day, end

    def _time(self, text: str) -> tuple[str, tuple[str, int] | None]:
        for pattern, hour in self.language.clocks:
            rest, found = _cut(text, pattern)
            if found is not None:
                return rest, ("clock", _shown(found, hour))
        for pattern, hour in self.language.parts:
            rest, found = _cut(text, pattern)
            if found is not None:
                return rest, ("part of the day", hour * HOUR)
        return text, None

    def of(self, text: str, wall: tuple[str, int] | None) -> tuple[str, int, int] | None:
        """The rule with the earliest and the latest end; None where there is none."""
        if not text and wall is not None:  # the next time that the clock shows it
            ends = [self._at(self.today + n, wall[1]) for n in (0, 1)]
            first = ends[0] if ends[0] > self.said else ends[1]
            return wall[0], first, first if wall[0] == "clock" else ends[1]
        for phrase in self.language.phrases:
            found = re.fullmatch(self._filled(phrase.pattern), text)
            if found is not None:
                meant = self._ends(phrase, found, None if wall is None else wall[1])
                return None if meant is None else (phrase.rule, *meant)
        return None

    def _filled(self, pattern: str) -> str:
        """A pattern with the words of the language for its placeholders; the group that matches says which word."""
        words: dict[str, Sequence[str]] = {"weekday": self.language.weekdays, "month": self.language.months}
        words["count"] = [c[0] for c in self.language.counts]
        words["unit"] = [u[0] for u in self.language.units]
        for name, some in words.items():
            named = "|".join(f"(?P<{name}{n}>{word})" for n, word in enumerate(some))
            pattern = pattern.replace(f"{{{name}}}", f"(?:{named})")
        return pattern.replace("{date}", r"(?P<date>\d{4}-\d{2}-\d{2})")

    def _ends(self, phrase: Phrase, found: re.Match[str], wall: int | None) -> tuple[int, int] | None:
        """The earliest and the latest end; None where the words contradict each other."""
        if phrase.rule in ("week", "month"):
            first, last = self._week(phrase.offset) if phrase.rule == "week" else self._month(phrase.offset)
            return None if wall is not None else self._stretch(first, last)
        if phrase.rule == "minutes":
            return None if wall is not None else (self.said + phrase.offset * MINUTE,) * 2
        if phrase.rule == "count":
            return self._counted(found, wall)
        days = self._days(phrase, found)
        if days is None:
            return None
        ends = [self._day(day) if wall is None else (self._at(day, wall),) * 2 for day in days]
        later = [end for end in ends if end[0] > self.said] or ends
        return later[0][0], later[-1][1]

    def _days(self, phrase: Phrase, found: re.Match[str]) -> list[int] | None:
        """The days that may be meant, the earliest first."""
        if phrase.rule == "day":
            return [self.today + phrase.offset]
        if phrase.rule == "date":
            try:
                return [date.fromisoformat(found["date"]).toordinal() - EPOCH_ORDINAL]
            except ValueError:
                return None
        if phrase.rule == "month day":
            return self._named(found)
        ahead = (_which(found, "weekday") - _weekday(self.today)) % 7
        if phrase.rule == "weekday":
            return [self.today + ahead] if ahead else [self.today, self.today + 7]
        next_one = self.today + (ahead or 7)
        of_next_week = self.today - _weekday(self.today) + 7 + _which(found, "weekday")
        return [next_one, max(next_one, of_next_week)]

    def _named(self, found: re.Match[str]) -> list[int] | None:
        """The day of a month; the next one that there is where no month or no year was said."""
        said = found.groupdict()
        named = any(word for name, word in said.items() if name.startswith("month"))
        month, year = _which(found, "month") if named else None, said.get("year")
        ahead = range(1 if year else 8 * 12 + 1)  # between two leap days there may be eight years
        months = [(int(year), month or 0) if year else divmod(self._months() + n, 12) for n in ahead]
        days = (_ordinal_or_none(*on, int(said["day"])) for on in months if month in (None, on[1]))
        return next(([day] for day in days if day is not None and (year or day >= self.today)), None)

    def _counted(self, found: re.Match[str], wall: int | None) -> tuple[int, int] | None:
        """So many units on."""
        position = _which(found, "count")
        number = found[f"count{position}"]
        _, least, most = self.language.counts[position]
        _, unit, times = self.language.units[_which(found, "unit")]
        counts = [int(number) * times] * 2 if number.isdigit() else [least * times, most * times]
        if unit in ("minutes", "working minutes"):
            span = elapsed if unit == "minutes" else working
            ends = [int(self.calendar._add(self.said, span(minutes=n))) for n in counts]  # noqa: SLF001  (ticks)
            return None if wall is not None else (ends[0], ends[1])
        days = [self._later(n, unit) for n in counts]
        if wall is not None:
            return self._at(days[0], wall), self._at(days[1], wall)
        return self._day(days[0])[0], self._day(days[1])[1]

    def _later(self, count: int, unit: str) -> int:
        """The day so many days, working days or months on."""
        if unit == "months":
            return self._same_day(count)
        if unit == "days":
            return self.today + count
        then = int(self.calendar._add(self.said, working_days(count)))  # noqa: SLF001  (ticks)
        return (then + self.door.around(then).offset(then)) // DAY

    def _week(self, ahead: int) -> tuple[int, int]:
        """Friday and Sunday of a week."""
        monday = self.today - _weekday(self.today) + 7 * ahead
        return monday + 4, monday + 6

    def _month(self, ahead: int) -> tuple[int, int]:
        """The last day of a month, twice: nobody means an earlier one."""
        last = _ordinal(*divmod(self._months() + ahead + 1, 12), 1) - 1
        return last, last

    def _months(self) -> int:
        on = date.fromordinal(self.today + EPOCH_ORDINAL)
        return on.year * 12 + on.month - 1

    def _same_day(self, months: int) -> int:
        """The same day some months on, or the last of that month."""
        on = date.fromordinal(self.today + EPOCH_ORDINAL)
        first = _ordinal(*divmod(self._months() + months, 12), 1)
        return min(first + on.day - 1, self._month(months)[1])

    def _stretch(self, first: int, last: int) -> tuple[int, int]:
        """The end of the first day, or of the last where the first has passed."""
        earliest = self._day(first)[0]
        latest = self._at(last, DAY)
        return (earliest if earliest > self.said else latest), latest

    def _day(self, day: int) -> tuple[int, int]:
        """When a day ends for the customer: our last closing on it that is still to come, or midnight; and midnight."""
        start, end = self._at(day, 0), self._at(day, DAY)
        windows = self.calendar.open_windows(to_moment(start), to_moment(end))
        closes = windows[-1].closes_us if windows else end
        return (closes if closes > self.said else end), end

    def _at(self, day: int, wall: int) -> int:
        """The instant of a wall time: the gap's end in a gap, the first in an overlap."""
        micros = day * DAY + wall
        return self.door.around(micros).utc(micros)


def _shown(found: re.Match[str], hour: int) -> int:
    """The wall time of a clock, in microseconds; `hour` where the words show none."""
    said = found.groupdict()
    if "pm" in said:
        hour = int(said["hour"]) % 12 + (12 if said["pm"] else 0)
    elif "hour" in said:
        hour = int(said["hour"])
    return hour * HOUR + int(said.get("minute") or 0) * MINUTE


def _which(found: re.Match[str], name: str) -> int:
    """Which of the words of a placeholder stood there."""
    return next(int(group[len(name) :]) for group, text in found.groupdict().items() if text and group.startswith(name))


def _weekday(day: int) -> int:
    """0 for a Monday; the first day of 1970 was a Thursday."""
    return (day + 3) % 7


def _ordinal_or_none(year: int, month: int, day: int) -> int | None:
    """A day by its date, counted from 1970; None where there is no such date."""
    try:
        return _ordinal(year, month, day)
    except ValueError:
        return None


def _ordinal(year: int, month: int, day: int) -> int:
    return date(year, month + 1, day).toordinal() - EPOCH_ORDINAL
