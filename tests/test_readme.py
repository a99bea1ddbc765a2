"""README.md names everything that there is to find, and nothing that there is not."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
LINKS = sorted(set(re.findall(r"\]\(([\w./-]+)\)", README)))
PATHS = sorted(set(re.findall(r"`([a-z]+/[\w./-]*)`", README)))
CORE = ROOT / "apps" / "core"
OF_DJANGO = {"admin", "apps", "management", "migrations", "models", "static", "tasks", "templates"}
PLUMBING = {"api", "conf", "exceptions", "replies", "templatetags", "types"}


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return listed.stdout.splitlines()


def test_every_folder_is_named() -> None:
    folders = {path.split("/")[0] for path in tracked() if "/" in path}
    assert [
        one for one in sorted(folders) if not one.startswith(".") if f"{one}/" not in README
    ] == []


def test_every_room_of_the_kit_is_named() -> None:
    rooms = {path.stem: path for path in CORE.iterdir() if not path.name.startswith("__")}
    named = {
        name
        for name, path in rooms.items()
        if f"`{name}{'/' if path.is_dir() else '.py'}`" in README
    }
    assert sorted(rooms.keys() - named - OF_DJANGO - PLUMBING) == []


def test_every_command_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert len(commands) > 10
    assert [
        one for one in commands if f"make {one}" not in README and f"`{one}`" not in README
    ] == []


@pytest.mark.parametrize("link", LINKS)
def test_a_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("path", PATHS)
def test_a_path_exists(path: str) -> None:
    assert (ROOT / path).exists() or (CORE / path).exists()
