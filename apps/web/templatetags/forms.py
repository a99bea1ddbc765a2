from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.template import Context

register = template.Library()


@register.filter
def is_check(field: BoundField) -> bool:
    """Its label stands after it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.inclusion_tag("web/_action_button.html", takes_context=True)
def action_button(
    context: Context, name: str, words: str, style: str = "", about: str = "", **hidden: Any
) -> dict[str, Any]:
    """A button that does one thing: a form with nothing to fill in. `about` says to what, for who
    does not see what stands around the button."""
    return {
        "name": name,
        "words": words,
        "style": style,
        "about": about,
        "hidden": hidden,
        "path": context["request"].path,
        "swaps": context.get("swaps"),
        "csrf_token": context.get("csrf_token"),
    }
