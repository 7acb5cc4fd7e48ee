# syntax=docker/dockerfile:1.7
# Kapflow's worker and starter in one image: two static binaries and certificates, and nothing else.

# Exactly the Go version of go.mod, so that a build downloads no other toolchain.
FROM --platform=$BUILDPLATFORM golang:1.26.8-alpine3.23@sha256:a8fa79c5bd40d880b52bd3b6d7669ecdcfd00e85facdd427d279efb5ddd79cb1 AS build
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
# VERSION is the version of a release: the build id that running journeys are pinned to. Every release needs its own.
# Without one, the build id is made from the program.
ARG VERSION=
# timetzdata puts the toolchain's time zones into the binary, so that they change only with a build.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -tags timetzdata -ldflags="-s -w -X kapflow/config.Version=$VERSION" -o /out/ ./worker ./starter \
    && mkdir -m 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/tmp /tmp
COPY --from=build /out/worker /out/starter /
USER 65532:65532
EXPOSE 8233
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD ["/worker", "health"]
ENTRYPOINT ["/worker"]
