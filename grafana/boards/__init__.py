"""Every dashboard; Grafana lists them in this order of their own accord, by title."""

from grafana.boards import (
    business,
    celery,
    database,
    host,
    http,
    logs,
    monitoring,
    overview,
    redis_postgres,
    slo,
    websocket,
)
from grafana.shapes import Json

MODULES = (
    overview, http, database, websocket, celery, business, redis_postgres, host, slo, logs,
    monitoring,
)  # fmt: skip


def every_board() -> list[Json]:
    return [module.board() for module in MODULES]
