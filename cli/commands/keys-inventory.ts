/** Every key that an institution's record rests on, in one list: what for, whose, of which kind, since when, and where it lies (ASVS 11.1.1). */
import { readFileSync } from 'node:fs'
import { AuditError } from '#audit/errors.ts'
import { parseNote } from '#audit/note.ts'
import { cosignatureType, ed25519Type, mlDsaType, type NoteVerifier } from '#audit/note-key.ts'
import { type Policy, parsePolicy } from '#audit/policy.ts'
import { inGeneration } from '#audit/succession.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { readEmitters } from '#db/emitters.ts'
import { readInstitution } from '#db/institution.ts'
import { readIssuerKeys } from '#db/issuer-keys.ts'
import { listItems } from '#db/queries/register.ts'
import { successionsOf } from '#db/succession.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { institutionIn } from '../log-standing.ts'
import { settingsOf } from '../settings.ts'
import { localDay } from '../times.ts'

interface InventoryKey {
  /** `events` are signed with it; `stream` lets an emitter into the stream. */
  readonly purpose: 'credentials' | 'log' | 'witness' | 'events' | 'stream'
  readonly owner: string
  readonly key: string
  readonly alg: string
  readonly status: string
  readonly from?: string
  readonly until?: string
  /** Of its private half. */
  readonly place: string
}

export const inventory = command({
  takes: '<institution>',
  args: [1, 1],
  lists: true,
  options: {
    policy: { value: '<file>', says: 'whom one believes about the log: its key and its witnesses (C2SP tlog-policy)' },
  },
  examples: [
    [
      'bevis keys inventory norrsken --policy log/policies/norrsken.policy',
      'keys of credentials, log, witnesses and emitters; no private halves',
    ],
  ],
  run: async ({ args: [named = ''], values, out }) => {
    const institution = institutionIn(named)
    if (values.policy === undefined)
      throw usage('missing-option', '--policy <file> is missing', 'keys of log and witnesses stand nowhere else')
    const policy = policyIn(values.policy)
    const rows = await withDatabase(settingsOf(), (db) =>
      inInstitution(db, institution, async (tx) => [
        ...(await issuerKeys(tx)),
        ...(await logKeys(tx, policy)),
        ...policy.witnesses.map(witnessKey),
        ...(await emitterKeys(tx)),
      ]),
    )
    const day = (time: string | undefined) => (time === undefined ? '' : localDay(time))
    out.list({
      rows,
      columns: [
        { head: 'PURPOSE', cell: ({ purpose }) => purpose },
        { head: 'OWNER', cell: ({ owner }) => owner, shrinks: true },
        { head: 'KEY', cell: ({ key }) => key, shrinks: true },
        { head: 'ALG', cell: ({ alg }) => alg },
        { head: 'STATUS', cell: ({ status }) => status },
        { head: 'FROM', cell: ({ from }) => day(from) },
        { head: 'UNTIL', cell: ({ until }) => day(until) },
        { head: 'PLACE', cell: ({ place }) => place, shrinks: true },
      ],
      nothing: 'No keys yet.',
      document: { keys: rows },
    })
    return 'ok'
  },
})

/** @throws CliError `usage/policy` */
function policyIn(file: string): Policy {
  try {
    return parsePolicy(readFileSync(file, 'utf8'))
  } catch (error) {
    const why = error instanceof AuditError ? error.message : 'it cannot be read'
    throw usage('policy', `${file} is no policy: ${why}`, 'give the file that verifiers are given')
  }
}

async function issuerKeys(tx: Tx): Promise<InventoryKey[]> {
  const keys = await readIssuerKeys(tx)
  return keys.map(({ kid, alg, status, validFrom: from, validUntil: until }) => ({
    purpose: 'credentials',
    owner: tx.institution,
    key: kid,
    alg,
    status,
    from,
    ...(until === undefined ? {} : { until }),
    place: status === 'retired' ? 'destroyed' : 'signing process, sealed',
  }))
}

/** Those of the logs before it by what they signed last: no policy of today names them any more. */
async function logKeys(tx: Tx, { logs }: Policy): Promise<InventoryKey[]> {
  const { origin } = await readInstitution(tx)
  const ended = (await successionsOf(tx)).flatMap(({ generation, last }): InventoryKey[] => {
    const before = inGeneration(origin, generation - 1)
    return parseNote(last).signatures.flatMap(({ name, keyId }) =>
      name === before
        ? [{ ...ofLog, owner: tx.institution, key: named({ name, keyId }), alg: 'Ed25519', status: 'ended' }]
        : [],
    )
  })
  return [
    ...ended,
    ...logs.map(({ key }) => ({ ...ofLog, owner: tx.institution, key: named(key), alg: algOf(key), status: 'active' })),
  ]
}

const ofLog = { purpose: 'log', place: 'log process' } as const

function witnessKey({ name, key, url }: Policy['witnesses'][number]): InventoryKey {
  const place = url === undefined ? 'with the witness' : `with the witness, ${url}`
  return { purpose: 'witness', owner: name, key: named(key), alg: algOf(key), status: 'active', place }
}

/** A register has some dozens. */
const mostEmitters = 10_000

async function emitterKeys(tx: Tx): Promise<InventoryKey[]> {
  const ids = (await listItems(tx, 'emitter', { limit: mostEmitters })).map(({ id }) => id)
  const now = new Date().toISOString()
  const theirs = { place: 'with the emitter', purpose: 'events' } as const
  return [...(await readEmitters(tx, ids)).values()].flatMap(({ id, nkey, keys }): InventoryKey[] => [
    ...(nkey === undefined
      ? []
      : [{ ...theirs, purpose: 'stream' as const, owner: id, key: nkey, alg: 'Ed25519', status: 'active' }]),
    ...keys.map(({ kid, jwk, from, until }) => ({
      ...theirs,
      owner: id,
      key: kid,
      alg: jwk['alg'] ?? jwk['crv'] ?? jwk['kty'] ?? '',
      status: until !== undefined && until <= now ? 'ended' : 'active',
      from,
      ...(until === undefined ? {} : { until }),
    })),
  ])
}

function named({ name, keyId }: Pick<NoteVerifier, 'name' | 'keyId'>): string {
  return `${name}+${keyId.toString(16).padStart(8, '0')}`
}

const algs: Readonly<Record<number, string>> = {
  [ed25519Type]: 'Ed25519',
  [cosignatureType]: 'Ed25519',
  [mlDsaType]: 'ML-DSA-44',
}

const algOf = ({ type }: NoteVerifier): string => algs[type] ?? `type ${type}`
