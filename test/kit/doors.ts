/** The running system with both doors for events, for tests of systems that send. */

import { startApi } from '#api/serve.ts'
import { postThrough } from '#cli/processes/intake-door.ts'
import type { HttpServer } from '#connectors/platform/listen.ts'
import { openDoor } from '#workers/intake/door.ts'
import { type System, startSystem } from '../e2e/system.ts'

export interface Doors {
  readonly system: System
  /** Takes events; nobody can log in here. */
  readonly api: HttpServer
  close(): Promise<void>
}

export async function openDoors(): Promise<Doors> {
  const system = await startSystem()
  const intake = { db: system.open('bevis_intake'), temporal: system.temporal }
  const door = await openDoor(intake, { port: 0, host: '127.0.0.1' })
  const api = await startApi(
    {
      db: system.open('bevis_api'),
      temporal: undefined,
      tokens: { verify: async () => ({ kind: 'missing', because: 'none' }) },
      login: { issuer: 'https://login.example', certified: [] },
      post: postThrough(`http://127.0.0.1:${door.port}`),
      publicUrl: system.publicUrl,
    },
    { port: 0 },
  )
  return {
    system,
    api,
    close: async () => {
      await api.close()
      await door.close()
      await system.dispose()
    },
  }
}
