"""The application with its own settings and middleware, as WSGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deltacrown.settings")
application = get_wsgi_application()
