"""The periodic tasks that beat sends, with their intervals in seconds."""

CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "apps.core.celery.tasks.heartbeat", "schedule": 30.0},
    "audit-anchor": {"task": "apps.events.tasks.audit_anchor", "schedule": 60.0},
    "audit-verify": {"task": "apps.events.tasks.audit_verify", "schedule": 60.0},
    "ledger-check": {"task": "apps.payments.tasks.ledger_check", "schedule": 60.0},
    "payments-resume": {"task": "apps.payments.tasks.payments_resume", "schedule": 60.0},
    "tournaments-tick": {"task": "apps.tournaments.tasks.tournaments_tick", "schedule": 20.0},
    "matches-no-shows": {"task": "apps.matches.tasks.no_shows_sweep", "schedule": 30.0},
    "matches-reminders": {"task": "apps.matches.tasks.reminders_sweep", "schedule": 60.0},
    "matches-draws": {"task": "apps.matches.tasks.draws_sweep", "schedule": 60.0},
    "matches-disputes": {"task": "apps.matches.tasks.disputes_count", "schedule": 60.0},
    "refunds-resume": {"task": "apps.payments.tasks.refunds_resume", "schedule": 60.0},
    "webhooks-retry": {"task": "apps.payments.tasks.webhooks_retry", "schedule": 60.0},
    "keys-expire": {"task": "apps.payments.tasks.keys_expire", "schedule": 600.0},
    "reconcile": {"task": "apps.payments.tasks.reconcile", "schedule": 300.0},
    "sandbox-deliver": {"task": "apps.payments.tasks.sandbox_deliver", "schedule": 5.0},
    "prizes-sweep": {"task": "apps.tournaments.tasks.prizes_sweep", "schedule": 60.0},
}
