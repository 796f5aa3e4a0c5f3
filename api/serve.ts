/** Puts the API on a port. */
import { createApp } from './app.ts'
import type { ApiDependencies } from './dependencies.ts'
import { type ApiServer, type ListenOptions, listen } from './listen.ts'

/** Resolves when the port is open; rejects when it cannot be had. The dependencies stay the caller's to close. */
export function startApi(deps: ApiDependencies, options: ListenOptions): Promise<ApiServer> {
  return listen(createApp(deps), options)
}
