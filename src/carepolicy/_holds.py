"""What answers have in common that hold until an instant: like a decision, they say when to look again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from carepolicy._instant import maybe_moment

if TYPE_CHECKING:
    import pendulum


_T = TypeVar("_T")


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


class Several(Holds, Generic[_T]):
    """Several answers of one moment, which hold together: also that there is none may change."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def _each(self) -> tuple[_T, ...]:
            """The answers, in their order."""
            ...

    def __iter__(self) -> Iterator[_T]:
        return iter(self._each)

    def __len__(self) -> int:
        return len(self._each)

    def __getitem__(self, position: int) -> _T:
        return self._each[position]
