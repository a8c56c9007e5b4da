"""One technician's day: windows promised the evening before, then kept, narrowed, warned about and taken back in time.

The laws are stated here; a host takes them from its own visits, or from draws of its routes.
Run it with `python examples/arrival_day.py`.
"""

from datetime import datetime, timedelta

import numpy as np

from carepolicy import Calendar, elapsed
from carepolicy.arrival import (
    ArrivalPromise,
    Arriving,
    Empirical,
    LateOption,
    Losses,
    NoPromise,
    Quote,
    RequoteOnce,
    Updates,
    WarnRule,
    WordVerdict,
    score_promise,
    tell,
    weigh_options,
)
from carepolicy.arrival.quote import between_words
from carepolicy.recovery import Authority
from carepolicy.severity import Stake

ZONE = "America/Denver"
DAY = "2026-03-03"
EVENING = datetime.fromisoformat("2026-03-02T17:00-07:00")


def clock(time: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}T{time}-07:00")


def coming(since: datetime, middle: float, spread: float) -> Arriving:
    """Somebody is there about `middle` minutes after `since`: 500 draws around it, the late ones further away."""
    places = (np.arange(500) + 0.5) / 500
    early, late = np.log(2 * places.clip(max=0.5)), -np.log(2 * (1 - places).clip(max=0.5))
    return Arriving(Empirical(np.maximum(middle + spread * (0.6 * early + late), 1)), since, why="stated")


updates = Updates(
    requote=RequoteOnce(within=elapsed(minutes=240), grid=15),
    warn=WarnRule.from_costs(false_alarm=10, late_unwarned=30, late_warned=15, base_rate=0.13),
    hours=Calendar.weekly("Mon-Sat 07:00-21:00", zone=ZONE),
    grid=15,
)

# The evening before, each customer is promised a window.
planned = {"Ames": (15.5, 20), "Berg": (18, 30), "Cole": (21, 35)}
promises = {}
print("promised the evening before")
for name, (hours, spread) in planned.items():
    window = coming(EVENING, 60 * hours, spread).window(0.9, EVENING, grid=15, zone=ZONE)
    assert not isinstance(window, NoPromise), window.reason
    quote = Quote(window, confidence=0.9, made_at=EVENING, reason="booked", why="stated")
    promises[name] = ArrivalPromise.first(name, quote, zone=ZONE)
    print(f"  {name}: {between_words(window, ZONE)}")

# What becomes known during the day: who is expected when, as known when.
news = [
    ("06:30", "Ames", 125, 15, ""),
    ("07:30", "Berg", 210, 20, ""),
    ("09:20", "Cole", 295, 25, ""),
    ("10:30", "Berg", 74, 12, "the visit before yours takes longer than planned"),
    ("11:05", "Berg", 16, 4, ""),
    ("11:10", "Cole", 195, 25, ""),
    ("11:40", "Cole", 240, 25, "a part has to be fetched first"),
]
there = {"Ames": clock("08:41"), "Berg": clock("11:21"), "Cole": clock("15:38")}

print("\nthe day")
for time, name, middle, spread, cause in news:
    now: datetime = clock(time)
    known = coming(now, middle, spread)
    word = updates.decide(promises[name], known, now)
    while word.verdict is WordVerdict.HOLD and word.act_at:
        print(f"  {time} {name}: {word}")
        now = word.act_at
        word = updates.decide(promises[name], known, now)
    print(f"  {now:%H:%M} {name}: {word}")
    if word.draft is None:
        print(f"      look again at {word.review_at:%H:%M}, or when something is heard")
        continue
    choice = None
    if word.draft.says.kind == "warning":
        choice = weigh_options(
            [
                LateOption("wait for us", "wait", arriving=known, work=elapsed(minutes=60)),
                LateOption(
                    "another technician", "another", arriving=coming(now, 90, 10), cost=40, work=elapsed(minutes=60),
                    starts=now + timedelta(minutes=60), notice=elapsed(minutes=45),
                ),
                LateOption("tomorrow at the same time", "rebook", arriving=coming(now, 24 * 60, 20), cost=15),
                LateOption(
                    "a loan device today", "partial", arriving=coming(now, 45, 5), cost=60, starts=clock("12:00"),
                    notice=elapsed(hours=2),
                ),
            ],
            promises[name].current,
            at=now,
            authority=Authority("dispatch", up_to=50),
            stakes=[Stake("picking up the children", at=clock("17:00"), weight=5)],
            losses=Losses(per_minute=0.5, per_weight=20),
            zone=ZONE,
        )  # fmt: skip
        for refused, why in choice.refused:
            print(f"      not offered: {refused.name}, {why}")
    told = tell(promises[name], word.draft, cause=cause, choice=choice, grid=15)
    for part in told.parts:
        print(f"      {part}")
    promises[name] = promises[name].record(word.draft, now)

print("\nhow it went                first window        last window         messages")
for name, promise in promises.items():
    result = score_promise(promise, there[name])
    first, last = (f"{s.verdict}, {s.width:.0f} minutes" for s in (result.first, result.last))
    print(f"  {name}: there at {there[name]:%H:%M}   {first:<19} {last:<19} {result.messages}")
