"""How far a long render has come, and how long it will still take."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Counts pieces of work; time is given, never read."""

    total: int
    done: int = 0
    skipped: int = 0
    """Pieces that were complete before."""
    _spent_s: float = field(default=0.0, repr=False)

    def skip(self) -> None:
        """One piece needs no work."""
        self.skipped += 1

    def finish(self, took_s: float) -> None:
        """One piece is done."""
        self.done += 1
        self._spent_s += took_s

    @property
    def per_hour(self) -> float:
        """Pieces an hour at the mean pace so far; 0 before the first."""
        return self.done / self._spent_s * 3600 if self._spent_s > 0 else 0.0

    @property
    def left_s(self) -> float:
        """Seconds until the end at the mean pace so far."""
        left = self.total - self.done - self.skipped
        return left * self._spent_s / self.done if self.done else 0.0

    def line(self, name: str) -> str:
        """One line for the person who waits."""
        place = f"{self.done + self.skipped}/{self.total} {name}"
        minutes, seconds = divmod(round(self.left_s), 60)
        hours, minutes = divmod(minutes, 60)
        left = f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s"
        return f"{place}  {self.per_hour:.0f}/h  {left} left"
