/** The published logs as the plain files they are (C2SP tlog-tiles): for any tool that reads, mirrors or checks a log, without an account. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { parseTilePath } from '#audit/tile.ts'
import type { Api, ApiEnv } from './dependencies.ts'
import { etagOfValue, isKnown } from './etag.ts'
import { openToAll } from './limits.ts'
import { Problem } from './problem.ts'

/** A tile or bundle of one width never changes, a part no more than a whole one. */
const forever = 'public, max-age=31536000, immutable'
/** A checkpoint is the newest of its moment. */
const newest = 'public, max-age=1, must-revalidate'

/** An institution’s log, and those that followed it. */
const file = '/log/:log{[a-z0-9][a-z0-9-]{0,62}(?:\\.[1-9][0-9]{0,5})?}/:path{.+}'

/** @param dir the log worker's folder; in it a folder per institution, and one for each log that followed (`<institution>.<generation>`) */
export function serveLogs(app: Api, dir: string): void {
  app.use('/log/*', openToAll, keepNothingElse)
  // Entries are text that shrinks to a fifth; hashes do not shrink.
  app.use('/log/:log/tile/entries/*', compress({ encoding: 'gzip', contentTypeFilter: /octet-stream/ }))
  app.get(file, async (c) => {
    const { log, path } = c.req.param()
    const isTile = parseTilePath(path) !== undefined
    // Nothing else that may lie in the folder is anybody's business.
    if (!isTile && path !== 'checkpoint') throw new Problem('not_found')
    // Read whole: while it is sent, a newer checkpoint may take its place.
    const bytes = await readFile(join(dir, log, path)).catch(absent)
    if (bytes === undefined) throw new Problem('not_found')
    if (isTile) return c.body(bytes, 200, { 'cache-control': forever, 'content-type': 'application/octet-stream' })
    const etag = etagOfValue(bytes.toString())
    const headers = { 'cache-control': newest, etag }
    if (isKnown(c, etag)) return c.body(null, 304, headers)
    return c.body(bytes, 200, { ...headers, 'content-type': 'text/plain; charset=utf-8' })
  })
}

/** What is not there may be there in a second. */
const keepNothingElse: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next()
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return undefined
  throw error
}
