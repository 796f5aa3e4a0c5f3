/** One message over NATS in an emitter's name; a server that is away must not keep a command waiting for ever. */
import { connectNats, isUnanswered, jetStream, type NatsConnection, publishWithId } from '#connectors/platform/nats.ts'
import type { Origin } from '#events/subjects.ts'
import { signatureHeader } from '#workers/intake/origin.ts'
import { CliError } from './cli-error.ts'
import { emitterName } from './nats-users.ts'

export interface Line {
  readonly url: string
  readonly origin: Origin
  readonly seed: string
}

export interface Message {
  readonly subject: string
  /** The event's own id, unique per source. */
  readonly id: string
  readonly payload: Uint8Array
  readonly signature: string | undefined
}

export interface Posted {
  readonly id: string
  readonly subject: string
  readonly signed: boolean
  readonly seq: number
  readonly duplicate: boolean
}

const patienceMs = 10_000

/** Publishes and waits until the stream has stored it. @throws CliError `nats/unreachable`, `nats/refused` */
export async function withEmitter({ url, origin, seed }: Line, message: Message): Promise<Posted> {
  const connection = await within(connectNats({ url, seed, name: emitterName(origin) }), url)
  try {
    return await publish(connection, origin, message)
  } finally {
    await connection.close()
  }
}

async function publish(connection: NatsConnection, origin: Origin, message: Message): Promise<Posted> {
  const { subject, id, payload, signature } = message
  const headers = {
    'content-type': 'application/cloudevents+json',
    ...(signature === undefined ? {} : { [signatureHeader]: signature }),
  }
  try {
    // The stream tells duplicates by this id alone, and ids are unique per source only.
    const stored = await publishWithId(jetStream(connection), {
      subject,
      id: `${emitterName(origin)}:${id}`,
      payload,
      headers,
    })
    return { id, subject, signed: signature !== undefined, ...stored }
  } catch (cause) {
    if (isUnanswered(cause)) throw away('NATS did not say whether it stored the event', cause)
    const mend = 'the register must name this NATS key for the emitter, and the server have its nats-config'
    throw new CliError(
      { exit: 'not-allowed', code: 'nats/refused', what: `NATS did not take it on ${subject}`, mend },
      { cause },
    )
  }
}

function away(what: string, cause?: unknown): CliError {
  const mend =
    'check that it runs (bevis stack status) and that the register names this NATS key; then send the same again'
  return new CliError({ exit: 'unreachable', code: 'nats/unreachable', what, mend }, { cause })
}

/** The connector waits for a server for ever, as a process should; a person should not. */
async function within(connecting: Promise<NatsConnection>, url: string): Promise<NatsConnection> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const what = `NATS at ${new URL(url).host} does not answer, or does not know this key`
      reject(away(what))
    }, patienceMs)
  })
  try {
    return await Promise.race([connecting, late])
  } finally {
    clearTimeout(timer)
  }
}
