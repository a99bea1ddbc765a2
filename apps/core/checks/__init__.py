"""What `manage.py check` says of monitoring: faults of wiring, and with `--deploy` every box of
MONITORING.md's checklist that is open. A box that cannot be told from inside is said to be unknown.
"""

from apps.core.checks import checklist, wiring

__all__ = ["checklist", "wiring"]
