"""The values of `--on`."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from drills.compose import compose
from drills.native import native
from drills.site import Site

SITES: dict[str, Callable[[], AbstractContextManager[Site]]] = {
    "native": native,
    "compose": compose,
}
