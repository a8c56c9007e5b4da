"""News that matters: the laws of every policy."""

from __future__ import annotations

from typing import Any

import pytest

from carepolicy import Which, days, elapsed
from carepolicy.news import News, NewsByVoice, VoiceFirst
from carepolicy.testing import check_policy

small = News(events=Which("trouble"), slips="estimate", slip=elapsed(hours=0), by="us")


@pytest.mark.parametrize(
    "policy", [NewsByVoice(), NewsByVoice(days(1), small), VoiceFirst(), VoiceFirst(small)], ids=repr
)
def test_every_policy_keeps_the_laws(policy: Any) -> None:
    """One text, whole instants, values, mergeable facts, stability, no look-ahead, and `&` for guards."""
    check_policy(policy)
