"""How is the database kept safe, and brought back?"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import URL, make_url

from efoy.models import db
from efoy.services.restoring import quarantine_mail
from efoy.wiring import outside, settings


@click.command("backup")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup_command(path: Path) -> None:
    """Copy the database to PATH while everything runs."""
    if path.exists():
        raise click.ClickException(f"{path} exists: choose another name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    url = _url()
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(_file(url), path)
    else:
        _run("pg_dump", "--format=custom", f"--file={path}", _address(url))
    path.chmod(0o600)
    click.echo(f"{path}: {path.stat().st_size} bytes.")


@click.command("restore")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace what is in the database now.")
@with_appcontext
def restore_command(path: Path, yes: bool) -> None:
    """Bring the database back from PATH. Stop web server and worker before."""
    if not yes:
        click.confirm("This replaces everything in the database. Go on?", abort=True)
    url = _url()
    db.engine.dispose()
    if url.get_backend_name() == "sqlite":
        _demand_backup(path)
        _copy_sqlite(path, _file(url))
    else:
        _run("pg_restore", "--clean", "--if-exists", f"--dbname={_address(url)}", str(path))
    kept = quarantine_mail(now=outside().clock())
    click.echo(f"Restored. {kept} unsent mails are kept back: they may have been sent since.")
    click.echo("Now run: flask --app wsgi reconcile --since <the backup's time, less three days>")


def _url() -> URL:
    return make_url(settings().database_url)


def _file(url: URL) -> Path:
    return Path(current_app.instance_path) / (url.database or "efoy.sqlite3")


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy: whole, whatever is being written meanwhile."""
    with closing(sqlite3.connect(source)) as begin, closing(sqlite3.connect(target)) as end:
        begin.backup(end)


def _demand_backup(path: Path) -> None:
    """Refuse what is no copy of our database, an empty file too, before anything is replaced."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as found:
            found.execute("SELECT count(*) FROM slot_claims").fetchone()
    except sqlite3.Error:
        raise click.ClickException(f"{path} is no backup of an Efoy database.") from None


def _address(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(tool: str, *arguments: str) -> None:
    found = shutil.which(tool)
    if found is None:
        raise click.ClickException(f"{tool} is not here: install PostgreSQL's client tools.")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)  # noqa: S603  # a fixed tool
    if done.returncode != 0:
        raise click.ClickException(f"{tool} failed: {done.stderr.strip()[-500:]}")


COMMANDS = (backup_command, restore_command)
