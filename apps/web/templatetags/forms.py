from typing import Any

from django import template
from django.template import Context

register = template.Library()


@register.inclusion_tag("web/_action_button.html", takes_context=True)
def action_button(
    context: Context, name: str, label: str, style: str = "", description: str = "", **hidden: Any
) -> dict[str, Any]:
    """A form with one button and hidden fields. Screen readers read the description too."""
    return {
        "name": name,
        "label": label,
        "style": style,
        "description": description,
        "hidden": hidden,
        "path": context["request"].path,
        "htmx_target": context.get("htmx_target"),
        "csrf_token": context.get("csrf_token"),
    }
