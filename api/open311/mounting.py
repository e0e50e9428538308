"""Where the service hangs in the app: every address below ``/open311`` is its own, whatever characters it holds."""

import re

from starlette.routing import Mount
from starlette.types import ASGIApp

MOUNTED_AT = "/open311"


class WholeMount(Mount):
    """A mount that takes paths with line breaks, too.

    Starlette's own pattern ends at one, so ``/open311/v2/services/%0A`` would be answered by the app's problem document
    instead of the standard's.
    """

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)
