"""``three``, the client of the standard that Code for America made, as a client of our service.

It is of Python 2: the standard library's own translator makes it run, and nothing of it is changed by hand. It reads
XML by ``relaxml``, which wants lxml.
"""

import importlib.util
import warnings
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from lib2to3.refactor import RefactoringTool, get_fixers_from_package


def three_client(endpoint: str, **settings: str) -> Any:
    """A ``Three`` that speaks to an endpoint.

    Args:
        settings: its own: ``format``, ``api_key``, ``jurisdiction``.
    """
    return _translated()["Three"](endpoint, **settings)


def _translated() -> dict[str, Any]:
    found = importlib.util.find_spec("three")
    assert found is not None
    assert found.origin is not None
    source = Path(found.origin).with_name("core.py")
    translator = RefactoringTool(get_fixers_from_package("lib2to3.fixes"))
    said = str(translator.refactor_string(source.read_text(encoding="utf-8") + "\n", str(source)))
    names: dict[str, Any] = {"__name__": "three.core"}
    exec(compile(said, str(source), "exec"), names)  # noqa: S102 - the installed package's own text
    return names
