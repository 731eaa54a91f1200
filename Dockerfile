# luma-sync, the worker and the command line. docs/containers.md says how to build and run it.
ARG NODE_IMAGE=node:24-bookworm-slim

# What `npm pack` would publish, built from this folder, with the lockfile beside it.
FROM ${NODE_IMAGE} AS package
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY packages/fake-luma/package.json packages/fake-luma/
COPY packages/fake-luma/bin packages/fake-luma/bin/
COPY packages/playground/package.json packages/playground/
RUN npm ci --ignore-scripts
COPY . .
RUN mkdir /package \
  && npm pack --pack-destination /package \
  && tar -xzf /package/luma-sync-*.tgz -C /package --strip-components=1 \
  && rm /package/luma-sync-*.tgz \
  && cp package-lock.json .npmrc /package/

# The same with what it needs to run.
FROM ${NODE_IMAGE} AS installed
WORKDIR /app
COPY --from=package /package ./
RUN npm ci --omit=dev --ignore-scripts --workspaces=false \
  && rm .npmrc

FROM ${NODE_IMAGE}
# With an arena for each thread, as is usual, the memory of a worker grows from sync to sync (docs/scale.md).
ENV NODE_ENV=production \
  MALLOC_ARENA_MAX=2 \
  LUMA_SYNC_HTTP_ADDR=0.0.0.0:9464
WORKDIR /app
COPY --from=installed /app ./
# The image's user `node`, by number: Kubernetes sees that it is not root. It owns nothing here.
USER 1000:1000
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "/app/deploy/healthcheck.mjs"]
# Node itself is process 1, and heeds signals there.
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["worker"]
