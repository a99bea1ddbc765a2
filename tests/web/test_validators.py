import pytest

from apps.web.validators import name_error


@pytest.mark.parametrize("name", ["Ada", "Größe 7", "队伍", "🏆", "می‌روم", "👩‍🚀 crew", "-", "<b>"])
def test_valid_names(name: str) -> None:
    assert name_error(name) is None


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b\u200b", "\u202eabc", "a\nb", "a\x00b", "\u2028", "a\u2066b", "\ud800"]
)
def test_invalid_names(name: str) -> None:
    assert name_error(name)
