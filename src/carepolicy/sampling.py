"""Sampling: a part of the customers is asked, always the same part, whoever draws it and whenever."""

from __future__ import annotations

from hashlib import sha256

import attrs

from carepolicy.errors import InvalidPolicyError


def fraction_of(*names: str) -> float:
    """A number from 0 up to 1 that some names always have, spread evenly over all names.

    >>> fraction_of("ann", "claim") == fraction_of("ann", "claim") != fraction_of("annclaim")
    True
    """
    digest = sha256("\x1f".join(names).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6]) / (1 << 48)


@attrs.frozen
class Sample:
    """A share of all journeys, drawn by a stable hash; a larger share keeps those of a smaller one.

    Args:
        share: The share, above 0 and at most 1.
        salt: Another salt draws others.

    Raises:
        InvalidPolicyError: If the share is none.

    >>> 200 < sum(Sample(0.25).takes("ann", str(case)) for case in range(1000)) < 300
    True
    """

    share: float
    salt: str = ""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.share, (int, float)) or not 0 < self.share <= 1:
            raise InvalidPolicyError(
                f"share must be above 0 and at most 1, got {self.share!r}; to ask nobody, send nothing"
            )

    def takes(self, *names: str) -> bool:
        """Whether the journey of these names is drawn."""
        return fraction_of(self.salt, *names) < self.share
