import pytest

from apps.web.templatetags.times import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (900, "15 minutes"),
        (3_600, "1 hour"),
        (3_601, "2 hours"),
    ],
)
def test_a_duration_is_told_in_the_largest_unit_and_never_shorter(seconds: int, words: str) -> None:
    assert duration(seconds) == words
