"""A sender that is killed half-way: what comes after it goes on, in order, and nothing is lost."""

import subprocess
import sys

import pytest

from tests.cases.outbound.conftest import Town
from tests.cases.outbound.receiver import Got, Say


def start(url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.cases.outbound.send_alone", url])


@pytest.mark.parametrize("kill_after", [7, 40])
def test_killed_senders_lose_nothing_and_keep_the_order(town: Town, database_url: str, kill_after: int) -> None:
    count = 60
    line = town.endpoint()
    for _ in range(count):
        town.open_case()
    running = [start(database_url)]

    def behave(_got: Got) -> Say:
        if len(town.receiver.got) == kill_after and len(running) == 1:
            running[0].kill()
            running.append(start(database_url))
        return Say()

    town.receiver.behave = behave
    try:
        town.until(lambda: town.line(line.id).waiting == 0, "the second sender ends the work", 90.0)
    finally:
        for each in running:
            each.kill()
            each.wait(10)
    assert len(running) == 2, "one was killed"
    told = [each.seq for each in town.receiver.got]
    first_times = list(dict.fromkeys(told))
    assert first_times == list(range(1, count + 1))
    again = len(told) - count
    assert again < count, "what was kept is not sent again"
    repeated_from = told.index(first_times[kill_after - 1])
    assert told[: repeated_from + 1] == list(range(1, kill_after + 1)), "nothing was sent twice before it was killed"
    ids = {each.headers["webhook-id"] for each in town.receiver.got}
    assert len(ids) == count, "a second copy has the id of the first"
