# One image for all our processes; which one it becomes is the command's choice (docker-compose.yml).
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# The folders must exist and belong to `node`, so that fresh volumes mounted there do too.
RUN install -d -o node -g node -m 0700 /var/lib/bevis/signing-keys /var/lib/bevis/log-keys /var/lib/bevis/log /var/lib/bevis/witness
COPY --from=packages /app/node_modules ./node_modules
COPY . .
USER node
CMD ["node", "cli/main.ts", "--help"]
