FROM python:3.13.18-slim AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1 VENV=/venv PATH=/venv/bin:$PATH
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin deltacrown
WORKDIR /app

FROM base AS build
RUN python -m venv /venv
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt
COPY manage.py ./
COPY deltacrown deltacrown
COPY apps apps
COPY bin/web bin/worker bin/beat bin/
# Settings ask for a key; this one lives for one command.
RUN DEBUG=1 STATIC_ROOT=/static python manage.py collectstatic --noinput -v0 \
    && python -m compileall -q apps deltacrown

# The clients: traffic, demo, load and guide. They use the site from outside.
FROM build AS tools
COPY requirements-dev.txt .
RUN pip install --require-hashes -r requirements-dev.txt
COPY bin/traffic bin/load bin/
COPY locustfile.py ./
COPY demo demo
COPY stack stack
COPY docs/MONITORING.md docs/
USER 10001

# All tests and drills, with the servers that they start.
FROM tools AS test
USER root
COPY tests/debian.txt tests/
RUN apt-get update && xargs apt-get install -y --no-install-recommends make git procps npm <tests/debian.txt
COPY . .
# The tests write beside the code. The marks of `make` say that the packages are installed.
RUN chown 10001 /app && touch /venv/.runtime /venv/.development
ENV HOME=/tmp
USER 10001

FROM base
COPY --from=build /venv /venv
COPY --from=build /static /static
COPY --from=build /app /app
ENV STATIC_ROOT=/static HOST=0.0.0.0 PORT=8000
USER 10001
EXPOSE 8000 9808
CMD ["bin/web"]
