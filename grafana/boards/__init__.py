"""Every dashboard."""

from grafana.boards import (
    business,
    celery,
    database,
    host,
    http,
    logs,
    money,
    monitoring,
    overview,
    redis_postgres,
    security,
    slo,
    tournaments,
    websocket,
)
from grafana.shapes import Json

MODULES = (
    overview, http, database, websocket, celery, business, tournaments, money,
    redis_postgres, host, slo, logs, monitoring, security,
)  # fmt: skip


def every_board() -> list[Json]:
    return [module.BOARD for module in MODULES]
