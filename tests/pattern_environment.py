"""A virtual environment with exactly the packages that a page names, linked from this one.

Nothing is downloaded: each package and its requirements are linked from the environment of the
tests. A package that the page forgets is missing.
"""

import sys
import venv
from importlib.metadata import distribution, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def create_environment(folder: Path, requirements: list[str]) -> None:
    venv.create(folder, symlinks=True)
    [site_packages] = folder.glob("lib/python*/site-packages")
    for name in sorted(with_dependencies(requirements)):
        link_distribution(name, site_packages, folder / "bin")


def link_distribution(name: str, site_packages: Path, executables: Path) -> None:
    package = distribution(name)
    for file in package.files or ():
        source = Path(str(package.locate_file(file)))
        if file.parts[0] != "..":
            link = site_packages / file.parts[0]
            if not link.exists() and file.parts[0] != "__pycache__":
                link.symlink_to(str(package.locate_file(file.parts[0])))
        elif source.parent.name == "bin" and source.exists():
            script = executables / source.name
            script.write_text(source.read_text().replace(f"{sys.prefix}/bin", str(executables)))
            script.chmod(0o755)


def with_dependencies(requirements: list[str]) -> set[str]:
    """The distributions that these require, as far as this environment has them."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        key = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if key in found:
            continue
        found.add(key)
        for needed in map(Requirement, requires(requirement.name) or []):
            extras = requirement.extras or {""}
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(needed)
    return {name for name, _ in found}
