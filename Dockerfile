# The environment is built from the hash-pinned lock in the first stage and moved whole to the
# second, at the same path, so the final image holds no pip cache and no build leftovers.

FROM python:3.13-slim AS build
WORKDIR /opt/abz
COPY . .
ENV PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN tasks/run abz --version

FROM python:3.13-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libexpat1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home abz \
    && mkdir /opt/abz \
    && chown abz /opt/abz
COPY --from=build --chown=abz /opt/abz /opt/abz
USER abz
WORKDIR /opt/abz
ENTRYPOINT ["tasks/run"]
CMD ["demo"]
