import logging
from contextlib import suppress

import pytest
from django.contrib.auth.models import Group

from apps.core.celery import batches
from apps.core.celery.batches import BatchIncomplete, run_batch, run_row_batch


@pytest.fixture(autouse=True)
def _no_earlier_errors() -> None:
    batches._next_traceback.clear()


def fail(key: int) -> None:
    raise ValueError(f"unknown key {key}")


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno == logging.ERROR]


def test_a_batch_processes_every_row_and_fails_for_those_that_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: list[int] = []

    def process(key: int) -> None:
        if key == 2:
            raise ValueError("two")
        done.append(key)

    with pytest.raises(BatchIncomplete, match="shoes: 1 failed or not reached"):
        run_batch([1, 2, 3], process, name="shoes")
    assert done == [1, 3]
    [record] = errors(caplog)
    assert record.__dict__["batch"] == "shoes"
    assert record.__dict__["keys"] == [2]
    assert record.exc_info


def test_a_batch_returns_how_many_rows_had_something_to_do() -> None:
    assert run_batch([1, 2, 3], lambda key: key > 1, name="shoes") == 2


def test_a_batch_stops_at_its_time_limit_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "TIME_LIMIT", 0.0)
    with pytest.raises(BatchIncomplete, match="shoes: 3 failed or not reached"):
        run_batch([1, 2, 3], fail, name="shoes")


def test_each_kind_of_error_has_its_own_log_line(caplog: pytest.LogCaptureFixture) -> None:
    def process(key: int) -> None:
        if key == 2:
            raise KeyError(key)
        fail(key)

    with pytest.raises(BatchIncomplete):
        run_batch([1, 2, 3], process, name="shoes")
    fields = [record.__dict__ for record in errors(caplog)]
    assert {field["error"]: (field["keys"], field["count"]) for field in fields} == {
        "ValueError: unknown key 1": ([1, 3], 2),
        "KeyError: 2": ([2], 1),
    }


def test_a_repeated_error_has_its_traceback_once_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seconds in (0.0, 60.0, 60.0):
        monkeypatch.setattr(batches, "TRACEBACK_SECONDS", seconds)
        with suppress(BatchIncomplete):
            run_batch([1], fail, name="shoes")
    assert [record.exc_info is not None for record in caplog.records] == [True, True, False]


@pytest.mark.django_db
class TestMoreRowsThanABatch:
    @pytest.fixture
    def rows(self) -> list[int]:
        return [Group.objects.create(name=f"group {number}").pk for number in range(5)]

    def run(self, failing: list[int]) -> list[int]:
        done: list[int] = []

        def process(pk: int) -> None:
            if pk in failing:
                raise ValueError(pk)
            done.append(pk)

        with suppress(BatchIncomplete):
            run_row_batch(Group.objects.all(), process, name="groups", batch_size=3)
        return done

    def test_rows_that_always_fail_do_not_starve_the_others(self, rows: list[int]) -> None:
        remaining = set(rows[3:])
        for _ in range(200):  # a row is not chosen in 200 runs with a probability of 1e-79
            remaining -= set(self.run(failing=rows[:3]))
        assert not remaining

    def test_a_batch_has_at_most_its_size(self, rows: list[int]) -> None:
        assert len(set(self.run(failing=[]))) == 3

    def test_fewer_rows_are_all_processed(self, rows: list[int]) -> None:
        Group.objects.filter(pk__in=rows[2:]).delete()
        assert sorted(self.run(failing=[])) == rows[:2]
