import logging
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import override_settings

from apps.core.celery.batches import BatchIncomplete, run_batch, run_row_batch


@pytest.fixture(autouse=True)
def _no_sweep_was_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def fails(key: int) -> None:
    raise ValueError(f"no shoe {key}")


def swept(keys: list[int]) -> None:
    with pytest.raises(BatchIncomplete):
        run_batch(keys, fails, what="shoes")


def told(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [line for line in caplog.records if line.levelno == logging.ERROR]


def test_every_row_is_done_and_the_sweep_fails_for_those_that_could_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: list[int] = []

    def one(key: int) -> bool:
        if key == 2:
            raise ValueError("two")
        done.append(key)
        return True

    with pytest.raises(BatchIncomplete, match="shoes: 1 left undone"):
        run_batch([1, 2, 3], one, what="shoes")
    assert done == [1, 3]
    lines = told(caplog)
    assert [(line.__dict__["sweep"], line.__dict__["keys"]) for line in lines] == [("shoes", [2])]
    assert lines[0].exc_info


def test_it_says_for_how_many_there_was_something_to_do() -> None:
    assert run_batch([1, 2, 3], lambda key: key > 1, what="shoes") == 2


def test_a_fault_is_one_line_however_many_rows_meet_it(caplog: pytest.LogCaptureFixture) -> None:
    swept([1, 2, 3])
    (line,) = told(caplog)
    assert line.__dict__["keys"] == [1, 2, 3]
    assert line.__dict__["count"] == 3
    assert line.__dict__["fault"] == "ValueError: no shoe 1"


def test_a_fault_that_stays_has_its_traceback_once(caplog: pytest.LogCaptureFixture) -> None:
    swept([1])
    swept([1, 2])
    assert [line.exc_info is not None for line in told(caplog)] == [True, False]


def test_another_fault_has_its_own_line_and_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def one(key: int) -> None:
        if key == 2:
            raise KeyError(key)
        fails(key)

    swept([1])
    caplog.clear()
    with pytest.raises(BatchIncomplete):
        run_batch([1, 2, 3], one, what="shoes")
    lines = {line.__dict__["fault"]: line for line in told(caplog)}
    assert {fault: line.exc_info is not None for fault, line in lines.items()} == {
        "ValueError: no shoe 1": False,
        "KeyError: 2": True,
    }


@pytest.mark.django_db
class TestMoreRowsThanATurnTakes:
    @pytest.fixture
    def rows(self) -> list[int]:
        return [Group.objects.create(name=f"group {number}").pk for number in range(5)]

    def turn(self, failing: list[int]) -> list[int]:
        """A sweep of three rows at most: those that it did."""
        done: list[int] = []

        def one(pk: int) -> None:
            if pk in failing:
                raise ValueError(pk)
            done.append(pk)

        with suppress(BatchIncomplete):
            run_row_batch(Group.objects.all(), one, what="groups", at_once=3)
        return done

    def test_the_rest_is_done_in_the_next_turn_though_the_first_always_fail(
        self, rows: list[int]
    ) -> None:
        assert self.turn(failing=rows[:3]) == []
        assert self.turn(failing=rows[:3]) == rows[3:]

    def test_it_goes_round(self, rows: list[int]) -> None:
        assert self.turn(failing=[]) == rows[:3]
        assert self.turn(failing=[]) == [*rows[3:], rows[0]]
        assert self.turn(failing=[]) == rows[1:4]

    def test_a_row_that_ends_the_process_has_had_its_turn(self, rows: list[int]) -> None:
        def killed(pk: int) -> None:
            raise SystemExit

        with pytest.raises(SystemExit):
            run_row_batch(Group.objects.all(), killed, what="groups", at_once=3)
        assert self.turn(failing=[]) == rows[1:4]

    def test_without_what_the_cache_knew_it_begins_anew(self, rows: list[int]) -> None:
        assert self.turn(failing=[]) == rows[:3]
        cache.clear()
        assert self.turn(failing=[]) == rows[:3]

    def test_fewer_are_all_done_each_turn_once(self, rows: list[int]) -> None:
        Group.objects.filter(pk__in=rows[2:]).delete()
        assert self.turn(failing=[]) == rows[:2]
        assert self.turn(failing=[]) == rows[:2]

    def test_while_the_cache_does_not_answer_all_is_done_and_said_once(
        self, rows: list[int], caplog: pytest.LogCaptureFixture
    ) -> None:
        nobody = {
            "BACKEND": "apps.core.prometheus.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:9",
        }
        with override_settings(CACHES={"default": nobody}):
            assert self.turn(failing=rows[:1]) == rows[1:3]
        messages = [line.getMessage() for line in told(caplog)]
        assert messages.count("Left undone by a sweep") == 1
        assert messages.count("A sweep goes without its notes") == 2  # its place, what is told
