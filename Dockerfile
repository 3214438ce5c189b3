# syntax=docker/dockerfile:1
# One image for every process; the command says which. Secrets come at run time, never into a layer.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
COPY workers workers
RUN npm run --silent build && npm prune --omit=dev

FROM node:22-bookworm-slim
# git carries the work, tini reaps what agents leave; bubblewrap is the sandbox.
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap ca-certificates git openssh-client tini \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node -m 0700 /data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY prompts prompts
COPY demo demo
USER node
ENV NODE_ENV=production DATA_DIR=/data STAGECOACH_CONFIG=/config/stagecoach.yaml
VOLUME /data
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/src/cli/main.js", "start"]
