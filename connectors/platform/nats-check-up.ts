/** What an operator asks NATS before anything else; without it a missing stream shows first in an emitter's queue. */
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import { connect, errors, nkeyAuthenticator } from '@nats-io/transport-node'
import { intakeConsumer, streamConfigs } from './nats-streams.ts'

export interface NatsFacts {
  readonly version: string
  /** Streams and consumers we need and the server lacks. */
  readonly missing: readonly string[]
  /** Those that are there and promise something else, as `stream: setting`. */
  readonly different: readonly string[]
  /** Those this identity has no right to ask about; no fault by itself. */
  readonly unseen: readonly string[]
  /** Messages that intake has not been given yet, where that can be seen. */
  readonly pending?: number
}

/** Connects once, asks, and closes. @throws what the connection says, within `patienceMs` */
export async function inspectNats(
  { url, seed, name }: { readonly url: string; readonly seed: string | undefined; readonly name: string },
  patienceMs: number,
): Promise<NatsFacts> {
  const connection = await connect({
    servers: url,
    name,
    inboxPrefix: `_INBOX_${name}`,
    timeout: patienceMs,
    reconnect: false,
    ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
  })
  try {
    const jsm = await jetstreamManager(connection, { checkAPI: false, timeout: patienceMs })
    const missing: string[] = []
    const different: string[] = []
    const unseen: string[] = []
    const note = (what: string, answer: 'missing' | 'unseen') => (answer === 'missing' ? missing : unseen).push(what)
    for (const wanted of streamConfigs) {
      const found = await asked(() => jsm.streams.info(wanted.name))
      if (typeof found === 'string') note(`stream ${wanted.name}`, found)
      else different.push(...differences(wanted, found.config))
    }
    const [stream] = streamConfigs
    const consumer = await asked(() => jsm.consumers.info(stream.name, intakeConsumer.durable_name))
    if (typeof consumer === 'string') note(`consumer ${intakeConsumer.durable_name}`, consumer)
    const pending = typeof consumer === 'string' ? {} : { pending: consumer.num_pending }
    return { version: connection.info?.version ?? 'unknown', missing, different, unseen, ...pending }
  } finally {
    await connection.close()
  }
}

/** Whoever may not ask gets a refusal or no answer at all, by the server's version. */
async function asked<T>(ask: () => Promise<T>): Promise<T | 'missing' | 'unseen'> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof JetStreamApiError || (error instanceof Error && /NotFound/.test(error.name))) return 'missing'
    if (error instanceof errors.PermissionViolationError || error instanceof errors.TimeoutError) return 'unseen'
    throw error
  }
}

/** What nobody may have changed: losing one of these loses events. */
const promised = ['retention', 'storage', 'max_age', 'deny_purge'] as const

function differences(wanted: (typeof streamConfigs)[number], found: object): string[] {
  return promised.filter((name) => Reflect.get(found, name) !== wanted[name]).map((name) => `${wanted.name}: ${name}`)
}
