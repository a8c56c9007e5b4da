"""Coming touches as a calendar file: RFC 5545 text that any calendar program reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from carepolicy._instant import ALWAYS, MINUTE, NEVER, in_words, to_micros, to_moment
from carepolicy.coming import ComingTouch
from carepolicy.errors import InvalidPolicyError, MissingExtraError


def to_ical(touches: Iterable[ComingTouch], *, at: datetime | str, name: str = "") -> str:
    """The touches as RFC 5545 text: an entry for each, from when it is best done, as long as it takes.

    An entry keeps its UID as long as the touch keeps its key, so that reading the file again moves entries and doubles
    none. The UID does not tell whom it is about; the summary does.

    Source: RFC 5545.

    Args:
        touches: What `coming_touches` gives; one that is due at once, as nothing is known, begins at `at`.
        at: When this was computed (DTSTAMP).
        name: What the calendar is called.

    Raises:
        InvalidTimeError: If `at` is naive.
        InvalidPolicyError: If something is no coming touch.
        MissingExtraError: If the extra `ical` is not installed.
    """
    try:
        import icalendar
    except ImportError as error:
        raise MissingExtraError(
            "writing calendar files needs icalendar, which is not installed; pip install 'carepolicy[ical]'"
        ) from error
    stamp = to_micros(at)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//carepolicy//coming touches//EN")
    calendar.add("version", "2.0")
    if name:
        calendar.add("x-wr-calname", name)
    for coming in touches:
        if not isinstance(coming, ComingTouch):
            raise InvalidPolicyError(f"touch is not a ComingTouch: {coming!r:.80}; pass what coming_touches gives")
        entry = icalendar.Event()
        begins, zone = coming.at_us if ALWAYS < coming.at_us < NEVER else stamp, coming.decision.zone
        entry.add("uid", f"{sha256(coming.key.encode()).hexdigest()[:32]}@carepolicy")
        entry.add("dtstamp", _plain(stamp, "UTC"))
        entry.add("dtstart", _plain(begins, zone))
        entry.add("dtend", _plain(begins + coming.minutes * MINUTE, zone))
        entry.add("summary", f"{coming.touch}: {coming.customer}" if coming.customer else coming.touch)
        entry.add("categories", [coming.touch])
        entry.add("description", _described(coming))
        calendar.add_component(entry)
    calendar.add_missing_timezones()
    text: str = calendar.to_ical().decode()
    return text


def _plain(us: int, zone: str) -> datetime:
    """A standard time in a zone of the standard library, which calendar programs know by name."""
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(to_moment(us).isoformat()).astimezone(ZoneInfo(zone))


def _described(coming: ComingTouch) -> str:
    """Why, by when, and whether it hangs on what comes before."""
    lines = [coming.why]
    if ALWAYS < coming.decision.due_us < NEVER:
        lines.append(f"Due {in_words(coming.decision.due_us, coming.decision.zone)}.")
    if coming.is_projected:
        lines.append("As planned, if the one before is done when it falls due.")
    return "\n".join(lines)
