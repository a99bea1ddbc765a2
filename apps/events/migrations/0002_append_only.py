"""Triggers that keep the audit trail append-only.

They allow to delete a record that a checkpoint lists as exported, and to advance a head by one.
The owner of the tables can drop the triggers. The hash chain and its anchors in the log detect that.

A trap: on SQLite, a migration that alters one of these tables recreates it without its triggers.
Such a migration must run `install` again.
"""

from django.db import migrations

TABLES = ("events_eventrecord", "events_stream", "events_checkpoint")
REFUSED = "the audit trail is append-only"

EXPORTED = """EXISTS (
    SELECT 1 FROM events_checkpoint WHERE stream_id = OLD.stream_id AND seq >= OLD.seq
)"""
IS_THE_RECORDS = """EXISTS (
    SELECT 1 FROM events_eventrecord
    WHERE stream_id = NEW.stream_id AND seq = NEW.seq AND digest = NEW.digest
)"""
GROWS = """(
    NEW.name = OLD.name AND NEW.anchored_seq BETWEEN OLD.anchored_seq AND NEW.seq AND (
        NEW.seq = OLD.seq + 1 OR NEW.seq = OLD.seq AND NEW.digest = OLD.digest
    )
)"""
# table, operation, condition under which it is allowed
ROW_RULES = (
    ("events_eventrecord", "UPDATE", "FALSE"),
    ("events_eventrecord", "DELETE", EXPORTED),
    ("events_stream", "UPDATE", GROWS),
    ("events_stream", "DELETE", "FALSE"),
    ("events_checkpoint", "INSERT", IS_THE_RECORDS),
    ("events_checkpoint", "UPDATE", "FALSE"),
    ("events_checkpoint", "DELETE", "FALSE"),
)
# On SQLite, INSERT OR REPLACE does not fire a DELETE trigger.
REPLACES_A_RECORD = """EXISTS (
    SELECT 1 FROM events_eventrecord
    WHERE id = NEW.id OR stream_id = NEW.stream_id AND seq = NEW.seq
)"""
IS_BEHIND = """EXISTS (
    SELECT 1 FROM events_eventrecord WHERE stream_id = NEW.name AND seq > NEW.seq
)"""


def install(apps, schema_editor):
    for statement in _statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for table, moment, _ in (*ROW_RULES, *_more(vendor)):
        on = f" ON {table}" if vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER {table}_{moment.lower()}{on}")
    if vendor == "postgresql":
        for name in [f"{table}_{moment.lower()}" for table, moment, _ in ROW_RULES]:
            schema_editor.execute(f"DROP FUNCTION {name}()")
        schema_editor.execute("DROP FUNCTION events_audit_truncate()")


def _statements(vendor):
    if vendor == "postgresql":
        return [*map(_postgres_rule, ROW_RULES), *_postgres_truncate()]
    if vendor == "sqlite":
        return [_sqlite_rule(rule) for rule in (*ROW_RULES, *_more(vendor))]
    raise NotImplementedError(f"no triggers are written for {vendor}")


def _more(vendor):
    if vendor == "postgresql":
        return [(table, "TRUNCATE", "FALSE") for table in TABLES]
    return [
        ("events_eventrecord", "INSERT", f"NOT {REPLACES_A_RECORD}"),
        ("events_stream", "INSERT", f"NOT {IS_BEHIND}"),
    ]


def _sqlite_rule(rule):
    """A head is checked after the insert: before it, INSERT OR IGNORE would be refused too."""
    table, moment, allowed = rule
    when = "AFTER" if (table, moment) == ("events_stream", "INSERT") else "BEFORE"
    return f"""
        CREATE TRIGGER {table}_{moment.lower()} {when} {moment} ON {table}
        WHEN NOT ({allowed})
        BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END
    """


def _postgres_rule(rule):
    table, moment, allowed = rule
    name, row = f"{table}_{moment.lower()}", "OLD" if moment == "DELETE" else "NEW"
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT ({allowed}) THEN
                RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN {row};
        END $$;
        CREATE TRIGGER {name} BEFORE {moment} ON {table}
            FOR EACH ROW EXECUTE FUNCTION {name}();
    """


def _postgres_truncate():
    yield f"""
        CREATE FUNCTION events_audit_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation';
        END $$;
    """
    for table in TABLES:
        yield f"""
            CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION events_audit_truncate()
        """


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
