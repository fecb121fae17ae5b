"""The migrations build exactly the tables of the models, in one line, up and down."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from efoy.models import Base

ROOT = Path(__file__).resolve().parents[2]


def test_there_is_one_head_and_numbers_run_on():
    scripts = ScriptDirectory(str(ROOT / "migrations"))

    numbers = sorted(script.revision for script in scripts.walk_revisions())

    assert len(scripts.get_heads()) == 1
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_the_models_equal_the_migrations(database):
    engine = create_engine(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()

    assert [d for d in differences if "alembic_version" not in str(d)] == []


def test_the_way_down_leaves_nothing_behind(app):
    from flask_migrate import downgrade, upgrade

    from efoy.models import db

    with app.app_context():
        downgrade(revision="base")
        left = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
        upgrade()
        back = set(inspect(db.engine).get_table_names())
        db.engine.dispose()

    assert left == set()
    assert {table.name for table in Base.metadata.sorted_tables} <= back
