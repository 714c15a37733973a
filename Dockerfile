# syntax=docker/dockerfile:1
# The image of web and worker. Its base is pinned by tag: pin the digest too, with what
# `docker buildx imagetools inspect node:24.22.1-bookworm-slim` says on the day of your build.

FROM node:24.22.1-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/prepare.mjs scripts/prepare.mjs

FROM base AS build
RUN npm ci
COPY . .
RUN node --import tsx --conditions=react-server scripts/build.ts --whole && rm -rf .next/cache .next/standalone

FROM base AS production
RUN npm ci --omit=dev

FROM node:24.22.1-bookworm-slim
WORKDIR /app
COPY --from=production /app/node_modules node_modules
COPY --from=build /app/package.json /app/package-lock.json /app/tsconfig.json ./
COPY --from=build /app/next.config.mjs /app/proxy.ts /app/instrumentation.ts /app/instrumentation-client.ts ./
COPY --from=build /app/app app
COPY --from=build /app/components components
COPY --from=build /app/lib lib
COPY --from=build /app/scripts scripts
COPY --from=build /app/simulator simulator
COPY --from=build /app/dist dist
COPY --from=build /app/.next .next
RUN install -d -o node -g node -m 700 /data

# Nothing but DATA_DIR is written to: run it with a read-only root (docker run --read-only -v data:/data).
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data TSX_DISABLE_CACHE=1
VOLUME /data
EXPOSE 3000
USER node
# Of a web process. A worker serves no port: docker run --no-healthcheck … scripts/worker.ts
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/api/health').then(({ok})=>process.exit(ok?0:1),()=>process.exit(1))"]
# Node itself, so that SIGTERM reaches the program; it ends in order within eight seconds.
ENTRYPOINT ["node", "--import", "tsx", "--conditions=react-server"]
CMD ["scripts/start.ts"]
