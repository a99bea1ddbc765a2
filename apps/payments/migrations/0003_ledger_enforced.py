"""The database keeps the ledger: transfers and postings are append-only, and on Postgres no
transaction commits in which a transfer's postings do not sum to zero.

First, what was paid until now gets its entries, and its charge in the sandbox's book: there was no
other provider.

A trap: on SQLite, a later migration that alters one of these tables makes it anew, and the triggers
are gone. It has to run `enforce` again.
"""

from django.db import migrations

CHARGED = ("succeeded", "refunded")
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
POSTGRES_BACK = [
    *(f"DROP TRIGGER {table}_append_only ON {table}" for table in TABLES),
    *(f"DROP TRIGGER {table}_no_truncate ON {table}" for table in TABLES),
    "DROP TRIGGER payments_posting_balanced ON payments_posting",
    "DROP FUNCTION payments_transfer_is_balanced()",
    "DROP FUNCTION payments_append_only()",
]
# On SQLite, INSERT OR REPLACE removes a row without a word to a DELETE trigger.
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
SQLITE_BACK = [f"DROP TRIGGER {table}_no_{verb}" for table, verb, _ in SQLITE_RULES]


def book(apps, schema_editor):
    Payment = apps.get_model("payments", "Payment")
    Payment.objects.filter(status="processing").update(status="created")
    for payment in Payment.objects.filter(status__in=CHARGED).select_related("invoice"):
        _book(apps, payment)
    if schema_editor.connection.vendor == "postgresql":
        # What is deferred would keep the triggers below from being made.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _book(apps, payment):
    charge = apps.get_model("payments", "SandboxCharge").objects.create(
        method=payment.method,
        reference=payment.reference,
        provider_id=f"pi_sandbox_{payment.reference.hex}",
        amount=payment.invoice.amount,
        currency=payment.invoice.currency,
        outcome="succeeded",
        settles_at=payment.created_at,
    )
    payment.provider_id = charge.provider_id
    payment.save(update_fields=["provider_id"])
    _transfer(apps, payment, f"payment:{payment.pk}", payment.invoice.amount)
    if payment.status == "refunded":
        refund = apps.get_model("payments", "Refund").objects.create(
            payment=payment, amount=payment.invoice.amount, status="succeeded"
        )
        apps.get_model("payments", "SandboxRefund").objects.create(
            charge=charge,
            reference=refund.reference,
            provider_id=f"re_sandbox_{refund.reference.hex}",
            amount=refund.amount,
        )
        _transfer(apps, payment, f"refund:{refund.pk}", -refund.amount)


def _transfer(apps, payment, key, amount):
    Wallet = apps.get_model("payments", "Wallet")
    Transfer = apps.get_model("payments", "Transfer")
    transfer = Transfer.objects.create(key=key, payment=payment)
    for house, posted in (("fees", -amount), (payment.method, amount)):
        wallet, _ = Wallet.objects.get_or_create(
            owner=None, house=house, currency=payment.invoice.currency
        )
        transfer.postings.create(wallet=wallet, amount=posted)
        wallet.balance += posted
        wallet.save(update_fields=["balance"])


def enforce(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES if is_postgres else SQLITE:
        schema_editor.execute(statement, params=None)


def let_go(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES_BACK if is_postgres else SQLITE_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_money_and_ledger")]

    operations = [
        migrations.RunPython(book, migrations.RunPython.noop),
        migrations.RunPython(enforce, let_go),
    ]
