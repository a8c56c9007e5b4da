"""A year of surveys to a hundred thousand people, counted one by one; `tests/test_send_simulation.py` does it with few.

`make nightly` runs this on every core; it takes minutes.
"""

from __future__ import annotations

import multiprocessing

from tests.send_simulation import simulate

PEOPLE, CHUNK = 100_000, 500


def year(seed: int) -> tuple[int, int, list[str]]:
    """How many messages went to how many people of a chunk, and which rules they broke."""
    sent, broken = simulate(CHUNK, seed, quick=True)
    return len(sent), len({message.customer for message in sent}), broken


def test_no_cap_no_rest_and_no_quiet_hour_is_ever_broken() -> None:
    """Two workers, retries, a log that is late, doubled and shuffled; keys and places reserved in SQLite."""
    with multiprocessing.Pool() as pool:
        years = pool.map(year, range(PEOPLE // CHUNK), chunksize=1)
    assert [rule for *_, broken in years for rule in broken] == []
    assert sum(people for _, people, _ in years) > 0.9 * PEOPLE
    assert sum(messages for messages, *_ in years) > 2 * PEOPLE
