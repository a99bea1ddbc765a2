import importlib
from pathlib import Path
from typing import Any

import pytest

from apps.core import context
from tests.envelopes import Kept
from tests.guide.sentry.application import URLCONF, Application


@pytest.fixture
def application(sent_to_sentry: Kept, settings: Any, tmp_path: Path) -> Application:
    settings.ROOT_URLCONF = URLCONF
    settings.MIDDLEWARE = ["apps.core.sentry.middleware.RequestMiddleware", *settings.MIDDLEWARE]
    context.replace({})
    settings.STATIC_ROOT = str(tmp_path)
    wired = importlib.reload(importlib.import_module("deltacrown.asgi"))
    return Application(wired.http, wired.websocket)
