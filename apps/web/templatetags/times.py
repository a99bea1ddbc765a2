import math
from datetime import UTC, datetime

from django import template
from django.utils import dateformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# `times.js` knows them too.
STYLES = {
    "full": "j M Y, H:i",
    "short": "j M, H:i",
    "clock": "H:i",
    "day": "j M Y",
}


@register.simple_tag
def moment(at: datetime, style: str) -> SafeString:
    """In UTC, and saying so; `times.js` shows it as of the visitor's time zone."""
    words = dateformat.format(at.astimezone(UTC), STYLES[style])
    return format_html(
        '<time datetime="{}" data-style="{}">{} UTC</time>', at.isoformat(), style, words
    )


@register.filter
def duration(seconds: int) -> str:
    """90 is 2 minutes: never shorter than it is."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return _counted(math.ceil(seconds / length), unit)
    return _counted(seconds, "second")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
