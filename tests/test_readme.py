"""README.md names every folder, part of the kit and command, and its paths exist."""

import re

import pytest

from tests.programs import ROOT, run

README = (ROOT / "README.md").read_text()
LINKS = sorted(set(re.findall(r"\]\(([\w./-]+)\)", README)))
PATHS = sorted(set(re.findall(r"`([a-z]+/[\w./-]*)`", README)))
CORE = ROOT / "apps" / "core"
OF_DJANGO = {"admin", "apps", "management", "migrations", "models", "static", "tasks", "templates"}
PLUMBING = {"api", "conf", "exceptions", "replies", "templatetags", "types"}


def test_every_folder_is_named() -> None:
    files = run("git", "ls-files").stdout.splitlines()
    folders = {path.split("/")[0] for path in files if "/" in path and path[0] != "."}
    assert "apps" in folders
    assert [name for name in sorted(folders) if f"{name}/" not in README] == []


def test_every_package_and_module_of_the_kit_is_named() -> None:
    entries = {path.stem: path for path in CORE.iterdir() if not path.name.startswith("__")}
    unnamed = {
        name
        for name, path in entries.items()
        if f"`{name}{'/' if path.is_dir() else '.py'}`" not in README
    }
    assert sorted(unnamed - OF_DJANGO - PLUMBING) == []


def test_every_command_is_named_and_listed_by_make_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)
    assert len(commands) > 10
    assert re.findall(r"^  make ([a-z-]+) ", run("make", "help").stdout, re.MULTILINE) == commands
    is_named = {name: f"make {name}" in README or f"`{name}`" in README for name in commands}
    assert is_named == dict.fromkeys(commands, True)


@pytest.mark.parametrize("link", LINKS)
def test_a_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("path", PATHS)
def test_a_path_exists(path: str) -> None:
    assert (ROOT / path).exists() or (CORE / path).exists()
