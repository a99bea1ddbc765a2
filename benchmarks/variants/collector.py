"""The application with other garbage collector settings: THRESHOLDS=700,10,10 FREEZE=0."""

import gc
import os

from deltacrown.asgi import application  # isort: skip  sets Django up

from apps.core.http import lifespan

if thresholds := os.environ.get("THRESHOLDS"):
    lifespan.GC_THRESHOLDS = tuple(int(part) for part in thresholds.split(","))
if os.environ.get("FREEZE") == "0":
    gc.freeze = lambda: None

__all__ = ["application"]
