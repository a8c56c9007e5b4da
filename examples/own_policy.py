"""A guard and a duty of one's own, held against the laws that ours keep; needs the extra `testing`.

Run it with `python examples/own_policy.py`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from carepolicy import NEVER, Duty, Fact, Facts, Guard, Span, Which, days, last, where, working
from carepolicy.testing import LawBroken, check_policy


@frozen
class InvoicePaid(Guard):
    """The last invoice is paid."""

    facts: ClassVar[Mapping[str, Fact]] = {"invoiced": last("invoice"), "paid": last("payment")}
    awaits: ClassVar[str] = "the invoice to be paid"

    def opens(self, f: Facts) -> Any:
        """When it was paid; never while it is not."""
        return where(f.paid >= f.invoiced, f.paid, NEVER)


@frozen
class CalledBack(Duty):
    """A customer who asked for a callback is called back."""

    within: Span = field(default=working(hours=4))

    facts: ClassVar[Mapping[str, Fact]] = {
        "asked": last(Which("contact", direction="inbound", purpose="callback")),
        "called": last(Which("contact", by="us", direction="outbound", conversation=True)),
    }

    def due(self, f: Facts) -> Any:
        """`within` after they asked, until we have talked."""
        return where(f.asked > f.called, f.after(f.asked, self.within), NEVER)

    def cycle(self, f: Facts) -> Any:
        """When the customer asked."""
        return f.asked


@frozen
class Hasty(Guard):
    """A week after the last survey; branches on a fact, which a table cannot."""

    facts: ClassVar[Mapping[str, Fact]] = {"invited": last("survey")}

    def opens(self, f: Facts) -> Any:
        """Works for one customer, and breaks for two."""
        return f.after(f.invited, days(7)) if f.invited > 0 else f.invited


for policy in (InvoicePaid(), CalledBack(), Hasty()):
    try:
        check_policy(policy, examples=20)
        print(f"{policy!r} keeps every law")
    except LawBroken as broken:
        print(broken)
