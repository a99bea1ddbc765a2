from decimal import Decimal

from django import template

register = template.Library()

SYMBOLS = {"BDT": "৳", "EUR": "€", "GBP": "£", "USD": "$"}


@register.filter
def money(minor_units: int, currency: str) -> str:
    """1000 EUR is €10.00. All supported currencies have 100 minor units."""
    if not minor_units:
        return "Free"
    return f"{SYMBOLS.get(currency, currency + ' ')}{Decimal(minor_units) / 100:,.2f}"
