# docker build -t footbridge .
# docker run -p 127.0.0.1:8000:8000 -v footbridge-data:/data -v footbridge-keys:/keys footbridge
# tests/test_setup.py carries these lines out in an empty folder: keep them plain (no heredocs, ARG or ADD).

FROM node:24-slim AS node
WORKDIR /footbridge
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.13-slim AS python
WORKDIR /footbridge
COPY requirements.txt ./
RUN python -m venv .venv
RUN .venv/bin/python -m pip install --quiet --require-hashes -r requirements.txt
COPY pyproject.toml LICENSE ./
COPY app app
RUN .venv/bin/python -m compileall -q --invalidation-mode unchecked-hash app
RUN .venv/bin/python -m pip install --quiet --no-deps --no-index --no-build-isolation --editable .

FROM python:3.13-slim
WORKDIR /footbridge
COPY --from=node /footbridge/node_modules node_modules
COPY --from=python /footbridge ./
COPY migrations migrations
RUN install --directory --owner=10001 --group=10001 --mode=700 /data /keys
# The keys have a volume of their own, so that a copy of the data alone opens nothing.
VOLUME /data /keys
ENV PATH=/footbridge/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENV FOOTBRIDGE_HOST=0.0.0.0 FOOTBRIDGE_PORT=8000 FOOTBRIDGE_DATA=/data FOOTBRIDGE_KEYS=/keys
EXPOSE 8000
USER 10001:10001
HEALTHCHECK --start-period=20s CMD python -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:$FOOTBRIDGE_PORT/readyz', timeout=3)"
CMD ["python", "-m", "app", "serve"]
