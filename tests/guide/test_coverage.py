"""Every claim of MONITORING.md has a test that executes it."""

import re

import pytest

from tests.guide.claims import GUIDE, Claim, claims, named


def test_every_claim_has_a_test() -> None:
    tested = list(named())

    def is_tested(claim: Claim) -> bool:
        return any(
            chapter == claim.chapter and claim.begins_with(text) for _, chapter, text in tested
        )

    untested = [str(claim) for claim in claims() if not is_tested(claim)]
    assert not untested, "\n".join(["Claims without a test:", *untested])


@pytest.mark.parametrize(("test", "chapter", "text"), list(named()))
def test_every_test_names_an_existing_claim(test: str, chapter: str, text: str) -> None:
    assert any(claim.chapter == chapter and claim.begins_with(text) for claim in claims())


def test_every_chapter_contains_claims() -> None:
    chapters = re.findall(r"^## (.+)$", GUIDE.read_text(), re.MULTILINE)
    assert len(chapters) == 10
    assert {claim.chapter for claim in claims()} == set(chapters)
