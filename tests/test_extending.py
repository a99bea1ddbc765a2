"""Each recipe of docs/extending.md works in a copy of the project."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import ROOT, commands, shows

PAGE = (ROOT / "docs" / "extending.md").read_text()
RECIPES = dict(re.findall(r"^## (An? .+?)\n(.*?)(?=^## An? |\Z)", PAGE, re.MULTILINE | re.DOTALL))
BLOCK = re.compile(r"^(`{3,4})(\w+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"# ([\w./-]+)$")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    copy = tmp_path / "project"
    copy.mkdir()
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    command = ["xargs", "-0", "cp", "--parents", "-t", str(copy)]
    subprocess.run(command, cwd=ROOT, input=files.stdout, check=True)
    return copy


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works(name: str, project: Path) -> None:
    for _, language, text in BLOCK.findall(RECIPES[name]):
        if language == "console":
            for command, expected in commands(text):
                run(command, expected, project)
        else:
            apply(text, project, is_diff=language == "diff")


def apply(block: str, project: Path, *, is_diff: bool) -> None:
    """A diff replaces its lines with " " and "-" by those with " " and "+"; other blocks are new
    files."""
    first, _, text = block.partition("\n")
    target = TARGET.fullmatch(first)
    assert target, f"no file in the first line of:\n{block}"
    path = project / target[1]
    if not is_diff:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return
    lines = text.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    content = path.read_text()
    assert content.count(old) == 1, f"{target[1]} has {content.count(old)} times:\n{old}"
    path.write_text(content.replace(old, new))


def run(command: str, expected: list[str], project: Path) -> None:
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "DEBUG": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=project, env=environment, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, f"$ {command}\n{done.stdout}"
    assert shows(done.stdout, expected), f"$ {command}\n{done.stdout}"
