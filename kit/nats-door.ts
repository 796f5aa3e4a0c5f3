/** Events over NATS JetStream: published on the emitter's own subject, done when the stream has stored them. */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node'
import type { Delivery, Door, Letter } from './door.ts'
import type { Origin } from './event.ts'

export interface NatsDoorOptions extends Origin {
  /** `nats://host:port`, or several. */
  readonly servers: string | string[]
  /** The emitter's NKey seed (`SU…`); its public part stands in the institution's register. */
  readonly seed: string
  /** How long a connection or a receipt is waited for, in milliseconds (default 10 000). */
  readonly patienceMs?: number
}

interface Line {
  readonly connection: NatsConnection
  readonly stream: JetStreamClient
  readonly headers: () => MsgHdrs
}

/**
 * The stream's receipt says that the event is stored, not that it is accepted: what intake refuses becomes a dead letter, which the
 * institution's officers see. Over HTTP the answer tells at once.
 */
export function natsDoor(options: NatsDoorOptions): Door {
  const { institution, source, patienceMs = 10_000 } = options
  const name = `${institution}_${source}`
  const subject = `completions.${institution}.${source}`
  let line: Promise<Line> | undefined
  /** Opened when first needed, and anew where the server has closed it for good. */
  const open = async (): Promise<Line> => {
    const known = await line?.catch(() => undefined)
    if (known !== undefined && !known.connection.isClosed()) return known
    line = connect(options, { name, patienceMs })
    return line
  }
  return {
    deliver: async ({ id, payload, signature }: Letter): Promise<Delivery> => {
      try {
        const { stream, headers } = await open()
        const sent = headers()
        sent.set('content-type', 'application/cloudevents+json')
        sent.set('Bevis-Signature', signature)
        // The stream tells duplicates by this id alone, and event ids are unique per source only.
        await stream.publish(subject, payload, { msgID: `${name}:${id}`, headers: sent, timeout: patienceMs })
        return { kind: 'taken' }
      } catch (error) {
        return { kind: 'later', reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
      }
    },
    close: async () => {
      const open = await line?.catch(() => undefined)
      await open?.connection.close()
    },
  }
}

/** Loaded only here: who sends over HTTP needs no NATS packages. */
async function connect(
  { servers, seed }: NatsDoorOptions,
  { name, patienceMs }: { readonly name: string; readonly patienceMs: number },
): Promise<Line> {
  const [{ jetstream }, transport] = await Promise.all([
    import('@nats-io/jetstream'),
    import('@nats-io/transport-node'),
  ])
  const connection = await transport.connect({
    servers,
    name,
    // An emitter may read answers under its own inbox only.
    inboxPrefix: `_INBOX_${name}`,
    authenticator: transport.nkeyAuthenticator(new TextEncoder().encode(seed)),
    maxReconnectAttempts: -1,
    timeout: patienceMs,
  })
  return { connection, stream: jetstream(connection), headers: transport.headers }
}
