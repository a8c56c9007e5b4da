"""Short logs of one journey in March 2026, for tests of guards."""

from __future__ import annotations

from typing import Any

from carepolicy import Event, Timeline

NOW = "2026-03-10T09:00Z"


def on(day: int, kind: str, due: int | str | None = None, **words: Any) -> Event:
    """Something that happened at nine, to case "c" unless said otherwise; what is due is due at nine, too."""
    by = f"2026-03-{due:02}T09:00Z" if isinstance(due, int) else due
    return Event(at=f"2026-03-{day:02}T09:00Z", kind=kind, due=by, **{"case": "c", **words})


def bounds(policy: Any, *events: Event) -> tuple[str, str, str]:
    """Verdict, opening day and closing day on the tenth."""
    decision = policy.decide(Timeline(events), NOW)
    opens, closes = (str(t)[8:10] if t else "-" for t in (decision.opens, decision.closes))
    return decision.verdict.value, opens, closes


def opening(policy: Any, *events: Event) -> tuple[str, str]:
    """Verdict and opening day on the tenth."""
    return bounds(policy, *events)[:2]
