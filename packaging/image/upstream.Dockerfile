# An upstream to check the image against: the fake, behind TLS. Never shipped.
FROM swift:6.3-bookworm
RUN apt-get -q update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends \
        curl libcurl4-openssl-dev libmicrohttpd-dev libsqlite3-dev pkg-config socat \
    && rm -r /var/lib/apt/lists/*
WORKDIR /build
COPY Package.swift ./
COPY Sources Sources
COPY packaging/image/stub-tests /build-tools/
RUN /build-tools/stub-tests && swift build --product fake-openrouter
# The certificate and its key are mounted.
CMD [".build/debug/fake-openrouter", "--port", "8080"]
