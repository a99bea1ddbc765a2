"""`audit_verify`, `audit_export` and `audit_prune`, as they are typed."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.logging.formatters import Json
from apps.events import recording
from apps.events.audit import chain, pruning
from apps.events.models import Checkpoint, EventRecord, Stream
from apps.events.tasks import audit_anchor
from apps.tournaments.events import TournamentStarted
from tests.trigger_bypass import unguarded

STREAM = "tournament:17"


@pytest.fixture(autouse=True)
def _five_events(db: None) -> None:
    happen(5)
    happen(2, stream=18)


def happen(times: int, *, stream: int = 17) -> None:
    for number in range(times):
        with transaction.atomic():
            recording.record(TournamentStarted(tournament_id=stream, entrants=number, rounds=1))


def typed(*words: str) -> tuple[int, str]:
    """The command's exit status, and what it says."""
    said = StringIO()
    try:
        call_command(*words, stdout=said)
    except SystemExit as end:
        return int(str(end.code)), said.getvalue()
    return 0, said.getvalue()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The file that the anchors' lines go to, with other lines around them."""
    file = tmp_path / "web.log"
    handler = logging.FileHandler(file)
    handler.setFormatter(Json())
    logger = logging.getLogger("apps.events")
    logger.addHandler(handler)
    file.write_text("deltacrown-web-1  | no JSON, {but braces\n")
    yield file
    logger.removeHandler(handler)
    handler.close()


class TestVerify:
    def test_an_untouched_trail_is_all_right(self) -> None:
        assert typed("audit_verify") == (0, "2 streams verified, 0 broken\n")
        assert typed("audit_verify", STREAM) == (0, "1 streams verified, 0 broken\n")

    def test_it_names_the_first_bad_entry_of_each_stream(self) -> None:
        with unguarded():
            EventRecord.objects.filter(stream=STREAM, seq__gte=3).update(name="another")
            EventRecord.objects.filter(stream="tournament:18", seq=1).delete()
        status, said = typed("audit_verify")
        assert status == 1
        assert said == (
            "tournament:17: #3 is not what was recorded there\n"
            "tournament:18: #1 is missing\n"
            "2 streams verified, 2 broken\n"
        )

    def test_a_tail_cut_off_head_and_all_is_found_by_the_log_alone(self, log: Path) -> None:
        assert audit_anchor() == 2
        assert typed("audit_verify", "--anchors", str(log))[0] == 0
        with unguarded():
            EventRecord.objects.filter(stream=STREAM, seq__gt=3).delete()
            third = EventRecord.objects.get(stream=STREAM, seq=3)
            Stream.objects.filter(name=STREAM).update(seq=3, digest=third.digest, anchored_seq=0)
        assert typed("audit_verify")[0] == 0
        status, said = typed("audit_verify", "--anchors", str(log))
        assert status == 1
        assert "tournament:17: #4 and what followed it are missing from the end" in said

    def test_a_whole_stream_that_is_gone_is_found_by_the_log(self, log: Path) -> None:
        audit_anchor()
        with unguarded():
            EventRecord.objects.filter(stream=STREAM).delete()
            Stream.objects.filter(name=STREAM).delete()
        assert (
            "tournament:17: #1 and what followed" in typed("audit_verify", "--anchors", str(log))[1]
        )

    def test_who_has_the_key_and_writes_another_end_is_found_by_the_log(self, log: Path) -> None:
        audit_anchor()
        with unguarded():
            last = EventRecord.objects.get(stream=STREAM, seq=5)
            fourth = EventRecord.objects.get(stream=STREAM, seq=4)
            last.data["entrants"] = 99
            last.digest = chain.digest(fourth.digest, last)
            last.save()
            Stream.objects.filter(name=STREAM).update(digest=last.digest)
        assert typed("audit_verify")[0] == 0
        status, said = typed("audit_verify", STREAM, "--anchors", str(log))
        assert (status, said.splitlines()[0]) == (
            1,
            "tournament:17: #5 is another than when it was anchored in the log",
        )

    def test_an_anchor_that_is_not_ours_is_said_to_be_none(self, log: Path) -> None:
        audit_anchor()
        log.write_text(log.read_text().replace("#5=", "#4="))
        with pytest.raises(CommandError, match=r"line 2.*not signed by us") as refused:
            typed("audit_verify", "--anchors", str(log))
        assert refused.value.returncode == 2

    @pytest.mark.parametrize("line", ['{"event": "audit.anchored"}', "audit.anchored", "[] {"])
    def test_nor_is_what_only_looks_like_one(self, log: Path, line: str) -> None:
        log.write_text(f"{line}\n")
        with pytest.raises(CommandError):
            typed("audit_verify", "--anchors", str(log))

    def test_a_log_without_anchors_or_no_log_is_no_proof(self, log: Path, tmp_path: Path) -> None:
        for file in (log, tmp_path / "nothing"):
            with pytest.raises(CommandError, match=r"no anchors|cannot be read"):
                typed("audit_verify", "--anchors", str(file))


class TestAnchors:
    def test_only_what_grew_is_told_again(self, log: Path) -> None:
        audit_anchor()
        happen(1)
        assert (audit_anchor(), audit_anchor()) == (1, 0)
        told = [json.loads(line) for line in log.read_text().splitlines()[1:]]
        assert [len(line["heads"]) for line in told] == [2, 1]
        assert told[1]["heads"][0].startswith("tournament:17#6=")

    def test_many_heads_make_many_lines_that_are_whole(self, log: Path) -> None:
        for stream in range(100, 160):
            happen(1, stream=stream)
        assert audit_anchor() == 62
        assert typed("audit_verify", "--anchors", str(log))[0] == 0
        told = [json.loads(line) for line in log.read_text().splitlines()[1:]]
        assert [len(line["heads"]) for line in told] == [50, 12]

    def test_where_the_log_takes_none_no_head_counts_as_told(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.ERROR, "apps.events.audit.anchors")
        assert audit_anchor() == 0
        assert not Stream.objects.filter(anchored_seq__gt=0).exists()


class TestExport:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """An export of the first three of one stream, and of all of the other."""
        with unguarded():
            self._age(EventRecord.objects.filter(stream=STREAM, seq__lte=3))
            self._age(EventRecord.objects.filter(stream="tournament:18"))
            self._chain_anew()
        file = tmp_path / "2026.jsonl"
        yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
        said = typed("audit_export", "--before", yesterday, "--to", str(file))
        assert said == (0, f"5 records of 2 streams are in {file}\n")
        return file

    def _age(self, records: Any) -> None:
        records.update(at=timezone.now() - timedelta(days=10))

    def _chain_anew(self) -> None:
        for stream in Stream.objects.all():
            previous = ""
            for record in stream.events.order_by("seq"):
                record.digest = chain.digest(previous, record)
                record.save()
                previous = record.digest
            Stream.objects.filter(pk=stream.pk).update(digest=previous)

    def test_what_is_exported_is_there_still(self, file: Path) -> None:
        assert EventRecord.objects.count() == 7
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert [(line["stream"], line["seq"]) for line in lines] == [
            (STREAM, 1), (STREAM, 2), (STREAM, 3), ("tournament:18", 1), ("tournament:18", 2),
        ]  # fmt: skip

    def test_what_is_exported_can_be_removed_and_the_chains_go_on(self, file: Path) -> None:
        assert typed("audit_prune", str(file)) == (0, "5 records of 2 streams removed\n")
        happen(1)
        happen(1, stream=18)
        kept = EventRecord.objects.order_by("stream_id", "seq").values_list("stream_id", "seq")
        assert list(kept) == [(STREAM, 4), (STREAM, 5), (STREAM, 6), ("tournament:18", 3)]
        assert typed("audit_verify") == (0, "2 streams verified, 0 broken\n")

    def test_a_removal_that_was_interrupted_goes_on_where_it_was(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as cut:
            cut.setattr(pruning, "_remove", lambda span: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                typed("audit_prune", str(file))
        assert EventRecord.objects.count() == 7
        assert typed("audit_verify")[0] == 0
        assert "5 records" in typed("audit_prune", str(file))[1]
        assert "0 records" in typed("audit_prune", str(file))[1]

    def test_what_no_checkpoint_stands_for_is_not_removed(self, file: Path) -> None:
        typed("audit_prune", str(file))
        with pytest.raises(IntegrityError), transaction.atomic():
            EventRecord.objects.filter(stream=STREAM, seq=4).delete()

    def test_a_checkpoint_of_somebody_elses_is_found(self, file: Path) -> None:
        fifth = EventRecord.objects.get(stream=STREAM, seq=5)
        Checkpoint.objects.create(
            stream_id=STREAM, seq=5, digest=fifth.digest, export="", at=timezone.now(),
            signature="0" * 64,
        )  # fmt: skip
        EventRecord.objects.filter(stream=STREAM).delete()
        assert "#5 is where a checkpoint stands that we did not sign" in typed("audit_verify")[1]

    def test_an_edit_after_the_checkpoint_is_found_still(self, file: Path) -> None:
        typed("audit_prune", str(file))
        with unguarded():
            EventRecord.objects.filter(stream=STREAM, seq=4).update(name="another")
        assert "tournament:17: #4 is not what" in typed("audit_verify")[1]

    def test_anchors_of_what_was_removed_are_no_fault(self, file: Path, log: Path) -> None:
        audit_anchor()
        typed("audit_prune", str(file))
        assert typed("audit_verify", "--anchors", str(log))[0] == 0

    @pytest.mark.parametrize("part", ["", ".manifest"])
    def test_an_export_that_was_touched_removes_nothing(self, file: Path, part: str) -> None:
        touched = file.with_name(file.name + part)
        touched.write_text(touched.read_text().replace("tournament:18", "tournament:19"))
        with pytest.raises(CommandError, match="Nothing is removed"):
            typed("audit_prune", str(file))
        assert EventRecord.objects.count() == 7

    @pytest.mark.parametrize("part", ["", ".manifest"])
    def test_nor_does_half_an_export(self, file: Path, part: str) -> None:
        file.with_name(file.name + part).unlink()
        with pytest.raises(CommandError, match="cannot be read"):
            typed("audit_prune", str(file))

    def test_nor_does_one_of_another_database(self, file: Path) -> None:
        with unguarded():
            EventRecord.objects.filter(stream=STREAM, seq=2).update(at=timezone.now())
            self._chain_anew()
        with pytest.raises(CommandError, match="not the one that was exported"):
            typed("audit_prune", str(file))
        assert EventRecord.objects.count() == 7

    def test_an_export_is_never_written_over(self, file: Path) -> None:
        before = file.read_bytes()
        with pytest.raises(CommandError, match="is there already"):
            typed("audit_export", "--before", "2026-01-01", "--to", str(file))
        assert file.read_bytes() == before

    def test_a_trail_that_does_not_verify_is_not_exported(self, tmp_path: Path) -> None:
        with unguarded():
            self._age(EventRecord.objects.filter(stream=STREAM, seq=1))
        file = tmp_path / "bad.jsonl"
        yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
        with pytest.raises(CommandError, match="tournament:17#1 does not verify"):
            typed("audit_export", "--before", yesterday, "--to", str(file))
        assert not file.exists()

    @pytest.mark.parametrize("date", ["soon", "2999-01-01", "2026-13-01", ""])
    def test_a_date_is_one_that_has_been(self, tmp_path: Path, date: str) -> None:
        with pytest.raises(CommandError):
            typed("audit_export", "--before", date, "--to", str(tmp_path / "x"))

    def test_a_folder_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file"):
            typed("audit_export", "--before", "2026-01-01", "--to", str(tmp_path / "no" / "x"))
