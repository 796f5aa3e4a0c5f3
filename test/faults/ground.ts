/** A whole system of its own for tests that kill its members: without it they would take everybody else's servers down. */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { readSecrets } from '#config/secrets.ts'
import type { NatsAddress } from '#connectors/platform/nats.ts'
import { connectTemporal, type TemporalLine } from '#connectors/platform/temporal.ts'
import { Api, expectStatus } from '#dev/demo/api.ts'
import { Emitters, type EventDraft, type Sent } from '#dev/demo/emitters.ts'
import { applyDemoRegister } from '#dev/demo/register.ts'
import type { ExtraEnvironment } from '#dev/environment.ts'
import { readLive, waitUntil } from '#dev/servers/processes.ts'
import { type Stack, type StackMember, startStack } from '#dev/stack.ts'
import { ownFolder } from '../dev/support.ts'

export interface Ground {
  readonly stack: Stack
  readonly api: Api
  readonly emitters: Emitters
  /** Superuser; reads across all policies. */
  readonly admin: postgres.Sql
  /** Who may look at streams and consumers. */
  readonly natsAdmin: NatsAddress
  /** How long whoever asks the house goes on asking; default two minutes. */
  readonly patienceMs?: number | undefined
  dispose(): Promise<void>
}

export interface GroundOptions {
  /** A changed copy of the demo register. */
  readonly register?: string
  readonly extra?: ExtraEnvironment
  /** Default two minutes; more where a process dies many times meanwhile. */
  readonly patienceMs?: number
}

const usual = 120_000

/** Starts a stack in a folder of its own and applies the demo register. */
export async function openGround(run: string, { register, extra, patienceMs }: GroundOptions = {}): Promise<Ground> {
  const folder = ownFolder()
  const stack = await startStack({ dir: folder.dir, quiet: true, ...(extra === undefined ? {} : { extra }) })
  const emitters = new Emitters(stack, run)
  await applyDemoRegister(stack, emitters, register)
  const seed = readFileSync(stack.environment('cli')['BEVIS_NATS_SEED_FILE'] ?? '', 'utf8').trim()
  const admin = postgres(stack.adminUrl, { max: 2, onnotice: () => undefined })
  return {
    stack,
    emitters,
    admin,
    natsAdmin: { url: stack.urls.nats, seed, name: 'admin' },
    api: new Api(stack),
    patienceMs,
    dispose: async () => {
      await emitters.close()
      await admin.end({ timeout: 5 })
      await stack.stop()
      folder.remove()
    },
  }
}

/** A line to the conductor of this ground, for those who look at workflows from outside. */
export function temporalOf({ stack }: Ground): Promise<TemporalLine> {
  const { codec } = readSecrets(stack.environment('cli')['BEVIS_SECRETS_FILE'] ?? '')
  return connectTemporal({ address: stack.urls.temporal, namespace: 'default', codecKey: codec })
}

/** Sends as an emitter must: the same bytes under the same message id until the stream has said that they are stored. */
export async function sendSurely({ emitters, patienceMs }: Ground, draft: EventDraft): Promise<Sent> {
  const message = emitters.prepare(draft)
  await patiently(() => emitters.publish(message, `${message.id}:surely`), patienceMs)
  return message
}

/** The same over HTTP: the same bytes until they are taken in or known. */
export async function postSurely({ emitters, stack, patienceMs }: Ground, draft: EventDraft): Promise<Sent> {
  const message = emitters.prepare(draft)
  await patiently(async () => {
    const { ok, status } = await fetch(`${stack.urls.public}/v1/events`, {
      method: 'POST',
      headers: { ...message.headers, 'content-type': 'application/cloudevents+json' },
      body: new Uint8Array(message.payload),
    })
    if (!ok) throw new Error(`${message.id} was answered ${status}`)
  }, patienceMs)
  return message
}

/** The same as an officer who hands it in for a case: the same bytes until they are taken in or known. */
export async function handInSurely(
  { emitters, api, patienceMs }: Ground,
  caseId: string,
  draft: EventDraft,
): Promise<Sent> {
  const message = emitters.prepare(draft)
  const event = Buffer.from(message.payload).toString('base64')
  const body = { event, signature: message.headers['Bevis-Signature'], reason: 'supplement-asked-for' }
  const handIn = async () => expectStatus(await api.post('officer-1', `/cases/${caseId}/evidence`, body), [200])
  await patiently(handIn, patienceMs)
  return message
}

/** Asks again until there is an answer; whatever is away comes back. @throws the last failure when patience ends */
export async function patiently<T>(ask: () => Promise<T>, patienceMs = usual): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ; ) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(250)
    }
  }
}

/** Waits until it holds, through any outage. @throws Error with what was waited for when patience ends */
export async function eventually(what: string, holds: () => Promise<boolean>, patienceMs = usual): Promise<void> {
  if (!(await waitUntil(() => holds().catch(() => false), patienceMs))) throw new Error(`It never came to be: ${what}`)
}

const tellingLines = 3
const longestLine = 300

/** Where everything stands, for the message of a test that waited in vain: cases by state, the logs, and what each process complained of last. */
export async function standing({ stack, admin }: Ground): Promise<string> {
  const states = await admin`select state, count(*)::int as cases from cases group by state order by state`
  const logs = await admin`select institution, size, frozen_because from audit.log order by institution`
  const waiting =
    await admin`select kind, count(*)::int as rows, max(attempts) as attempts from outbox where done_at is null group by kind`
  const complaints = readdirSync(join(stack.dir, 'logs')).flatMap((file) =>
    readFileSync(join(stack.dir, 'logs', file), 'utf8')
      .split('\n')
      .filter((line) => /"level":"(warn|error|fatal)"/.test(line))
      .slice(-tellingLines)
      .map((line) => `${file}: ${line.slice(0, longestLine)}`),
  )
  return [...[states, logs, waiting].map((rows) => JSON.stringify(rows)), ...complaints].join('\n')
}

export function pidOf({ stack }: Ground, member: StackMember): number | undefined {
  return readLive(join(stack.dir, 'run', `${member}.pid`))?.pid
}

/** Kills a member once it runs, and gives the process it was. */
export async function killOutright(ground: Ground, member: StackMember): Promise<number> {
  await eventually(`${member} runs`, async () => pidOf(ground, member) !== undefined)
  const pid = pidOf(ground, member)
  await ground.stack.kill(member)
  return pid ?? 0
}

/** Kills a member and waits for the one that takes its place. */
export async function killAndAwait(ground: Ground, member: StackMember): Promise<void> {
  const pid = await killOutright(ground, member)
  await eventually(`${member} runs again`, async () => ![undefined, pid].includes(pidOf(ground, member)))
}

/** Kills a server and keeps it down by sitting on its port; `end` lets the stack start it again. */
export async function keepDown(
  ground: Ground,
  member: 'postgres' | 'nats' | 'temporal',
): Promise<{ end(): Promise<void> }> {
  const sitter = createServer((socket) => socket.destroy())
  await killOutright(ground, member)
  await patiently(
    () =>
      new Promise<void>((resolve, reject) => {
        sitter.once('error', reject)
        sitter.listen(ground.stack.ports[member], '127.0.0.1', resolve)
      }),
  )
  return { end: () => new Promise((resolve) => sitter.close(() => resolve())) }
}
