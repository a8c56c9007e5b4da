"""JSON text read back into what wrote it, and what it cannot hold."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from carepolicy.errors import CarePolicyError, InvalidPolicyError

T = TypeVar("T")


def read(text: str, what: str, build: Callable[[Any], T]) -> T:
    """What was written as JSON.

    Args:
        text: What `to_json` gave.
        what: What it is to be, for the error.
        build: Makes it of the data.

    Raises:
        InvalidPolicyError: If the text is something else.
    """
    try:
        return build(json.loads(text))
    except CarePolicyError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InvalidPolicyError(f"text is no {what}: {text!r:.80}; pass what to_json gave") from error


def refuse_unwritable(cells: Iterable[tuple[Hashable, ...]]) -> None:
    """Refuse combinations that JSON cannot hold.

    Raises:
        InvalidPolicyError: If a group value is no text, number or truth.
    """
    for value in (value for cell in cells for value in cell):
        if not isinstance(value, (str, int, float, bool, type(None))) or value in (math.inf, -math.inf):
            raise InvalidPolicyError(f"group value has no form in JSON: {value!r}; fit with its text")
