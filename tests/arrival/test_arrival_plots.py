"""Pictures of promised windows: what they show, and what they refuse to draw."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from carepolicy.arrival.plots import plot_coverage, plot_reliability, plot_windows
from carepolicy.arrival.scorecard import score
from carepolicy.arrival.stated_and_seen import reliability
from carepolicy.errors import InvalidPolicyError, MissingExtraError


class TestWindows:
    """Promised windows against arrivals."""

    def test_shows_what_came_inside_early_and_late(self) -> None:
        """Open cases and promises without an end are left out."""
        axes = plot_windows([0, 0, 0, 0, 0], [30, 30, 30, math.inf, 30], [10, 40, -5, 5, None])
        assert axes.get_title(loc="left") == "Promised windows and arrivals (3 windows)"
        labels = [text.get_text() for text in axes.get_legend().get_texts()]  # type: ignore[union-attr]
        assert labels == ["promised", "inside: 33%", "early: 33%", "late: 33%"]
        assert axes.get_ylabel() == "minutes"

    def test_of_many_a_part_is_drawn_and_all_are_counted(self) -> None:
        """The title says how many."""
        axes = plot_windows(np.zeros(1000), 30, np.r_[np.full(900, 10.0), np.full(100, 40.0)], most=50)
        assert axes.get_title(loc="left") == "Promised windows and arrivals (50 of 1,000 windows)"
        assert axes.get_legend().get_texts()[3].get_text() == "late: 10%"  # type: ignore[union-attr]

    def test_draws_where_it_is_told(self) -> None:
        """On the axes of the host."""
        ours = Figure().subplots()
        assert plot_windows([0], [30], [10], ax=ours) is ours

    def test_nothing_to_draw(self) -> None:
        """No window with an end and an arrival."""
        with pytest.raises(InvalidPolicyError, match="nothing can be drawn"):
            plot_windows([0], [30], [None])


class TestReliability:
    """Stated chances against what happened."""

    def test_shows_the_brier_score_and_the_cases(self) -> None:
        """Each point has its number of cases."""
        axes = plot_reliability(reliability([0.1, 0.1, 0.9], [0, 0, 1]))
        assert axes.get_title(loc="left") == "Reliability (Brier score 0.010)"
        assert [text.get_text() for text in axes.texts] == ["2", "1"]

    def test_nothing_to_draw(self) -> None:
        """No cases."""
        with pytest.raises(InvalidPolicyError, match="nothing can be drawn"):
            plot_reliability(reliability([], []))


class TestCoverage:
    """The share that held over time."""

    def test_shows_each_period_beside_the_promise(self) -> None:
        """Of many periods every so-manieth is labelled; those without a case are left out."""
        weeks = [f"W{number:02}" for number in range(24)]
        held = score(0, [30] * 23 + [math.inf], [10] * 24, over=weeks)
        axes = plot_coverage(held)
        assert [text.get_text() for text in axes.get_xticklabels()] == weeks[:23:2]
        assert axes.yaxis.get_major_formatter()(0.9, 0) == "90%"
        assert axes.get_legend().get_texts()[0].get_text() == "promised: 90%"  # type: ignore[union-attr]

    def test_nothing_to_draw(self) -> None:
        """A score without periods."""
        with pytest.raises(InvalidPolicyError, match=r"call score\(\.\.\., over=\.\.\.\)"):
            plot_coverage(score(0, 30, [10]))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures need matplotlib, the figures do not."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"^plots need matplotlib, which is not installed; pip install"):
        plot_windows([0], [30], [10])
