"""Every claim of MONITORING.md has a test that executes it."""

import re

import pytest

from tests.guide.claims import GUIDE, Claim, claims, named


def test_every_claim_has_a_test() -> None:
    naming = list(named())

    def is_named(claim: Claim) -> bool:
        return any(
            chapter == claim.chapter and claim.begins_with(text) for _, chapter, text in naming
        )

    without = [str(claim) for claim in claims() if not is_named(claim)]
    assert not without, "\n".join(["Claims without a test:", *without])


@pytest.mark.parametrize(("where", "chapter", "text"), list(named()))
def test_every_name_fits_a_claim(where: str, chapter: str, text: str) -> None:
    assert any(one.chapter == chapter and one.begins_with(text) for one in claims())


def test_every_chapter_holds_claims() -> None:
    chapters = re.findall(r"^## (.+)$", GUIDE.read_text(), re.MULTILINE)
    assert len(chapters) == 10
    assert {claim.chapter for claim in claims()} == set(chapters)
