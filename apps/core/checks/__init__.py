"""System checks of monitoring: `manage.py check` finds wiring errors, and with `--deploy` each open
item of MONITORING.md's checklist."""

from apps.core.checks import checklist_items, wiring

__all__ = ["checklist_items", "wiring"]
