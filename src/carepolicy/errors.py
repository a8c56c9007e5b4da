"""The errors of carepolicy: each is one sentence that names the argument, the problem, the value and the remedy."""


class CarePolicyError(Exception):
    """Every error that carepolicy raises on purpose."""


class InvalidTimeError(CarePolicyError, ValueError):
    """A time without a zone, not a time at all, or outside the years 1 to 9999."""


class UnknownZoneError(CarePolicyError, ValueError):
    """A time zone that the zone database does not know."""


class InvalidSpanError(CarePolicyError, ValueError):
    """A length of time that is not a whole number of what it counts, or that cannot be read."""


class InvalidWindowError(CarePolicyError, ValueError):
    """A window whose bounds are reversed."""


class InvalidCalendarError(CarePolicyError, ValueError):
    """Opening hours that cannot be read, contradict themselves, or never open."""


class HorizonError(CarePolicyError, OverflowError):
    """An instant beyond the years for which a calendar can be computed."""


class InvalidEventError(CarePolicyError, ValueError):
    """An event whose fields contradict each other or cannot be read."""


class InvalidPolicyError(CarePolicyError, ValueError):
    """A policy, touch or plan that is refused at construction."""


class UnknownNameError(CarePolicyError, LookupError):
    """A name (of a plan, a policy, a fact) that is not known where it is used."""


class MissingExtraError(CarePolicyError, ImportError):
    """An optional dependency that is needed here and not installed."""


class InvalidTableError(CarePolicyError, ValueError):
    """A data frame that is none, or whose columns are missing or cannot be meant."""


class ReadBackError(CarePolicyError, ValueError):
    """A handover was not accepted: its receiver has not repeated what matters.

    Args:
        missing: What was not repeated.
    """

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = tuple(missing)
        super().__init__(self.missing)

    def __str__(self) -> str:
        return f"read_back does not repeat: {', '.join(self.missing)}; say each in your own words"
