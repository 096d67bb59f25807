# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --profile dist --locked && \
    install -D target/dist/tierpix /image/usr/local/bin/tierpix && \
    install -d /image/var/lib/tierpix

# The C library and the certificates of the authorities; no shell. Its user is 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="tierpix" \
      org.opencontainers.image.description="An image upload service with account tiers" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /image/usr/local/bin/tierpix /usr/local/bin/tierpix
COPY --from=build --chown=65532:65532 /image/var/lib/tierpix /var/lib/tierpix
# There is no PostgreSQL in here: DATABASE_URL has to be set.
ENV TIERPIX_BIND=0.0.0.0:8000 \
    TIERPIX_DATA_DIR=/var/lib/tierpix \
    TIERPIX_LOG_FORMAT=json
USER 65532:65532
WORKDIR /var/lib/tierpix
VOLUME /var/lib/tierpix
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["tierpix", "health"]
ENTRYPOINT ["tierpix"]
CMD ["serve"]
