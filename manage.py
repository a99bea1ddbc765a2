#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from apps.core.database import database_errors_reported
from apps.core.logging import setup

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deltacrown.settings")
    setup.install_hooks("manage", is_command=True)
    with database_errors_reported():
        execute_from_command_line(sys.argv)
