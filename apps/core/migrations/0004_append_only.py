"""The database itself refuses to change the audit trail, whoever asks.

A record may be removed where a checkpoint says that it is exported; a head may grow by one; nothing
else. Whoever owns the tables can still take the triggers away: that is what the chain and its
anchors in the log are for.

A trap: on SQLite, a later migration that alters one of these tables makes it anew, and the triggers
are gone. It has to run `install` again.
"""

from django.db import migrations

TABLES = ("core_eventrecord", "core_stream", "core_checkpoint")
REFUSED = "the audit trail is append-only"

EXPORTED = """EXISTS (
    SELECT 1 FROM core_checkpoint WHERE stream_id = OLD.stream_id AND seq >= OLD.seq
)"""
IS_THE_RECORDS = """EXISTS (
    SELECT 1 FROM core_eventrecord
    WHERE stream_id = NEW.stream_id AND seq = NEW.seq AND digest = NEW.digest
)"""
GROWS = """(
    NEW.name = OLD.name AND NEW.anchored_seq BETWEEN OLD.anchored_seq AND NEW.seq AND (
        NEW.seq = OLD.seq + 1 OR NEW.seq = OLD.seq AND NEW.digest = OLD.digest
    )
)"""
# table, moment, what has to be true for it
ROW_RULES = (
    ("core_eventrecord", "UPDATE", "FALSE"),
    ("core_eventrecord", "DELETE", EXPORTED),
    ("core_stream", "UPDATE", GROWS),
    ("core_stream", "DELETE", "FALSE"),
    ("core_checkpoint", "INSERT", IS_THE_RECORDS),
    ("core_checkpoint", "UPDATE", "FALSE"),
    ("core_checkpoint", "DELETE", "FALSE"),
)
# On SQLite, INSERT OR REPLACE removes a row without a word to a DELETE trigger.
REPLACES_A_RECORD = """EXISTS (
    SELECT 1 FROM core_eventrecord
    WHERE id = NEW.id OR stream_id = NEW.stream_id AND seq = NEW.seq
)"""
IS_BEHIND = """EXISTS (
    SELECT 1 FROM core_eventrecord WHERE stream_id = NEW.name AND seq > NEW.seq
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
        schema_editor.execute("DROP FUNCTION core_audit_truncate()")


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
        ("core_eventrecord", "INSERT", f"NOT {REPLACES_A_RECORD}"),
        ("core_stream", "INSERT", f"NOT {IS_BEHIND}"),
    ]


def _sqlite_rule(rule):
    """A head is looked at when it is there: before, INSERT OR IGNORE would be refused too."""
    table, moment, allowed = rule
    when = "AFTER" if (table, moment) == ("core_stream", "INSERT") else "BEFORE"
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
        CREATE FUNCTION core_audit_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation';
        END $$;
    """
    for table in TABLES:
        yield f"""
            CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION core_audit_truncate()
        """


class Migration(migrations.Migration):
    dependencies = [("core", "0003_audit_trail")]
    operations = [migrations.RunPython(install, remove)]
