"""What the API needs to tell others: the rules, the site's key, the way out, and the sender of this process."""

from dataclasses import dataclass

from cases.outbound.calls import HttpCaller
from cases.outbound.endpoints import Seal
from cases.outbound.runner import OutboundRunner
from cases.outbound.settings import OutboundSettings


@dataclass(frozen=True, slots=True)
class OutboundDesk:
    """Put together by the composition; started and stopped with the app."""

    rules: OutboundSettings
    seal: Seal
    caller: HttpCaller
    """For tests that an administrator asks for; the runner has its own."""
    runner: OutboundRunner | None = None
    """None: another process sends."""

    def start(self) -> None:
        if self.runner is not None:
            self.runner.start()

    def stop(self) -> None:
        """Ends calls within moments and joins the sender's threads."""
        self.caller.stop()
        if self.runner is not None:
            self.runner.stop()
