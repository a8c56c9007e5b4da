"""Coverage: where every journey is, so that waiting cannot flatter the score."""

from __future__ import annotations

from carepolicy.coverage import Coverage


class TestCoverage:
    """It adds up to every journey."""

    part = Coverage.of([("ask", ("A.opens",)), ("held", ("B.opens", "A.opens")), ("held", ("B.opens",)), ("held", ())])

    def test_counts_by_fate_and_binding_reason(self) -> None:
        assert self.part.rows == (("ask", "", 1), ("held", "B.opens", 2), ("held", "", 1))
        assert (self.part.journeys, self.part.asked, self.part.share) == (4, 1, 0.25)

    def test_adds_up(self) -> None:
        both = self.part + Coverage.of([("too_late", ("C.closes",)), ("ask", ())])
        assert both.journeys == 6
        assert both.rows[0] == ("ask", "", 2)

    def test_says_so(self) -> None:
        assert str(self.part).splitlines() == [
            "        1  ask",
            "        2  held         B.opens",
            "        1  held",
            "        4  in all, 1 of them asked about",
        ]
