"""Would the guard have held the surveys that a shop sent too early? Hold its records against it.

    python examples/records/shop_surveys.py FOLDER

FOLDER holds `journeys.parquet`: one row for each survey, with when the order was delivered, for when it was promised,
when the survey was sent and answered, and the score. Times are wall times of America/Sao_Paulo; a promised day is kept
until its end. Of each survey the guard sees what was known when it was sent, and nothing later.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from carepolicy import Calendar, JourneyComplete, Plan, Touch, answer_lag, standard_guard
from carepolicy.table import decide_table

ZONE = "America/Sao_Paulo"
WHEN = pl.Datetime("us")
SENT, HELD, WHERE_IS_IT = "sent unchanged", "held", "redirected: where is it"
WORD = {"go": SENT, "wait": HELD, "redirect": WHERE_IS_IT}
EXPIRIES = (3, 7, 14, 30)
DAY = 86_400_000_000

ALONE = Plan(Calendar.always(ZONE), survey=Touch(guard=JourneyComplete()))
"""The completion alone: this shop mails at midnight, so its quiet hours are a matter of their own."""
WHOLE = Plan(Calendar.always(ZONE), survey=Touch(guard=standard_guard(ZONE)))


def read(folder: Path) -> pl.DataFrame:
    """The journeys, and which surveys went out before the order arrived, or a day or more after it."""
    journeys = pl.read_parquet(folder / "journeys.parquet").with_row_index("journey")
    sent, arrived = pl.col("survey_sent_at").dt.date(), pl.col("delivered_at").dt.date()
    return journeys.with_columns(
        customer=pl.coalesce("customer_unique_id", "order_id"),  # whoever is not named is known by the order
        early=arrived.is_null() | (sent < arrived),
        after=(sent > arrived).fill_null(value=False),
        promised_by=pl.col("estimated_at") + pl.duration(days=1),
    )


def facts(journeys: pl.DataFrame, plan: Plan, at: str, **known: pl.Expr) -> pl.DataFrame:
    """A row of facts for each journey: what is known, and nothing for what this shop does not record."""
    nothing = {name: pl.lit(None, WHEN) for name in plan.facts if name not in known}
    return journeys.select(
        **{"customer": pl.col("customer"), "case": pl.col("order_id"), "at": pl.col(at), **known, **nothing}
    )


def judged(journeys: pl.DataFrame) -> pl.DataFrame:
    """What the completion alone says of each survey at the instant at which it was sent, and the key of that."""
    known_then = pl.when(pl.col("delivered_at") <= pl.col("survey_sent_at")).then("delivered_at")
    table = facts(journeys, ALONE, "survey_sent_at", completed=known_then, promised_by=pl.col("promised_by"))
    decided = decide_table(ALONE, table, at="at", naive=ZONE, only=("verdict", "key"))
    return journeys.with_columns(decided["key"], said=decided["verdict"].cast(pl.String).replace_strict(WORD))


def instead(journeys: pl.DataFrame) -> pl.DataFrame:
    """When the survey of each order that arrived would have gone by the whole guard, nights and settling included."""
    arrived = journeys.filter(pl.col("delivered_at").is_not_null())
    table = facts(arrived, WHOLE, "delivered_at", completed=pl.col("delivered_at"))
    decided = decide_table(WHOLE, table, at="at", naive=ZONE, only=("act_at",))
    first = arrived.select("journey", instead=decided["act_at"].dt.replace_time_zone(None))
    return journeys.join(first, on="journey", how="left", maintain_order="left")


def share(part: float, whole: float) -> str:
    """A share in percent."""
    return f"{100 * part / whole:5.1f} %" if whole else "    -  "


def print_scores(journeys: pl.DataFrame) -> None:
    """What the guard says of the surveys, and the scores that they came back with."""
    low = journeys.filter(pl.col("score") <= 2).height
    print(f"{'':26}{'surveys':>9}{'share':>9}{'mean score':>12}{'of all low scores':>19}")
    for said in (SENT, HELD, WHERE_IS_IT):
        part = journeys.filter(said=said)
        mean = "-" if part.is_empty() else f"{part['score'].to_numpy().mean():.2f}"
        lows = share(part.filter(pl.col("score") <= 2).height, low)
        print(f"{said:26}{part.height:>9,}{share(part.height, journeys.height):>9}{mean:>12}{lows:>19}")
    stopped = pl.col("said") != SENT
    for words, which in (
        ("sent before arrival, or never arrived", "early"),
        ("sent the day after arrival or later", "after"),
    ):
        part = journeys.filter(which)
        count = part.filter(stopped).height
        print(f"{words}: {count:,} of {part.height:,} held or redirected, {share(count, part.height).strip()}")
    passed = journeys.filter(stopped & (pl.col("survey_sent_at") >= pl.col("promised_by")))
    redirected = passed.filter(said=WHERE_IS_IT).height
    print(f"stopped although the promised day had passed: {passed.height:,}, {redirected:,} of them redirected")


def print_instead(journeys: pl.DataFrame) -> None:
    """When those that were stopped would have gone, and which of them could have been answered at all."""
    stopped = journeys.filter(pl.col("said") != SENT)
    later = stopped.filter(pl.col("instead").is_not_null()).with_columns(
        wait=(pl.col("instead") - pl.col("survey_sent_at")).dt.total_hours() / 24,
        missing=(pl.col("delivered_at") - pl.col("survey_sent_at")).dt.total_hours() / 24,
    )
    waits = ", ".join(f"{later['wait'].quantile(q):.1f} days at {q:.0%}" for q in (0.5, 0.9))
    print(f"would have gone later: {later.height:,} of {stopped.height:,}, after {waits}; the others never arrived")
    for open_for in EXPIRIES:
        alive = later.filter(pl.col("missing") < open_for).height
        print(f"sent when it was, and open for {open_for:>2} days: {share(alive, later.height)} still open at arrival")
    asked = journeys.filter(said=SENT)
    lags = asked.select(lag=pl.col("survey_answered_local") - pl.col("survey_sent_at")).to_series().to_list()
    for part in (0.5, 0.95):
        lag = answer_lag(lags, part).amount / DAY
        print(f"{part:.0%} of those asked after arrival answered within {lag:.1f} days of the sending")


def print_coverage(journeys: pl.DataFrame) -> None:
    """Where each journey is: waiting may not flatter the score."""
    arrives = pl.when(pl.col("instead").is_null()).then(pl.lit("never arrived")).otherwise(pl.lit("asked later"))
    ends = journeys.with_columns(end=pl.when(pl.col("said") == SENT).then(pl.lit("asked")).otherwise(arrives))
    counted = ends.group_by("said", "end").len().sort("said", "end")
    for said, end, count in counted.iter_rows():
        print(f"  {said:26}{end:16}{count:>9,}")
    print(f"  {'in all':42}{counted['len'].sum():>9,} of {journeys.height:,} journeys")


def main(folder: Path) -> None:
    journeys = instead(judged(read(folder)))
    print(f"{journeys.height:,} surveys about {journeys['order_id'].n_unique():,} orders\n")
    print_scores(journeys)
    print()
    print_instead(journeys)
    listed = journeys.filter(said=WHERE_IS_IT).select("key", "customer", "promised_by").sort("promised_by", "key")
    print(
        f"\nwhere is it: {listed.height:,} surveys to follow up instead, {listed['key'].n_unique():,} keys; "
        "the first three:"
    )
    for key, _, due in listed.head(3).iter_rows():
        print(f"  promised before {due:%d %b %Y}: {key}")
    print("\ncoverage")
    print_coverage(journeys)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "journeys.parquet").exists():
        sys.exit(
            "say where the records are: python examples/records/shop_surveys.py FOLDER, with journeys.parquet in it"
        )
    main(Path(sys.argv[1]))
