"""How long laws of duration take to fit and to answer for a million jobs, beside pandas, MAPIE and lifelines.

    python bench/arrival_speed.py [--json FILE]

Made-up durations in 40 zones by 5 kinds, and trees of scikit-learn for the windows that MAPIE and `ConformalWindow`
correct. CPU time of this process, the best of several. Needs pandas. Fails where a goal is missed: a fit of a million
rows in a second, windows for a million jobs in half a second; or where a correction is not MAPIE's to nine digits.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from measuring import Figure, arguments, optional, publish

from carepolicy.arrival.conformal import ConformalWindow
from carepolicy.arrival.duration import DurationLaw
from carepolicy.arrival.models import boosted
from carepolicy.arrival.remaining import Remaining

ROWS, MORE, CALIBRATION = 1_000_000, 10_000, 5_000
FALLBACK = [("zone", "kind"), ("zone",)]
SHARES = (0.05, 0.95)


def cpu(work: Callable[[], object], rounds: int = 5) -> float:
    """The least seconds of this process that some work took."""
    work()
    found = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def laws(pandas: Any) -> list[Figure]:
    """Laws by group, beside quantiles by group in pandas."""
    rng = np.random.default_rng(1)
    zones, kinds = np.array([f"zone {z}" for z in range(40)], dtype=object), np.array(list("abcde"), dtype=object)
    jobs = pandas.DataFrame({"zone": zones[rng.integers(0, 40, ROWS)], "kind": kinds[rng.integers(0, 5, ROWS)]})
    minutes = rng.lognormal(3.5, 0.6, ROWS)
    law = DurationLaw.fit(minutes, by=jobs, fallback=FALLBACK)

    def theirs() -> Any:
        return jobs.assign(minutes=minutes).groupby(["zone", "kind"])["minutes"].quantile(list(SHARES)).unstack()

    table = theirs()
    peer = {"pandas groupby quantile (two shares kept)": cpu(theirs, 2)}
    merged = {"pandas merge": cpu(lambda: jobs.merge(table, left_on=["zone", "kind"], right_index=True, how="left"), 2)}
    one = {"zone": "zone 1", "kind": "a"}
    new, fresh = jobs[:MORE], minutes[:MORE]
    return [
        Figure(
            "law by group, fit of 1 M rows (every share kept)",
            cpu(lambda: DurationLaw.fit(minutes, by=jobs, fallback=FALLBACK)),
            "s",
            goal=1.0,
            peers=peer,
        ),
        *(
            Figure(f"windows for 1 M jobs, {shape}", cpu(lambda s=shape: law.windows(jobs, 0.9, s)), "s", 0.5, merged)
            for shape in ("narrowest", "equal", "by")
        ),
        Figure("one window of one job", cpu(lambda: law.window(0.9, one), 200) * 1e6, "us"),
        Figure("update with 10,000 rows on 1 M", cpu(lambda: law.update(fresh, new)) * 1e3, "ms"),
    ]


def corrections(mapie: Any) -> tuple[list[Figure], bool]:
    """Windows of boosted trees corrected on both tails, and whether MAPIE's are the same."""
    rng = np.random.default_rng(2)
    x = rng.random((4 * CALIBRATION, 3))
    y = np.exp(3 + x[:, 0] + 0.4 * rng.normal(size=len(x)))
    train, known, new = (slice(0, CALIBRATION), slice(CALIBRATION, 2 * CALIBRATION), slice(2 * CALIBRATION, None))
    model = boosted(x[train], y[train], max_iter=60)
    (low, _, high), (lows, _, highs) = model.quantiles(x[known]), model.quantiles(x[new])
    name = "windows corrected: fit on 5,000, adjust 10,000"
    ours = cpu(lambda: ConformalWindow.fit(low, high, y[known]).adjust(lows, highs)) * 1e3
    if mapie is None:
        return [Figure(name, ours, "ms", left_out=("MAPIE",))], True
    same = True
    trees = [model.trees[0], model.trees[2], model.trees[1]]

    def theirs(symmetric: bool) -> Any:
        fit = mapie.ConformalizedQuantileRegressor(trees, confidence_level=0.9, prefit=True)
        fit.conformalize(x[known], y[known])
        return fit.predict_interval(x[new], symmetric_correction=symmetric)[1][:, :, 0].T

    for symmetric in (False, True):
        tails = "together" if symmetric else "each"
        found = ConformalWindow.fit(low, high, y[known], tails=tails).adjust(lows, highs)
        same &= bool(np.allclose(found, theirs(symmetric), rtol=1e-9))
    peer = {"MAPIE (with the trees' answers)": cpu(lambda: theirs(False), 2) * 1e3}
    return [Figure(name, ours, "ms", peers=peer)], same


def open_cases(lifelines: Any) -> Figure:
    """Kaplan-Meier on 200,000 cases, and what is left for as many open ones."""
    rng = np.random.default_rng(3)
    durations, ended = np.ceil(rng.lognormal(3, 1, 200_000) * 24), rng.random(200_000) < 0.8
    peers = {}
    if lifelines is not None:
        peers = {"lifelines, the curve only": cpu(lambda: lifelines.KaplanMeierFitter().fit(durations, ended), 2) * 1e3}
    return Figure(
        "remaining time: fit of 200,000, bound for each",
        cpu(lambda: Remaining.fit(durations, ended).remaining(durations, 0.9)) * 1e3,
        "ms",
        peers=peers,
        left_out=() if peers else ("lifelines",),
    )


def main() -> int:
    """Measure, print, and say whether every goal was reached."""
    asked = arguments(__doc__)
    warnings.filterwarnings("ignore")  # of the peers
    pandas = optional("pandas")
    if pandas is None:
        sys.exit("pandas is not installed, and every goal here is held against it: pip install pandas")
    mapie = optional("mapie.regression")
    corrected, same = corrections(mapie)
    figures = [*laws(pandas), *corrected, open_cases(optional("lifelines"))]
    publish(figures, asked.json)
    if mapie is not None:
        print(f"corrections equal MAPIE's, per tail and together: {'yes' if same else 'no'}")
    return int(not same or any(figure.verdict == "missed" for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
