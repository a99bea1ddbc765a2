import pytest

from apps.web.templatetags.times import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (3_600, "1 hour"),
        (3_601, "2 hours"),
    ],
)
def test_a_duration_is_rounded_up_in_its_largest_unit(seconds: int, text: str) -> None:
    assert duration(seconds) == text
