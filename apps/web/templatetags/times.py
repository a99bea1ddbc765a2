import math
from datetime import UTC, datetime

from django import template
from django.template.defaultfilters import pluralize
from django.utils import dateformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# The same names as in `times.js`.
STYLES = {"full": "j M Y, H:i", "short": "j M, H:i", "clock": "H:i", "day": "j M Y"}


@register.simple_tag
def moment(at: datetime, style: str) -> SafeString:
    """The time in UTC. `times.js` converts it to the visitor's time zone."""
    text = dateformat.format(at.astimezone(UTC), STYLES[style])
    return format_html(
        '<time datetime="{}" data-style="{}">{} UTC</time>', at.isoformat(), style, text
    )


@register.filter
def duration(seconds: int) -> str:
    """Rounded up: 90 is "2 minutes"."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = math.ceil(seconds / length)
            return f"{number} {unit}{pluralize(number)}"
    return f"{seconds} second{pluralize(seconds)}"
