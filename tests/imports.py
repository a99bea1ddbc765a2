"""What modules import: of ours, and of others."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def imported_by(paths: list[str], *, but_not: set[str]) -> set[str]:
    """The modules of ours that these import, and what those import."""
    found: set[str] = set()
    waiting = [file for path in paths for file in python_files(ROOT / path)]
    while waiting:
        file = waiting.pop()
        if str(file.relative_to(ROOT)) in but_not:
            continue
        for module in imports_of(file):
            path = str(module.relative_to(ROOT))
            if path not in found:
                found.add(path)
                waiting.append(module)
    return found


def python_files(path: Path) -> list[Path]:
    return list(path.rglob("*.py")) if path.is_dir() else [path] if path.suffix == ".py" else []


def imports_of(file: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            folder = ROOT / node.module.replace(".", "/")
            for name in node.names:
                yield from filter(
                    Path.is_file, [folder / f"{name.name}.py", folder / name.name / "__init__.py"]
                )
            yield from filter(Path.is_file, [folder.with_suffix(".py")])


def top_levels(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def installed_with(wanted: list[str]) -> set[str]:
    """The distributions that these are and need, as far as this environment has them."""
    found: set[str] = set()
    waiting = [Requirement(one) for one in wanted]
    while waiting:
        one = waiting.pop()
        if normal(one.name) in found:
            continue
        found.add(normal(one.name))
        for needed in map(Requirement, requires(one.name) or []):
            extras = one.extras or {""}
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(needed)
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def provided_by(module: str) -> set[str]:
    """The distributions that have a module of that name."""
    return {normal(name) for name in packages_distributions()[module]}
