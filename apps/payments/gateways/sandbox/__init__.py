"""Replaces a provider without keys. It keeps charges in tables of its own, and sends webhooks.
docs/payments.md describes the tokens."""
