# kometia-sim alone: a static program on nothing, run by a user that is not root. The programs come from `make release`, so
# that the image holds the very bytes of the release:
#
#   make release
#   docker build -t kometia-sim .
#   docker run --rm --network host -u "$(id -u):$(id -g)" -v "$PWD:/work" kometia-sim run --target http://localhost:8000/kometia/webhook
#
# --network host lets it reach a receiver on this computer; -u lets it write its reports and .kometia-sim into /work.
FROM alpine:3.20 AS certificates
RUN apk add --no-cache ca-certificates && mkdir -m 1777 /empty

FROM scratch
ARG TARGETARCH=amd64
COPY --from=certificates /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=certificates /empty /tmp
COPY dist/kometia-sim-linux-${TARGETARCH} /usr/local/bin/kometia-sim
ENV PATH=/usr/local/bin
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/kometia-sim"]
CMD ["--help"]
