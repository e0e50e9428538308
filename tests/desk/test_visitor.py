import pytest

from desk.visitor import Language, Visitor, choose_language


@pytest.mark.parametrize(
    ("asked", "remembered", "chosen"),
    [
        (None, None, Language.BOTH),
        ("en", None, Language.EN),
        ("en", "zh", Language.EN),
        (None, "zh", Language.ZH),
        ("klingon", "zh", Language.ZH),
        ("klingon", "<script>", Language.BOTH),
    ],
)
def test_the_link_wins_over_the_cookie_and_nonsense_is_ignored(
    asked: str | None, remembered: str | None, chosen: Language
) -> None:
    assert choose_language(asked, remembered) is chosen


def test_a_language_link_keeps_the_filters_and_replaces_the_language() -> None:
    here = Visitor(Language.BOTH, "/?state=closed&lang=zh&text=%E5%9E%83")
    assert here.url_in(Language.EN) == "/?state=closed&text=%E5%9E%83&lang=en"


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/cases", "javascript:alert(1)"])
def test_a_language_link_never_leaves_the_site(url: str) -> None:
    link = Visitor(Language.BOTH, url).url_in(Language.ZH)
    assert link.startswith("/")
    assert not link.startswith("//")
