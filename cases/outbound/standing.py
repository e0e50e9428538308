"""Whether a case is a registered one: others hear of candidates only by webhooks."""

from cases.case import Case


def is_registered(case: Case) -> bool:
    """A person or a rule has taken it on; a candidate that still waits for that is not filed upstream."""
    stage = getattr(case, "stage", None)
    return stage is None or str(stage) not in ("collected", "void")
