"""Triggers that keep the ledger: transfers and postings are append-only. On Postgres, a transaction
cannot commit a transfer whose postings do not sum to zero.

A trap: on SQLite, a migration that alters one of these tables recreates it without its triggers.
Such a migration must run `install` again.
"""

from django.db import migrations

TABLES = ("payments_transfer", "payments_posting")

POSTGRES = [
    """
    CREATE FUNCTION payments_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE FUNCTION payments_transfer_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM payments_posting p JOIN payments_wallet w ON w.id = p.wallet_id
            WHERE p.transfer_id = NEW.transfer_id GROUP BY w.currency HAVING sum(p.amount) <> 0
        ) THEN
            RAISE EXCEPTION 'transfer % does not sum to zero', NEW.transfer_id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER payments_posting_balanced AFTER INSERT ON payments_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_transfer_is_balanced()
    """,
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION payments_append_only()"
        for table in TABLES
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION payments_append_only()"
        for table in TABLES
    ),
]
POSTGRES_DROP = [
    *(f"DROP TRIGGER {table}_append_only ON {table}" for table in TABLES),
    *(f"DROP TRIGGER {table}_no_truncate ON {table}" for table in TABLES),
    "DROP TRIGGER payments_posting_balanced ON payments_posting",
    "DROP FUNCTION payments_transfer_is_balanced()",
    "DROP FUNCTION payments_append_only()",
]
# On SQLite, INSERT OR REPLACE does not fire a DELETE trigger.
SQLITE_RULES = [
    *((table, verb, "TRUE") for table in TABLES for verb in ("UPDATE", "DELETE")),
    (
        "payments_transfer",
        "INSERT",
        'EXISTS (SELECT 1 FROM payments_transfer WHERE id = NEW.id OR "key" = NEW."key")',
    ),
    (
        "payments_posting",
        "INSERT",
        "EXISTS (SELECT 1 FROM payments_posting WHERE id = NEW.id "
        "OR transfer_id = NEW.transfer_id AND wallet_id = NEW.wallet_id)",
    ),
]
SQLITE = [
    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} WHEN {refused} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table, verb, refused in SQLITE_RULES
]
SQLITE_DROP = [f"DROP TRIGGER {table}_no_{verb}" for table, verb, _ in SQLITE_RULES]


def install(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES if is_postgres else SQLITE:
        schema_editor.execute(statement, params=None)


def remove(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES_DROP if is_postgres else SQLITE_DROP:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
