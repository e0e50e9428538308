"""What every page of the desk keeps, whatever it shows."""

from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "img", "input", "br", "hr"})


class PageReader(HTMLParser):
    """Reads a page and notes what breaks its rules."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.faults += [f"<{tag}> has {name}=" for name in values if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in values):
            self.faults.append(f"inline <{tag}>")
        if tag == "img" and "alt" not in values:
            self.faults.append("<img> without alt")
        for name in ("src", "href", "action"):
            target = values.get(name)
            if target is not None and not (target.startswith(("/", "#")) and not target.startswith("//")):
                self.faults.append(f"<{tag} {name}={target!r}> leaves the site")
        if "href" in values:
            self.links.append(values["href"] or "")
        if "id" in values:
            self.ids.append(values["id"] or "")
        self.labels += [
            values[name] or "" for name in ("aria-label", "title", "placeholder", "alt") if values.get(name)
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.text.append(data.strip())


def read(html: str) -> PageReader:
    """Read a page and fail when it breaks a rule."""
    page = PageReader()
    page.feed(html)
    page.close()
    assert page.faults == []
    assert page.open == []
    assert sorted(page.ids) == sorted(set(page.ids)), "an id stands twice"
    return page


def words_of(html: str) -> str:
    """Everything a reader sees or hears, in one line."""
    page = read(html)
    return " ".join(" ".join([*page.text, *page.labels]).split())
