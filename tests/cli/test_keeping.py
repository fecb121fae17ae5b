"""Comes back what was kept, and does nothing happen a second time?"""

from __future__ import annotations

import json
import shutil
import stat

import pytest

from efoy.models import Alert, OutboxMessage, db


def state(run) -> dict:
    return json.loads(run("export-state").stdout) | {"clock": None}


def tools_or_skip() -> None:
    if db.engine.dialect.name == "postgresql" and shutil.which("pg_dump") is None:
        pytest.skip("PostgreSQL's client tools are not here")


def test_a_backup_brings_everything_back(story, run, tmp_path):
    tools_or_skip()
    story.booked()
    story.work()
    kept = tmp_path / "kept" / "efoy.backup"
    before = state(run)
    run("backup", str(kept))
    story.booked(story.time(48))
    assert state(run) != before

    run("restore", str(kept), "--yes")

    assert state(run) == before
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_unsent_mail_of_a_backup_is_not_sent_again(story, run, tmp_path):
    tools_or_skip()
    story.booked()
    kept = tmp_path / "efoy.backup"
    run("backup", str(kept))
    story.work()
    story.mailbox.clear()

    said = run("restore", str(kept), "--yes").stdout
    story.drain()

    assert "reconcile" in said
    assert [row.status for row in story.rows(OutboxMessage, kind="booked")] == ["dead"]
    assert [row.kind for row in story.rows(Alert)] == ["restored"]
    assert story.mailbox.to("almaz@example.org") == []


def test_a_backup_overwrites_nothing(run, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("precious")

    run("backup", str(taken), fails=True)

    assert taken.read_text() == "precious"


@pytest.mark.parametrize("content", [b"", b"{}", bytes(range(256)) * 20])
def test_what_is_no_backup_of_ours_replaces_nothing(story, run, tmp_path, content):
    tools_or_skip()
    story.booked()
    before, odd = state(run), tmp_path / "odd"
    odd.write_bytes(content)

    outcome = run("restore", str(odd), "--yes", fails=True)

    assert "Error: " in outcome.output
    assert state(run) == before


def test_an_admin_is_made_by_a_link_that_works_once(app, run, client):
    said = run("create-admin", "boss@example.org").stdout
    link = said.strip().splitlines()[-1]

    assert link.startswith("http://127.0.0.1:8000/reset/")
    assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_a_patient_is_not_made_an_admin_by_the_way(run):
    assert "no admin" in run("create-admin", "almaz@example.org", fails=True).output
