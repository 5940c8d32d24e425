# The locker's image: Node.js, the libraries that it is linked to, and the locker as one file. No shell, no packages.
# Its files are made by the same task that the tests make theirs with: hack/image.ts.
FROM node:24-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node hack/run.mjs image /image

FROM scratch
COPY --from=build /image/node/ /
COPY --from=build /image/locker/ /
WORKDIR /app
USER 65532:65532
ENV NODE_ENV=production
ENV LOG_LEVEL=error
ENV PEPR_RESYNC_FAILURE_MAX=1000000000
ENV PEPR_WATCH_MODE=true
ENV MALLOC_TRIM_THRESHOLD_=65536
ENV MALLOC_MMAP_THRESHOLD_=65536
ENV NODE_COMPILE_CACHE=/app/compile-cache
ENV NODE_COMPILE_CACHE_PORTABLE=1
EXPOSE 3000
ENTRYPOINT ["/usr/bin/node", "--optimize-for-size", "--max-semi-space-size=2", "--v8-pool-size=1", "/app/locker.cjs"]
