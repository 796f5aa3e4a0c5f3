/** Our line to NATS: without it intake, relay and emitters would each choose reconnects, inboxes and acknowledgements anew. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type JetStreamClient, jetstream } from '@nats-io/jetstream'
import {
  connect,
  headers as emptyHeaders,
  errors,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node'
import { ConnectorError } from '../connector-error.ts'
import type { Check } from './readiness.ts'

export type { JetStreamClient, NatsConnection }

/** 2.12 is the first with everything we rely on; older servers drop some settings without a word. */
const oldest = [2, 12] as const

export interface NatsAddress {
  readonly url: string
  /** NKey user seed (`SU…`); absent only where the server asks for no identity. */
  readonly seed?: string | undefined
  /** Own name, also the inbox `_INBOX_<name>`: with a shared inbox one client could read another's replies. */
  readonly name: string
}

/** Told once when the server turns an open line's identity away, and once when it takes it again. */
export interface LineTold {
  refused(error: Error): void
  taken(): void
}

const reconnectMs = 500

/**
 * Connects, and goes on reconnecting for ever: a server that is down, or one that does not know us for a while, delays us and
 * never stops us. Left to itself the client would close the line for good at the second refusal in a row.
 * @throws ConnectorError `nats/version` when the server is older than 2.12
 * @throws AuthorizationError when the server does not know the identity of a line that was never open
 */
export async function connectNats({ url, seed, name }: NatsAddress, told?: LineTold): Promise<NatsConnection> {
  const nc = await firstConnection({
    servers: url,
    name,
    inboxPrefix: `_INBOX_${name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectMs,
    ignoreAuthErrorAbort: true,
    ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
  })
  const version = nc.info?.version ?? 'of unknown version'
  if (isOld(version)) {
    await nc.close()
    throw new ConnectorError('nats/version', `nats-server ${version} is too old: install ${oldest.join('.')} or newer`)
  }
  void noteRefusals(nc, told)
  return nc
}

/**
 * Waits for a server that is not there; what it says itself is for whoever asked. A refusal counts when it is repeated: a server
 * that takes new users at this moment turns them away once.
 */
async function firstConnection(options: NodeConnectionOptions): Promise<NatsConnection> {
  for (let refused = 0; ; ) {
    try {
      return await connect(options)
    } catch (error) {
      if (isRefusal(error)) refused += 1
      if (refused > 1 || !(isAway(error) || isRefusal(error))) throw error
      await sleep(reconnectMs)
    }
  }
}

function isAway(error: unknown): boolean {
  const { ConnectionError, TimeoutError } = errors
  return (
    error instanceof ConnectionError || error instanceof TimeoutError || (error instanceof Error && 'syscall' in error)
  )
}

/** Why an open line is turned away at present. */
const refusals = new WeakMap<NatsConnection, Error>()

async function noteRefusals(nc: NatsConnection, told?: LineTold): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'error' && isRefusal(status.error)) {
      if (!refusals.has(nc)) told?.refused(status.error)
      refusals.set(nc, status.error)
    }
    if (status.type === 'reconnect' && refusals.delete(nc)) told?.taken()
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError
}

/** Whether the server answers now; where it turns us away, that is what fails, as `nats/identity-refused`. */
export function natsCheck(nc: NatsConnection): Check {
  const ask = async () => {
    const cause = refusals.get(nc)
    if (cause === undefined) await nc.rtt()
    else throw new ConnectorError('nats/identity-refused', 'NATS does not know this identity any more', { cause })
  }
  return { name: 'nats', ask }
}

/** The publishing side; asks the server nothing, so it works for identities that may only publish. */
export function jetStream(nc: NatsConnection): JetStreamClient {
  return jetstream(nc)
}

export interface OutboundMessage {
  readonly subject: string
  /** `Nats-Msg-Id`: the same id within the stream's duplicate window is stored once. */
  readonly id: string
  readonly payload: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** How often a message is offered whose receipt does not come, for instance while the server reloads its users. */
const attempts = 3

/**
 * Publishes and waits until the stream has stored the message; a receipt that does not come is asked for again with the same
 * id, which the stream stores once. An error means "unknown", not "not stored": publish again with the same id.
 */
export async function publishWithId(
  js: JetStreamClient,
  { subject, id, payload, headers = {} }: OutboundMessage,
): Promise<{ seq: number; duplicate: boolean }> {
  const sent = emptyHeaders()
  for (const [name, value] of Object.entries(headers)) sent.set(name, value)
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { seq, duplicate } = await js.publish(subject, payload, { msgID: id, headers: sent })
      // What a repeat finds there may be our own first offer, so only the first one can tell of somebody else's.
      return { seq, duplicate: duplicate && attempt === 1 }
    } catch (error) {
      if (attempt === attempts || !(error instanceof errors.TimeoutError)) throw error
    }
  }
}

/** True of an error that leaves open whether the message was stored: publish again with the same id. */
export function isUnanswered(error: unknown): boolean {
  const { TimeoutError, ConnectionError, ClosedConnectionError, NoRespondersError } = errors
  return [TimeoutError, ConnectionError, ClosedConnectionError, NoRespondersError].some((kind) => error instanceof kind)
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0)
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1])
}
