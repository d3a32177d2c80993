# The service in an image: web, worker and all commands of manage.py. docs/deploy.md has
# the rest. Any base with Python 3.11 or newer, `venv` and `pip` will do.
ARG BASE=docker.io/library/python:3.13-slim

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /srv/venv
COPY requirements.txt /srv/
RUN /srv/venv/bin/pip install --quiet --require-hashes -r /srv/requirements.txt
COPY . /srv/mediabackend
WORKDIR /srv/mediabackend
# These values are only for this command, and stay in no layer of the image.
RUN SECRET_KEY="$(python3 -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    IMAGEKIT_PRIVATE_KEY=build IMAGEKIT_PUBLIC_KEY=build \
    IMAGEKIT_URL_ENDPOINT=https://ik.imagekit.io/build \
    /srv/venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /srv/venv/bin/python -m compileall -q .

FROM ${BASE}
# mediabackend/__init__.py has the same version.
ARG VERSION=1.0.0
LABEL org.opencontainers.image.title=mediabackend \
    org.opencontainers.image.version=${VERSION} \
    org.opencontainers.image.licenses=MIT
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/mediabackend /srv/mediabackend
ENV PATH=/srv/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOST=0.0.0.0
WORKDIR /srv/mediabackend
# Neither a name nor a home is needed. All files belong to root; only /tmp is written to.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-m", "mediabackend.server.healthcheck"]
CMD ["gunicorn"]
