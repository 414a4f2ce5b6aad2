# An upstream to check the image against: the fake, behind TLS. Never shipped.
FROM swift:6.3-bookworm
RUN apt-get -q update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends \
        curl libcurl4-openssl-dev libmicrohttpd-dev libsqlite3-dev pkg-config socat \
    && rm -r /var/lib/apt/lists/*
WORKDIR /build
COPY Package.swift ./
COPY Sources Sources
RUN mkdir -p Tests/TestSupport Tests/OllamaProxyTests Tests/SimulationTests Tests/ProxyRuntimeTests \
        Tests/LibraryContractTests \
    && for folder in Tests/*; do echo >"$folder/Empty.swift"; done \
    && swift build --product fake-openrouter
# The certificate and its key are mounted.
CMD [".build/debug/fake-openrouter", "--port", "8080"]
