# Two stages: the environment is built in the first and copied into the second, which has no compiler and no pip cache.
FROM python:3.13-slim AS environment
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/unrolled
COPY requirements.lock .
RUN /opt/unrolled/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements.lock \
 && /opt/unrolled/bin/pip uninstall --quiet --yes pip

FROM python:3.13-slim
RUN groupadd --gid 10001 unrolled && useradd --uid 10001 --gid unrolled --no-create-home --shell /usr/sbin/nologin unrolled
ENV PATH=/opt/unrolled/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1 \
    UNROLLED_HOST=0.0.0.0 UNROLLED_PORT=8000
COPY --from=environment /opt/unrolled /opt/unrolled
WORKDIR /srv/unrolled
COPY . .
RUN python -m compileall -q app
USER unrolled
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['UNROLLED_PORT'] + '/healthz', timeout=2)"]
CMD ["python", "-m", "app"]
