# syntax=docker/dockerfile:1
# The wheel is built in one image and installed in a second one, which holds neither build tools nor sources.
FROM python:3.13-slim AS build
WORKDIR /src
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && pip install --no-cache-dir "build>=1.2,<2"
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY alerts alerts
COPY rules rules
COPY demo demo
RUN python -m build --wheel --outdir /wheel \
    && python -m venv /opt/alerts \
    && /opt/alerts/bin/pip install --no-cache-dir /wheel/*.whl \
    && /opt/alerts/bin/python -m compileall -q /opt/alerts/lib

# slim, not alpine: not every dependency has wheels for musl
FROM python:3.13-slim
LABEL org.opencontainers.image.title="alerts" \
      org.opencontainers.image.description="Breaking conflict news, the moment it is published" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/alerts/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ALERTS_CONFIG=/alerts/config/alerts.yaml
COPY --from=build /opt/alerts /opt/alerts
WORKDIR /alerts
# A number, so that a cluster can see that it is not root.
USER 10001:10001
ENTRYPOINT ["alerts"]
CMD ["--help"]
