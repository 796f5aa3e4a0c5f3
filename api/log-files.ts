/** The published logs as the plain files they are (C2SP tlog-tiles): for any tool that reads, mirrors or checks a log, without an account. */
import { serveStatic } from '@hono/node-server/serve-static'
import { parseTilePath } from '#audit/tile.ts'
import type { Api } from './dependencies.ts'
import { openToAll } from './limits.ts'

/** A tile never changes; a checkpoint is the newest of its moment. */
const forever = 'public, max-age=31536000, immutable'
const newest = 'public, max-age=1, must-revalidate'

/** @param dir the log worker's folder; one folder per institution in it */
export function serveLogs(app: Api, dir: string): void {
  app.use('/log/*', openToAll)
  app.get(
    '/log/:institution{[a-z0-9][a-z0-9-]{0,62}}/:path{.+}',
    async (c, next) => {
      const path = c.req.param('path')
      const isTile = parseTilePath(path) !== undefined
      // Nothing else that may lie in the folder is anybody's business.
      if (!isTile && path !== 'checkpoint') return c.notFound()
      await next()
      if (c.res.status !== 200) return undefined
      c.header('cache-control', isTile ? forever : newest)
      c.header('content-type', isTile ? 'application/octet-stream' : 'text/plain; charset=utf-8')
      return undefined
    },
    serveStatic({ root: dir, rewriteRequestPath: (path) => path.slice('/log'.length) }),
  )
}
