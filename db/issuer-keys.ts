/** Public halves of issuer keys, with their windows. Without the old ones no credential would outlive its key (audit-log §15). */
import { asc, eq } from 'drizzle-orm'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { issuerKey } from '#db/schema/credentials.ts'
import type { Instant } from '#domain/words.ts'

/** `active` signs; `retired` only verifies; `compromised` verifies nothing. */
export type KeyStatus = 'active' | 'retired' | 'compromised'

export interface IssuerKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string
  readonly jwk: Readonly<Record<string, unknown>>
  readonly alg: string
  readonly validFrom: Instant
  readonly validUntil?: Instant
  readonly status: KeyStatus
}

export class IssuerKeyError extends Error {
  readonly code: 'no-active-key' | 'key-changed'
  constructor(code: 'no-active-key' | 'key-changed', what: string) {
    super(`${code}: ${what}`)
    this.code = code
  }
}

/**
 * Makes the published keys these: new ones are added, windows and status of known ones follow, none is ever removed. Each
 * change is an entry in the institution's own trail, so which key was valid when can be proved. Idempotent.
 *
 * @throws IssuerKeyError `no-active-key`, or `key-changed` when a known kid comes with another key
 */
export async function publishIssuerKeys(tx: Tx, rows: readonly IssuerKey[]): Promise<void> {
  const { trail } = await readInstitution(tx)
  const known = new Map((await readIssuerKeys(tx)).map((key) => [key.kid, key]))
  const drafts = rows.flatMap((row) => changeOf(row, known.get(row.kid), { trail, rows }))
  if (drafts.length === 0) return
  for (const row of rows) await store(tx, row)
  await appendEntries(tx, drafts)
}

/** All keys ever published, oldest first. */
export async function readIssuerKeys(tx: Tx): Promise<IssuerKey[]> {
  const rows = await tx.orm
    .select()
    .from(issuerKey)
    .where(eq(issuerKey.institution, tx.institution))
    .orderBy(asc(issuerKey.validFrom), asc(issuerKey.kid))
  return rows.map(({ kid, jwk, alg, validFrom, validUntil, status }) => ({
    kid,
    jwk: jwk as Readonly<Record<string, unknown>>,
    alg,
    validFrom,
    ...(validUntil === null ? {} : { validUntil }),
    status: status as KeyStatus,
  }))
}

function changeOf(
  row: IssuerKey,
  known: IssuerKey | undefined,
  { trail, rows }: { readonly trail: string; readonly rows: readonly IssuerKey[] },
): EntryDraft[] {
  const actor = { ref: 'signing', kind: 'service', role: 'signing' } as const
  const act = { meaning: 'publish', outcome: 'success' }
  if (known === undefined) {
    const data = { kid: row.kid, window: windowOf(row) }
    return [{ trail, id: `key:${row.kid}:created`, type: 'key.created/1', actor, act, data }]
  }
  if (thumbprintParts(known) !== thumbprintParts(row)) throw new IssuerKeyError('key-changed', row.kid)
  if (windowOf(known) === windowOf(row)) return []
  const active = rows.find((one) => one.status === 'active')
  if (active === undefined) throw new IssuerKeyError('no-active-key', 'a key cannot be retired without a successor')
  const id = `key:${row.kid}:${windowOf(row)}`
  return [{ trail, id, type: 'key.rotated/1', actor, act, data: { kid: active.kid, previous: row.kid } }]
}

async function store(tx: Tx, { validUntil, ...row }: IssuerKey): Promise<void> {
  const window = { validFrom: row.validFrom, validUntil: validUntil ?? null, status: row.status }
  await tx.orm
    .insert(issuerKey)
    .values({ ...row, ...window, institution: tx.institution })
    .onConflictDoUpdate({ target: issuerKey.kid, set: window })
}

function windowOf(key: IssuerKey): string {
  return `${key.status}:${key.validFrom}:${key.validUntil ?? 'open'}`
}

/** `jsonb` forgets the order of members, so they are compared sorted. */
function thumbprintParts(key: IssuerKey): string {
  return JSON.stringify([key.alg, Object.entries(key.jwk).toSorted(([a], [b]) => (a < b ? -1 : 1))])
}
