"""What answers have in common that hold until an instant: like a decision, they say when to look again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carepolicy._instant import maybe_moment

if TYPE_CHECKING:
    import pendulum


class Holds:
    """An answer that holds until its `review_us` if nothing is learnt, in the zone that its instants are given in."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def review_us(self) -> int: ...

        @property
        def zone(self) -> str: ...

    @property
    def review_at(self) -> pendulum.DateTime | None:
        """Until when this holds if nothing is learnt; None where only an event can change it."""
        return maybe_moment(self.review_us, self.zone)
