/** Puts the adapter on a port, apart from the API: it has no caller, no register and no memory. */
import { type HttpServer, type ListenOptions, listen } from '#connectors/platform/listen.ts'
import { createVcApi, type VcApiOptions } from './app.ts'

/** Resolves when the port is open. */
export function startVcApi(options: VcApiOptions, at: ListenOptions): Promise<HttpServer> {
  return listen(createVcApi(options), at)
}
