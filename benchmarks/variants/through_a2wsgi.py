from a2wsgi import WSGIMiddleware

from benchmarks.variants.wsgi import application

app = WSGIMiddleware(application, workers=8)  # type: ignore[arg-type]
