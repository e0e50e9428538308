"""What one catalogue says that another does not. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cases.catalogue.entries import Catalogue


@dataclass(frozen=True, slots=True)
class CatalogueChange:
    """One field of one category that differs; ``field`` is empty where the whole category came or went."""

    category: str
    field: str
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        if self.field == "":
            return "added" if self.before is None else "removed"
        return "changed"

    def __str__(self) -> str:
        if self.field == "":
            return f"{self.kind} {self.category}"
        return f"{self.category}.{self.field}: {self.before} → {self.after}"


def difference(before: Catalogue, after: Catalogue) -> tuple[CatalogueChange, ...]:
    """Changes from one to the other, by category in the new one's order, those that went last."""
    old = {category.id: category for category in before.categories}
    new = {category.id: category for category in after.categories}
    found: list[CatalogueChange] = []
    for name, category in new.items():
        if name not in old:
            found.append(CatalogueChange(name, "", None, category.model_dump(mode="json")))
            continue
        was, is_now = old[name].model_dump(mode="json"), category.model_dump(mode="json")
        found.extend(CatalogueChange(name, *each) for each in _fields(was, is_now, ""))
    gone = (name for name in old if name not in new)
    found.extend(CatalogueChange(name, "", old[name].model_dump(mode="json"), None) for name in gone)
    return tuple(found)


def _fields(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _fields(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield path, before, after
