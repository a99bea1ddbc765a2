#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from apps.core.database import database_faults_told
from apps.core.logging import setup

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deltacrown.settings")
    setup.install_hooks("manage", is_command=True)
    with database_faults_told():
        execute_from_command_line(sys.argv)
