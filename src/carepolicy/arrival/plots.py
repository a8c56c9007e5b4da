"""Pictures of promised windows: against what came, stated chances against what happened, coverage over time.

Each draws on the axes given, or on new ones, and returns them; nothing is shown or saved. They need the extra `plots`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carepolicy.arrival._columns import each, numbers
from carepolicy.errors import InvalidPolicyError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carepolicy.arrival.scorecard import Score
    from carepolicy.arrival.stated_and_seen import Reliability

INSIDE, EARLY, LATE, PROMISED = "#0072B2", "#009E73", "#D55E00", "#B8C4CE"
"""Colours that stay apart for the colour-blind; early and late have marks of their own as well.

Source: Okabe and Ito, Color Universal Design (2008).
"""
MOST_WINDOWS = 150


def plot_windows(
    low: Any,
    high: Any,
    actual: Any,
    *,
    unit: str = "minutes",
    most: int = MOST_WINDOWS,
    ax: Axes | None = None,
) -> Axes:
    """Promised windows as bars, and when the visits came: inside, early or late.

    Promises without an end, and cases that are still open, are left out. Of more than `most` windows a part is drawn,
    evenly chosen, as the title says; the shares are of all. They stand in the order of their middles, so that
    windows that are off for long visits only show it.

    Args:
        low, high: The ends of each window, as for `score`.
        actual: When each came.
        unit: What the axis is labelled with.
        most: How many windows are drawn.
        ax: Where to draw.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        InvalidPolicyError: If lengths differ, or no window has an end and an arrival.
    """
    came = np.atleast_1d(numbers(actual, "actual"))
    lower, upper = each(low, "low", came.size), each(high, "high", came.size)
    known = np.flatnonzero(np.isfinite(lower) & np.isfinite(upper) & np.isfinite(came))
    if not known.size:
        raise InvalidPolicyError("there is no window with both ends and an arrival; nothing can be drawn")
    known = known[np.argsort((lower + upper)[known], kind="stable")]
    shown = known[np.unique(np.linspace(0, known.size - 1, min(most, known.size)).astype(np.int64))]
    axes, place, early, late = _axes(ax), np.arange(shown.size), came < lower, came > upper
    thick = max(1.0, min(6.0, 300 / shown.size))
    axes.vlines(place, lower[shown], upper[shown], color=PROMISED, linewidth=thick, label="promised")
    for name, flags, colour, mark in (
        ("inside", ~(early | late), INSIDE, "o"),
        ("early", early, EARLY, "v"),
        ("late", late, LATE, "^"),
    ):
        label, drawn = f"{name}: {flags[known].mean():.0%}", flags[shown]
        axes.scatter(place[drawn], came[shown][drawn], s=14, color=colour, marker=mark, label=label, zorder=3)
    some = f"{shown.size:,} of {known.size:,} windows" if shown.size < known.size else f"{known.size:,} windows"
    return _finish(axes, f"Promised windows and arrivals ({some})", "visits, by the middle of their window", unit)


def plot_reliability(found: Reliability, *, ax: Axes | None = None) -> Axes:
    """Stated chances against the share that happened, with two standard errors; on the line they are the same.

    Args:
        found: What `reliability` returned.
        ax: Where to draw.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        InvalidPolicyError: If there are no cases.
    """
    if not found.rows:
        raise InvalidPolicyError("there are no cases; nothing can be drawn")
    axes = _axes(ax)
    stated, seen, error = (
        np.array([getattr(row, name) for row in found.rows]) for name in ("stated", "seen", "seen_se")
    )
    axes.plot([0, 1], [0, 1], color=PROMISED, linewidth=1.5, label="as stated")
    axes.errorbar(
        stated,
        seen,
        yerr=2 * error,
        color=INSIDE,
        marker="o",
        markersize=5,
        linestyle="none",
        capsize=2,
        label="seen ± 2 s.e.",
    )
    for row in found.rows:
        axes.annotate(
            f"{row.count:,}",
            (row.stated, row.seen),
            xytext=(7, -3),
            textcoords="offset points",
            fontsize=8,
            color="#555555",
        )
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.set_aspect("equal")
    return _finish(axes, f"Reliability (Brier score {found.brier:.3f})", "stated chance", "share that happened")


def plot_coverage(found: Score, *, ax: Axes | None = None) -> Axes:
    """The share of windows that held in each period, with two standard errors, beside what was promised.

    Args:
        found: What `score` returned with `over`.
        ax: Where to draw.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        InvalidPolicyError: If the score has no periods.
    """
    periods = [(str(name), one) for name, one in found.periods if one.coverage == one.coverage]
    if not periods:
        raise InvalidPolicyError("score has no periods; call score(..., over=...) with a time or label for each row")
    axes, place = _axes(ax), np.arange(len(periods))
    held, error = (np.array([getattr(one, name) for _, one in periods]) for name in ("coverage", "coverage_se"))
    axes.axhline(
        found.confidence, color="#555555", linewidth=1, linestyle="--", label=f"promised: {found.confidence:.0%}"
    )
    axes.fill_between(
        place,
        np.clip(held - 2 * error, 0, 1),
        np.clip(held + 2 * error, 0, 1),
        color=INSIDE,
        alpha=0.18,
        linewidth=0,
        label="± 2 s.e.",
    )
    axes.plot(place, held, color=INSIDE, marker="o", markersize=4, label="held")
    step = -(-len(periods) // 12)
    axes.set_xticks(place[::step], [name for name, _ in periods][::step])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return _finish(axes, f"Share of windows that held ({found.count:,} visits)", "", "")


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(
            "plots need matplotlib, which is not installed; pip install 'carepolicy[plots]'"
        ) from error
    return Figure(figsize=(7.5, 4.2), layout="constrained").subplots()


def _finish(axes: Axes, title: str, across: str, up: str) -> Axes:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    return axes
