"""A car in the body shop over Christmas: what could have been promised on each day, and what was.

On 4 December the shop said "a week for parts, then two weeks of work, and Christmas": done on 29 December. The car came
back on 2 February. Here the same three stages have laws as an experienced shop could state them beforehand, none of
them made from what happened later, and each day counts only what was known on it.

Run it with `python examples/repair_over_holidays.py`.
"""

from carepolicy import Calendar, Window
from carepolicy.arrival import Completion, NoDate, Stage, Stated

shop = Calendar.weekly(
    "Mon-Fri 08:00-17:00",
    zone="America/Denver",
    holidays=["2017-12-25", "2017-12-26", "2018-01-01", "2018-01-15"],
)
repair = Completion(
    [
        # at best, likely, at worst (nine cases in ten lie between); what "a week" and "two weeks" usually turn out as
        Stage("parts", Stated(3, 5, 15), "working days", shop),
        Stage("work", Stated(50, 80, 140), "hours", shop, again=0.05),
        Stage("hidden damage", Stated(2, 5, 20), "working days", shop, chance=0.3),
        Stage("certification", Stated(1, 3, 12), "working days", shop, again=0.3),
    ]
)
# what happened when; `simulate` uses of it only what had happened by its instant
known = (
    repair.changed("parts", started="2017-12-04T10:00-07:00", finished="2017-12-16T10:00-07:00")
    .changed("work", started="2017-12-18T08:00-07:00", finished="2018-01-06T12:00-07:00")
    .changed("hidden damage", started="2017-12-29T10:00-07:00", finished="2018-01-06T12:00-07:00")
    .changed("certification", started="2018-01-06T12:00-07:00", finished="2018-02-02T16:30-07:00")
)
said = {
    "2017-12-04T10:00-07:00": "29 Dec",
    "2017-12-16T10:00-07:00": "2 Jan",
    "2017-12-29T10:00-07:00": "12 Jan",
    "2018-01-08T10:00-07:00": "nearly done",
    "2018-01-16T10:00-07:00": "no date",
    "2018-01-26T10:00-07:00": "no date",
}


def day(found: Window | NoDate) -> str:
    """The last day of a promise, or when there is another word."""
    if isinstance(found, NoDate):
        return f"no date yet; next update by {found.next_update:%a %d %b}"
    assert found.closes is not None  # a promise always ends
    return found.closes.subtract(microseconds=1).in_timezone(shop.zone).strftime("%d %b")  # its last instant


print("looked at    the shop said    even odds   nine in ten   most of it hangs on")
for at, words in said.items():
    outlook = known.simulate(at)
    even, sure = (day(outlook.by(share)) for share in (0.5, 0.9))
    hangs = [name for name, share in outlook.drivers().items() if share >= 0.5]
    print(f"{at[:10]}   {words:14}   {even:9}   {sure:11}   {', '.join(hangs)}")

first = repair.simulate("2017-12-04T10:00-07:00")
print(f"\nchance of done by the shop's 29 December: {first.chance('2017-12-29T17:00-07:00'):.0%}")
print(f"chance of done by the end of 2 February, when it was: {first.chance('2018-02-02T17:00-07:00'):.0%}")
for name in ("parts", "certification"):
    quicker = repair.changed(name, pace=0.5).simulate("2017-12-04T10:00-07:00")
    print(f"nine in ten, with {name} in half the time: {day(quicker.by(0.9))}")

# with few cases, one more may take longer than all of them, and how long nobody has seen
abroad = repair.changed("parts", law=[2, 4, 5, 7, 9, 15], started="2017-12-04T10:00-07:00")
print(f"with six cases of such parts ever seen, nine in ten: {day(abroad.simulate('2017-12-04T10:00-07:00').by(0.9))}")
