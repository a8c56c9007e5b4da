"""How dates are named in a language: the words that `resolve` reads, as data."""

from __future__ import annotations

import attrs

from carepolicy.errors import InvalidPolicyError

RULES = ("day", "weekday", "next weekday", "date", "month day", "week", "month", "count", "minutes")
UNITS = ("minutes", "working minutes", "days", "working days", "months")


@attrs.frozen
class Phrase:
    """A way of naming a date.

    Args:
        pattern: A regular expression for all that is left of the words once fillers, clock time and part of the day
            are taken out; `{weekday}`, `{month}`, `{count}` and `{unit}` stand for the words of the language.
        rule: One of `RULES`: a day so many days on, such a weekday, a date, such a day of a month (the groups `day` and
            `year`, and `{month}`; the next one where the words leave out which), the week or the month so many on, a
            number of units, or so many minutes.
        offset: How many days, weeks, months or minutes on.

    Raises:
        InvalidPolicyError: If the rule is not known.
    """

    pattern: str
    rule: str
    offset: int = 0

    def __attrs_post_init__(self) -> None:
        if self.rule not in RULES:
            raise InvalidPolicyError(f"rule is not known: {self.rule!r}; use one of {', '.join(map(repr, RULES))}")


@attrs.frozen
class Language:
    """The words in which dates are named; another language is another value.

    Args:
        fillers: Words that change nothing.
        weekdays: Monday to Sunday; each a regular expression.
        counts: Words for numbers with the least and the most that they may mean.
        units: Words for units, with one of `UNITS` and how many of these they are.
        parts: Parts of the day with the hour at which they end.
        clocks: Regular expressions of clock times, with the groups `hour`, `minute` and `pm`, or with an hour that they
            mean.
        phrases: The ways of naming a date; the first that matches counts.
        months: January to December; each a regular expression.
        between: A regular expression of the words before the end of a stretch of hours, with the group `start`.
    """

    fillers: tuple[str, ...]
    weekdays: tuple[str, ...]
    counts: tuple[tuple[str, int, int], ...]
    units: tuple[tuple[str, str, int], ...]
    parts: tuple[tuple[str, int], ...]
    clocks: tuple[tuple[str, int], ...]
    phrases: tuple[Phrase, ...]
    months: tuple[str, ...] = ()
    between: str = ""


_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"

ENGLISH = Language(
    fillers=("by", "on", "until", "till", "within", "in", "at", "the", "this", "latest", "no", "later", "than"),
    weekdays=(
        "monday|mon", "tuesday|tues?", "wednesday|wed", "thursday|thu(?:rs?)?", "friday|fri", "saturday|sat",
        "sunday|sun",
    ),
    counts=(
        (r"\d{1,3}", 0, 0), ("an?|one", 1, 1), ("an? couple of|two", 2, 2), ("an? few|several", 3, 5), ("three", 3, 3),
        ("four", 4, 4), ("five", 5, 5), ("six", 6, 6), ("seven", 7, 7), ("eight", 8, 8), ("nine", 9, 9),
        ("ten", 10, 10), ("fourteen", 14, 14), ("thirty", 30, 30),
    ),
    units=(
        ("minutes?|mins?", "minutes", 1), ("hours?|hrs?|h", "minutes", 60),
        ("(?:working|business|office) hours?", "working minutes", 60),
        ("(?:working|business) days?", "working days", 1), ("days?", "days", 1), ("weeks?", "days", 7),
        ("months?", "months", 1),
    ),
    parts=(("morning", 12), ("afternoon", 18), ("evening", 22), ("tonight|night", 24)),
    clocks=(
        (r"(?P<hour>0?[1-9]|1[0-2])(?::(?P<minute>[0-5]\d))? ?(?:am|(?P<pm>pm))", 0),
        (r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)", 0), ("noon|midday", 12), ("midnight", 24),
    ),
    phrases=(
        Phrase("today|end of (?:day|today|business)|close of business|cob|eod", "day"),
        Phrase("(?:end of )?(?:tomorrow|next day)", "day", 1),
        Phrase("(?:end of )?day after tomorrow", "day", 2),
        Phrase("(?:end of )?{weekday}", "weekday"),
        Phrase("(?:end of )?next {weekday}", "next weekday"),
        Phrase("{date}", "date"),
        Phrase(rf"{_DAY}(?: of)? {{month}}(?: (?P<year>\d{{4}}))?", "month day"),
        Phrase(rf"{{month}} {_DAY}(?: (?P<year>\d{{4}}))?", "month day"),
        Phrase(r"(?P<day>\d{1,2})(?:st|nd|rd|th)", "month day"),
        Phrase("(?:end of )?week", "week"),
        Phrase("(?:end of )?next week", "week", 1),
        Phrase("(?:end of )?month", "month"),
        Phrase("(?:end of )?next month", "month", 1),
        Phrase("{count} ?{unit}", "count"),
        Phrase("half an hour", "minutes", 30),
        Phrase("hour", "minutes", 60),
    ),
    months=(
        "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
        "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
    ),
    between=r"between (?P<start>\d{1,2}(?::[0-5]\d)?(?: ?[ap]m)?|noon|midday) and",
)  # fmt: skip
"""English. A few are three to five, a week ends on Friday at the earliest, a morning at twelve."""
