# TrustMH as a container image: the program, the system's roots of trust, one font for charts as pictures, and nothing else. No shell, no
# package manager, no weights, no data. docs/install.md says how to run it.
#
#   docker build -t trustmh .                              builds the program, too
#   docker build -t trustmh --build-arg BINARY=given .     takes dist/image/ARCHITECTURE/trustmh, as the release workflow does

# `built` or `given`: where the program comes from.
ARG BINARY=built
ARG BASE=gcr.io/distroless/cc-debian13:nonroot
ARG SYSTEM=docker.io/library/debian:trixie-slim
ARG RUST=docker.io/library/rust:1.95-trixie

FROM ${RUST} AS built
WORKDIR /source
COPY . .
RUN cargo build --profile dist --locked -p trustmh && install -D target/dist/trustmh /program/trustmh

FROM ${SYSTEM} AS given
ARG TARGETARCH
COPY dist/image/${TARGETARCH}/trustmh /program/trustmh

FROM ${BINARY} AS binary

FROM ${SYSTEM} AS system
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
# Whoever the container runs as may write into these, as into /tmp.
RUN mkdir -p /places/work /places/cache && chmod 1777 /places/work /places/cache

FROM ${BASE}
ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE=
LABEL org.opencontainers.image.title="TrustMH" \
      org.opencontainers.image.description="Measures how far a language model can be trusted with someone's mental health" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=system /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=system /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
COPY --from=system /places/ /
COPY LICENSE /usr/share/doc/trustmh/LICENSE
COPY benchmark/starter/LICENSE /usr/share/doc/trustmh/LICENSE-STARTER-ITEMS
COPY --from=binary /program/trustmh /usr/local/bin/trustmh
# What is fetched, and what the viewer keeps, goes into one volume; runs go below the folder that is worked in.
ENV HOME=/cache \
    XDG_CACHE_HOME=/cache \
    XDG_DATA_HOME=/cache/share \
    XDG_STATE_HOME=/cache/state \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532:65532
WORKDIR /work
VOLUME ["/work", "/cache"]
ENTRYPOINT ["trustmh"]
CMD ["--help"]
