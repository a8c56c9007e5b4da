"""Fits with open cases: what is said where their package is not there. `tests/survival` tries the fits."""

from __future__ import annotations

import sys

import pytest

from carepolicy.arrival.failure_time import accelerated
from carepolicy.errors import MissingExtraError


def test_without_lifelines(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "lifelines", None)
    with pytest.raises(MissingExtraError, match=r"need the package lifelines; install carepolicy\[survival\]"):
        accelerated([[1.0], [2.0]], [3, 4], [True, True])
