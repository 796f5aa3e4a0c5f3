/** NATS and Temporal: reachable, set up as this version expects, and somebody at work on each queue. */
import { readNatsSeed } from '#config/secrets.ts'
import { inspectNats } from '#connectors/platform/nats-check-up.ts'
import { inspectTemporal, type Queue } from '#connectors/platform/temporal-check-up.ts'
import { type Answer, attention, type Check, failed, ok, patienceMs, skipped, unreachable } from './check.ts'
import type { Patient } from './patient.ts'

/** Names as `workers/` poll them; not imported, because that loads Temporal's native core. */
export const queues: readonly (Queue & { readonly worker: string })[] = [
  { name: 'pipeline', kind: 'workflow', worker: 'pipeline' },
  { name: 'cohorts', kind: 'workflow', worker: 'pipeline' },
  { name: 'signing', kind: 'activity', worker: 'signing' },
]

export function natsCheck(patient: Patient): Check {
  const url = patient.value('BEVIS_NATS_URL')
  return {
    id: 'nats',
    ask: async () => (url === undefined ? skipped('BEVIS_NATS_URL is not set here') : askNats(url, patient)),
  }
}

async function askNats(url: string, { process: name, value }: Patient): Promise<Answer> {
  const seedFile = value('BEVIS_NATS_SEED_FILE')
  const seed = seedFile === undefined ? undefined : readNatsSeed(seedFile)
  const { host } = new URL(url)
  // Our own identities read their answers under their own names only.
  const identity = name === 'cli' ? 'admin' : name
  const found = await inspectNats({ url, seed, name: identity }, patienceMs).catch((error: unknown) =>
    refusal(error, host),
  )
  if ('health' in found) return found
  const { version, missing, different, unseen, pending } = found
  if (missing.length > 0) return failed(`NATS ${version} lacks ${missing.join(', ')}`, 'run: bevis migrate')
  if (different.length > 0)
    return failed(`NATS ${version} keeps other promises (${different.join(', ')})`, 'run: bevis migrate')
  const backlog = pending === undefined ? '' : `, ${pending} events wait for intake`
  const partly =
    unseen.length === 0 ? 'streams and consumer as they should be' : `${unseen.join(', ')} not visible to ${identity}`
  return ok(`NATS ${version}, ${partly}${backlog}`)
}

function refusal(error: unknown, host: string): Answer {
  const kind = error instanceof Error ? error.name : ''
  if (/Authorization|Authentication|Permission/i.test(kind))
    return failed(
      `NATS at ${host} does not know this identity`,
      'give its users to the server; see BEVIS_NATS_SEED_FILE',
    )
  return unreachable(
    `NATS at ${host} does not answer`,
    'start it, or mend BEVIS_NATS_URL; on this machine: bevis stack status',
  )
}

export function temporalCheck({ value }: Patient): Check {
  const address = value('BEVIS_TEMPORAL_ADDRESS')
  const namespace = value('BEVIS_TEMPORAL_NAMESPACE') ?? 'default'
  return {
    id: 'temporal',
    ask: async () =>
      address === undefined ? skipped('BEVIS_TEMPORAL_ADDRESS is not set here') : askTemporal({ address, namespace }),
  }
}

async function askTemporal(line: { readonly address: string; readonly namespace: string }): Promise<Answer> {
  const { address, namespace } = line
  const found = await inspectTemporal(line, { queues, patienceMs }).catch(() => undefined)
  if (found === undefined) {
    const mend = 'start it, or mend BEVIS_TEMPORAL_ADDRESS; on this machine: bevis stack status'
    return unreachable(`Temporal at ${address} does not answer`, mend)
  }
  if (!found.hasNamespace)
    return failed(
      `Temporal has no namespace ${namespace}`,
      `create it: temporal operator namespace create ${namespace}`,
    )
  const [first] = found.missingAttributes
  if (first !== undefined) {
    const mend = `create each: temporal operator search-attribute create --name ${first} --type Keyword --namespace ${namespace}`
    return failed(`namespace ${namespace} lacks search attributes ${found.missingAttributes.join(', ')}`, mend)
  }
  return found.unpolled.length === 0
    ? ok(`namespace ${namespace}; workers at ${queues.map(({ name }) => name).join(', ')}`)
    : attention(
        `namespace ${namespace}; nobody works at ${found.unpolled.join(', ')}`,
        `start ${workersAt(found.unpolled)}; until then cases wait`,
      )
}

/** The commands that poll these queues, each once. */
function workersAt(names: readonly string[]): string {
  const workers = queues.filter(({ name }) => names.includes(name)).map(({ worker }) => `bevis work ${worker}`)
  return [...new Set(workers)].join(', ')
}
