"""A sender as its own process, for the test that kills it: ``python -m tests.cases.outbound.send_alone URL``."""

import sys
import threading

from cases.database import open_database
from cases.outbound.calls import HttpCaller
from cases.outbound.runner import OutboundRunner
from cases.outbound.settings import OutboundSettings
from core.clock import SystemClock
from tests.cases.outbound.conftest import LOCAL, OpenSeal


def main(url: str) -> None:
    rules = OutboundSettings(**{**LOCAL, "timeout_s": 3.0, "lease_s": 6.0})
    caller = HttpCaller(rules.allow_networks, rules.timeout_s, rules.answer_bytes)
    with OutboundRunner(open_database(url), rules, OpenSeal(), caller, SystemClock()):
        threading.Event().wait(60)


if __name__ == "__main__":
    main(sys.argv[1])
