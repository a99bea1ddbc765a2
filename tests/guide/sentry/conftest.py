import importlib
import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.core import context
from tests.guide.logging_tools import handler_to
from tests.guide.sentry.application import URLCONF, Application
from tests.guide.sentry.canary import Observed
from tests.sentry_capture import Capture


@pytest.fixture
def application(sent_to_sentry: Capture, settings: Any, tmp_path: Path) -> Application:
    settings.ROOT_URLCONF = URLCONF
    settings.MIDDLEWARE = ["apps.core.sentry.middleware.RequestMiddleware", *settings.MIDDLEWARE]
    context.replace({})
    settings.STATIC_ROOT = str(tmp_path)
    wired = importlib.reload(importlib.import_module("deltacrown.asgi"))
    return Application(wired.http, wired.websocket, sent_to_sentry)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Every line, of every level, as production writes them."""
    output, root = io.StringIO(), logging.getLogger()
    handler = handler_to(output)
    # The test's own client.
    handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore", "asyncio")))
    root.addHandler(handler)
    yield output
    root.removeHandler(handler)


@pytest.fixture
def observed(application: Application, lines: io.StringIO) -> Observed:
    return Observed(application, lines)
