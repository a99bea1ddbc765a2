import json
import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.logging.formatters import Json
from apps.events.audit import digests, pruning
from apps.events.models import Checkpoint, EventRecord, Stream
from apps.events.tasks import audit_anchor
from tests.events.example import STREAM, win
from tests.trigger_bypass import triggers_disabled

OTHER = "game:18"


@pytest.fixture(autouse=True)
def export_time(db: None) -> str:
    """After three of the five records of one stream, and after both records of the other."""
    for game in (17, 17, 17, 18, 18):
        win(game)
    time = timezone.now().isoformat()
    for _ in range(2):
        win()
    return time


def run(*arguments: str) -> tuple[int, str]:
    """The exit status and the output of a command."""
    output = StringIO()
    try:
        call_command(*arguments, stdout=output)
    except SystemExit as end:
        return int(str(end.code)), output.getvalue()
    return 0, output.getvalue()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The log file of the anchors, with another line at its start."""
    file = tmp_path / "web.log"
    handler = logging.FileHandler(file)
    handler.setFormatter(Json())
    logger = logging.getLogger("apps.events")
    logger.addHandler(handler)
    file.write_text("shop-web-1  | no JSON, {but braces\n")
    yield file
    logger.removeHandler(handler)
    handler.close()


class TestVerify:
    def test_the_first_wrong_entry_of_each_stream_is_printed(self) -> None:
        with triggers_disabled():
            EventRecord.objects.filter(stream=STREAM, seq__gte=3).update(name="another")
            EventRecord.objects.filter(stream=OTHER, seq=1).delete()
        status, output = run("audit_verify")
        assert status == 1
        assert output == (
            "game:17: #3 does not match its digest\n"
            "game:18: #1 is missing\n"
            "2 streams verified, 2 broken\n"
        )

    def test_an_end_removed_together_with_its_head_is_detected_by_anchors(self, log: Path) -> None:
        assert audit_anchor() == 2
        assert run("audit_verify", "--anchors", str(log))[0] == 0
        with triggers_disabled():
            EventRecord.objects.filter(stream=STREAM, seq__gt=3).delete()
            third = EventRecord.objects.get(stream=STREAM, seq=3)
            Stream.objects.filter(name=STREAM).update(seq=3, digest=third.digest, anchored_seq=0)
            EventRecord.objects.filter(stream=OTHER).delete()
            Stream.objects.filter(name=OTHER).delete()
        assert run("audit_verify")[0] == 0
        status, output = run("audit_verify", "--anchors", str(log))
        assert status == 1
        assert "game:17: #4 and all later entries are missing\n" in output
        assert "game:18: #1 and all later entries are missing\n" in output

    def test_an_end_rewritten_with_the_key_is_detected_by_anchors(self, log: Path) -> None:
        audit_anchor()
        with triggers_disabled():
            last = EventRecord.objects.get(stream=STREAM, seq=5)
            last.data["moves"] = 99
            last.digest = digests.digest(EventRecord.objects.get(stream=STREAM, seq=4).digest, last)
            last.save()
            Stream.objects.filter(name=STREAM).update(digest=last.digest)
        assert run("audit_verify")[0] == 0
        status, output = run("audit_verify", STREAM, "--anchors", str(log))
        assert status == 1
        assert output.startswith("game:17: #5 does not match its anchor in the log\n")

    def test_an_anchor_with_an_invalid_signature_is_an_error(self, log: Path) -> None:
        audit_anchor()
        log.write_text(log.read_text().replace("#5=", "#4="))
        with pytest.raises(CommandError, match=r"line 2.*invalid signature") as error:
            run("audit_verify", "--anchors", str(log))
        assert error.value.returncode == 2

    @pytest.mark.parametrize("line", ['{"event": "audit.anchored"}', "audit.anchored", "[] {"])
    def test_a_log_without_valid_anchors_is_an_error(self, log: Path, line: str) -> None:
        log.write_text(f"{line}\n")
        with pytest.raises(CommandError):
            run("audit_verify", "--anchors", str(log))
        with pytest.raises(CommandError, match="cannot be read"):
            run("audit_verify", "--anchors", f"{log}.missing")


class TestAnchors:
    def test_only_heads_that_have_grown_are_logged_again(self, log: Path) -> None:
        audit_anchor()
        win()
        assert (audit_anchor(), audit_anchor()) == (1, 0)
        lines = [json.loads(line) for line in log.read_text().splitlines()[1:]]
        assert [len(line["heads"]) for line in lines] == [2, 1]
        assert lines[1]["heads"][0].startswith("game:17#6=")

    def test_many_heads_are_split_into_complete_lines(self, log: Path) -> None:
        for game in range(100, 160):
            win(game)
        assert audit_anchor() == 62
        assert run("audit_verify", "--anchors", str(log))[0] == 0
        lines = [json.loads(line) for line in log.read_text().splitlines()[1:]]
        assert [len(line["heads"]) for line in lines] == [50, 12]

    def test_a_logger_without_info_anchors_nothing(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.ERROR, "apps.events.audit.anchors")
        assert audit_anchor() == 0
        assert not Stream.objects.filter(anchored_seq__gt=0).exists()


class TestExport:
    @pytest.fixture
    def file(self, tmp_path: Path, export_time: str) -> Path:
        file = tmp_path / "2026.jsonl"
        result = run("audit_export", "--before", export_time, "--to", str(file))
        assert result == (0, f"Exported 5 records of 2 streams to {file}\n")
        return file

    def test_an_export_removes_nothing(self, file: Path) -> None:
        assert EventRecord.objects.count() == 7
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert [(line["stream"], line["seq"]) for line in lines] == [
            (STREAM, 1), (STREAM, 2), (STREAM, 3), (OTHER, 1), (OTHER, 2),
        ]  # fmt: skip

    def test_exported_records_can_be_pruned_and_chains_verify(self, file: Path, log: Path) -> None:
        audit_anchor()
        assert run("audit_prune", str(file)) == (0, "Removed 5 records of 2 streams\n")
        assert run("audit_verify", "--anchors", str(log))[0] == 0
        win()
        win(18)
        kept = EventRecord.objects.order_by("stream_id", "seq").values_list("stream_id", "seq")
        assert list(kept) == [(STREAM, 4), (STREAM, 5), (STREAM, 6), (OTHER, 3)]
        assert run("audit_verify") == (0, "2 streams verified, 0 broken\n")
        with pytest.raises(IntegrityError), transaction.atomic():
            EventRecord.objects.filter(stream=STREAM, seq=4).delete()
        with triggers_disabled():
            EventRecord.objects.filter(stream=STREAM, seq=4).update(name="another")
        assert "game:17: #4 does not match its digest" in run("audit_verify")[1]

    def test_a_prune_can_be_repeated(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as interruption:
            interruption.setattr(pruning, "_remove", lambda span: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                run("audit_prune", str(file))
        assert EventRecord.objects.count() == 7
        assert run("audit_verify")[0] == 0
        assert "Removed 5 records" in run("audit_prune", str(file))[1]
        assert "Removed 0 records" in run("audit_prune", str(file))[1]

    def test_a_forged_checkpoint_is_detected(self) -> None:
        fifth = EventRecord.objects.get(stream=STREAM, seq=5)
        Checkpoint.objects.create(
            stream_id=STREAM, seq=5, digest=fifth.digest, export="", at=timezone.now(),
            signature="0" * 64,
        )  # fmt: skip
        EventRecord.objects.filter(stream=STREAM).delete()
        assert "#5 has a checkpoint with an invalid signature" in run("audit_verify")[1]

    @pytest.mark.parametrize("suffix", ["", ".manifest"])
    def test_a_changed_or_incomplete_export_prunes_nothing(self, file: Path, suffix: str) -> None:
        part = file.with_name(file.name + suffix)
        part.write_text(part.read_text().replace(OTHER, "game:19"))
        with pytest.raises(CommandError, match="Nothing was removed"):
            run("audit_prune", str(file))
        part.unlink()
        with pytest.raises(CommandError, match="cannot be read"):
            run("audit_prune", str(file))
        assert EventRecord.objects.count() == 7

    def test_an_export_of_another_database_prunes_nothing(self, file: Path) -> None:
        with triggers_disabled():
            EventRecord.objects.filter(stream=STREAM, seq=3).update(digest="0" * 64)
        with pytest.raises(CommandError, match="differs from the exported record"):
            run("audit_prune", str(file))
        assert EventRecord.objects.count() == 7

    def test_an_export_is_never_overwritten(self, file: Path) -> None:
        before = file.read_bytes()
        with pytest.raises(CommandError, match="already exists"):
            run("audit_export", "--before", "2026-01-01", "--to", str(file))
        assert file.read_bytes() == before

    def test_a_broken_chain_is_not_exported(self, tmp_path: Path, export_time: str) -> None:
        with triggers_disabled():
            EventRecord.objects.filter(stream=STREAM, seq=1).update(name="another")
        file = tmp_path / "bad.jsonl"
        with pytest.raises(CommandError, match="game:17#1 does not verify"):
            run("audit_export", "--before", export_time, "--to", str(file))
        assert not file.exists()

    @pytest.mark.parametrize(
        ("date", "to"),
        [
            ("soon", "x"),
            ("2999-01-01", "x"),
            ("2026-13-01", "x"),
            ("", "x"),
            ("2026-01-01", "no/x"),
        ],
    )
    def test_an_invalid_date_or_path_is_an_error(self, tmp_path: Path, date: str, to: str) -> None:
        with pytest.raises(CommandError):
            run("audit_export", "--before", date, "--to", str(tmp_path / to))
