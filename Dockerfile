# A few megabytes: the executable, the C library that it runs on, certificates, and nothing else.
# docs/decisions/0013-image.md tells why it is built like this.

FROM swift:6.3-bookworm AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]

RUN sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources \
    && apt-get -q update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends \
        ca-certificates dpkg-dev gcc libssl-dev make pkg-config tclsh \
    && rm -r /var/lib/apt/lists/*

# The libraries come before the sources, so that a change of these does not build those again.
COPY packaging/image/build-libraries /build/
WORKDIR /build/libraries
RUN apt-get -q update && ../build-libraries /opt/static && rm -r /var/lib/apt/lists/*

COPY Package.swift /build/package/
COPY Sources /build/package/Sources
COPY packaging/image/build-executable packaging/image/stub-tests packaging/image/no-unwind-tables.ld /build/
WORKDIR /build/package
RUN ../build-executable /opt/static /image/ollama-proxy

COPY packaging/image/collect LICENSE /build/
RUN ../collect /image

FROM scratch
LABEL org.opencontainers.image.title="ollama-proxy" \
      org.opencontainers.image.description="Any app written for Ollama, answered by OpenRouter's models, free ones by default" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /image /
ENV DATA_DIR=/data \
    OLLAMA_HOST=0.0.0.0:11434
USER 65532:65532
VOLUME /data
EXPOSE 11434
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["/ollama-proxy", "healthcheck"]
ENTRYPOINT ["/ollama-proxy"]
