# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
WORKDIR /app
COPY requirements.txt .
RUN /venv/bin/pip install --require-hashes -r requirements.txt
COPY manage.py ./
COPY deltacrown deltacrown
COPY apps apps
COPY bin/web bin/worker bin/beat bin/
# Settings ask for a key; this one lives for one command.
RUN DEBUG=1 STATIC_ROOT=/static /venv/bin/python manage.py collectstatic --noinput -v0 \
    && /venv/bin/python -m compileall -q apps deltacrown

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin deltacrown
COPY --from=build /venv /venv
COPY --from=build /static /static
COPY --from=build /app /app
WORKDIR /app
ENV VENV=/venv STATIC_ROOT=/static PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000
USER 10001
EXPOSE 8000 9808
CMD ["bin/web"]
