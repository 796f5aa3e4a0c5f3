/** Puts the API on a port. */

import { type HttpServer, type ListenOptions, listen } from '#connectors/platform/listen.ts'
import { createApp } from './app.ts'
import type { ApiDependencies } from './dependencies.ts'

/** Resolves when the port is open; rejects when it cannot be had. The dependencies stay the caller's to close. */
export function startApi(deps: ApiDependencies, options: ListenOptions): Promise<HttpServer> {
  return listen(createApp(deps), options)
}
