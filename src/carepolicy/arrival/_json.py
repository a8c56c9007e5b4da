"""JSON text read back into what wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable
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
