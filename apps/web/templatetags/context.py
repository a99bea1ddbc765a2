from django import template

from apps.core import context

register = template.Library()


@register.simple_tag
def request_id() -> str:
    """A tag, as Django renders its error pages without context processors."""
    return context.request_id()
