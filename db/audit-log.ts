/** The only way into the trail. Without it a state could change and leave no proof (design 2, contracts §9). */
import { and, asc, eq, sql } from 'drizzle-orm'
import type { Json } from '#audit/canonical.ts'
import { b64url, hex } from '#audit/digest.ts'
import { type Disclosure, disclose, newSalt } from '#audit/disclosure.ts'
import { type Actor, buildLeaf, type Entry, nextEntry, type TrailHead } from '#audit/entry.ts'
import { goneBackType } from '#audit/entry-types.ts'
import { leafHash } from '#audit/tree.ts'
import { among, type Keys, list, type Tx } from '#db/client.ts'
import { existingCipher, personPseudonym, type SubjectCipher, subjectCipher } from '#db/crypto.ts'
import { disclosure, entry } from '#db/schema/audit.ts'
import { toInstant } from '#db/schema/columns.ts'
import { as, type Instant, type InstitutionId, type PersonId } from '#domain/words.ts'

/** An entry before the database has told its place and time. No personal data outside `private`. */
export interface EntryDraft {
  readonly trail: string
  /** `<case id>:<step>:<evidence version or decision id>`; unique in the institution's log. */
  readonly id: string
  /** From `audit/entry-types.ts`. */
  readonly type: string
  readonly actor: Actor
  /** Codes only: what was done, how it ended (`success`, `refused` …), why. */
  readonly act: Entry['act']
  /** What the type tells, in codes and integers; `audit/entry-types.ts` lists the members each type must have. */
  readonly data?: NonNullable<Entry['data']>
  readonly occurred?: string
  readonly proc?: NonNullable<Entry['proc']>
  readonly src?: NonNullable<Entry['src']>
  readonly ev?: NonNullable<Entry['ev']>
  /** Becomes a salted digest in `_sd` and an erasable row encrypted for the subject. */
  readonly private?: readonly { readonly name: string; readonly value: Json; readonly subject: PersonId }[]
  /** Nothing more is expected in this trail: a `trail.sealed/1` follows what this call appends to it. */
  readonly seals?: boolean
}

export interface AppendedEntry {
  readonly id: string
  readonly trail: string
  readonly n: number
  readonly leafHash: Uint8Array
  /** The time it bears: one for all that were appended together. */
  readonly at: Instant
}

export interface StoredEntry {
  readonly n: number
  readonly leaf: Uint8Array
  readonly leafHash: Uint8Array
  readonly at: Instant
  readonly type: string
}

interface Commitment extends Disclosure {
  readonly subject: PersonId
}

interface Built {
  readonly leaf: Uint8Array
  readonly commitments: readonly Commitment[]
}

/**
 * Appends entries to their trails, in the order given, in this transaction. A draft whose id is recorded already in its trail is
 * answered from there and not repeated. Call once per transaction with everything: heads are locked in trail order (contracts §9).
 * A trail that was sealed, or that one of the drafts seals, ends in a seal afterwards (audit-log §7.1).
 *
 * @throws AuditError when a draft is no valid entry; a database error `BV002` when the role may not speak for the actor
 */
export async function appendEntries(tx: Tx, drafts: readonly EntryDraft[]): Promise<AppendedEntry[]> {
  if (drafts.length === 0) return []
  const subjects = drafts.flatMap((draft) => (draft.private ?? []).map((secret) => secret.subject))
  // Before the heads: a transaction that waits for a new subject's key must not hold up everybody's trails.
  const cipher = await subjectCipher(tx, subjects)
  // Asked in this order, answered in this order: what is recorded is looked up under the locks.
  const [heads, { known, named }] = await Promise.all([lockHeads(tx, drafts), recorded(tx, drafts)])
  const fresh = [...new Map(named.filter((d) => !known.has(placeOf(d))).map((d) => [placeOf(d), d])).values()]
  const appended = await append(tx, { built: chain(withSeals(fresh, heads), heads), heads, cipher })
  const all = new Map([...known, ...appended.map((row) => [placeOf(row), row] as const)])
  return named.map((draft) => all.get(placeOf(draft)) ?? missing(draft.id))
}

/** An id stands once in its trail; where a restored copy was gone on with, in the trail of before too (docs/decisions/0076). */
const placeOf = ({ trail, id }: { readonly trail: string; readonly id: string }): string => `${trail} ${id}`

/** True when the institution's log has an entry with this id; locks nothing. */
export async function isRecorded(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.execute(
    sql`select 1 from audit.entry where institution = ${tx.institution} and entry_id = ${id}`,
  )
  return rows.length > 0
}

/** A trail's entries in order, as their bytes. */
export async function readTrail(tx: Tx, trail: string): Promise<StoredEntry[]> {
  const rows = await tx.orm
    .select(storedEntryColumns)
    .from(entry)
    .where(and(eq(entry.institution, tx.institution), eq(entry.trail, trail)))
    .orderBy(asc(entry.n))
  return rows.map(storedEntry)
}

export const storedEntryColumns = {
  n: entry.n,
  leaf: entry.leaf,
  leafHash: entry.leafHash,
  at: entry.at,
  type: entry.type,
}

type EntryColumns = Omit<StoredEntry, 'leafHash'> & { readonly leafHash: Uint8Array | null }

export function storedEntry(row: EntryColumns): StoredEntry {
  return { ...row, leafHash: row.leafHash ?? leafHash(row.leaf) }
}

/**
 * What stands behind a trail's digests for the given subjects, as RFC 9901 disclosures (base64url of [salt, name, value]). Erased
 * ones are simply not there. `entries`: only those of the entries with these numbers.
 */
export async function readDisclosures(
  tx: Tx,
  trail: string,
  subjects: readonly PersonId[],
  entries?: readonly number[],
): Promise<OpenDisclosure[]> {
  return disclosuresOf(tx, [trail], subjects, entries)
}

export interface OpenDisclosure {
  readonly trail: string
  readonly n: number
  readonly subject: PersonId
  readonly digest: string
  readonly disclosure: string
}

/** The same for many trails at once. */
export async function disclosuresOf(
  tx: Tx,
  trails: readonly string[],
  subjects: readonly PersonId[],
  entries?: readonly number[],
): Promise<OpenDisclosure[]> {
  if (subjects.length === 0 || trails.length === 0) return []
  const rows = await tx.orm
    .select()
    .from(disclosure)
    .where(
      and(
        eq(disclosure.institution, tx.institution),
        among(disclosure.trail, [...trails]),
        among(disclosure.subject, [...subjects]),
        entries === undefined ? undefined : among(disclosure.n, [...entries]),
      ),
    )
    .orderBy(asc(disclosure.trail), asc(disclosure.n), asc(disclosure.position))
  const cipher = await existingCipher(tx, subjects)
  return rows.flatMap(({ trail, n, digest, body, ...row }) => {
    const subject = as<PersonId>(row.subject)
    if (!cipher.knows(subject)) return []
    return {
      trail,
      n,
      subject,
      digest,
      disclosure: Buffer.from(cipher.open(subject, purposeOf(digest), body)).toString(),
    }
  })
}

/** What the log calls a person: a pseudonym per log, so that two institutions' trails cannot be joined over their staff. */
export function actorRef(keys: Keys, institution: InstitutionId, person: PersonId): string {
  return personPseudonym(keys, institution, person)
}

/** The leaves that would follow the heads as they stand, which are locked. For the database's owner, to whom `audit.append` is closed. */
export async function leavesAfterHeads(tx: Tx, drafts: readonly EntryDraft[]): Promise<Uint8Array[]> {
  const heads = await lockHeads(tx, drafts)
  return chain(withSeals(drafts, heads), heads).map(({ leaf }) => leaf)
}

/** Until the transaction ends nobody else appends to these trails. */
export async function holdTrails(tx: Tx, trails: readonly string[]): Promise<void> {
  await lockHeads(
    tx,
    trails.map((trail) => ({ trail })),
  )
}

/** A head, and the time of an entry that follows it: the database's, and never before the entry it follows. */
interface DatedHead extends TrailHead {
  readonly at: Instant
  readonly sealed: boolean
}

async function lockHeads(tx: Tx, drafts: readonly Pick<EntryDraft, 'trail'>[]): Promise<Map<string, DatedHead>> {
  const trails = [...new Set(drafts.map((draft) => draft.trail))]
  const rows = await tx.execute<HeadRow>(
    sql`select trail, n, head, at::text as at, origin, sealed from audit.heads(${list(trails)}::uuid[])`,
  )
  const heads = rows.map(({ trail, n, head, at, origin, sealed }) => ({
    trail,
    n: Number(n),
    hash: head,
    log: origin,
    at: toInstant(at),
    sealed,
  }))
  return new Map(heads.map((head) => [head.trail, head]))
}

interface HeadRow extends Record<string, unknown> {
  readonly trail: string
  readonly n: string
  readonly head: Uint8Array
  readonly at: string
  readonly origin: string
  readonly sealed: boolean
}

/**
 * Asked after the heads are locked, so that a twin of this transaction has either committed or not begun. What a trail told before its
 * case went back (db/log-recovery.ts) was done in a life of which the record knows nothing: a draft with such an id has the place where
 * that life ended added to it, and is new.
 */
async function recorded(tx: Tx, drafts: readonly EntryDraft[]): Promise<Recorded> {
  const ids = drafts.map((draft) => draft.id)
  const rows = await tx.execute<EntryRow & { readonly at: string; readonly ended: string | null }>(
    sql`select e.entry_id as id, e.trail, e.n, e.leaf_hash as hash, e.at::text as at,
          (select max(g.n) from audit.entry g where g.institution = e.institution and g.trail = e.trail and g.n > e.n
            and g.type = ${goneBackType}) as ended
        from audit.entry e where e.institution = ${tx.institution} and e.entry_id = any(${list(ids)}::text[])`,
  )
  const ended = new Map(rows.map((row) => [placeOf(row), row.ended]))
  const named = drafts.map((draft) => {
    const at = ended.get(placeOf(draft)) ?? undefined
    return at === undefined ? draft : { ...draft, id: `${draft.id}:${at}` }
  })
  if (named.some((draft, index) => draft !== drafts[index])) return recorded(tx, named)
  return { named, known: new Map(rows.map((row) => [placeOf(row), appendedFrom(row, toInstant(row.at))])) }
}

interface Recorded {
  /** The drafts under the ids they are told under. */
  readonly named: readonly EntryDraft[]
  /** Those of them that are told already, by place. */
  readonly known: ReadonlyMap<string, AppendedEntry>
}

/**
 * The drafts, and after them a seal for each trail that ends here or was sealed before. Its id hangs on the last entry it covers, so
 * that a repeat seals nothing twice.
 */
function withSeals(drafts: readonly EntryDraft[], heads: ReadonlyMap<string, DatedHead>): EntryDraft[] {
  const sealed = new Set(
    drafts.flatMap(({ trail, seals }) => (seals === true || heads.get(trail)?.sealed ? [trail] : [])),
  )
  if (sealed.size === 0) return [...drafts]
  const last = new Map(drafts.map((draft) => [draft.trail, draft]))
  return [...drafts, ...[...last.values()].filter(({ trail }) => sealed.has(trail)).map(sealAfter)]
}

function sealAfter({ trail, id }: EntryDraft): EntryDraft {
  const act = { meaning: 'trail-sealed', outcome: 'success' }
  return { trail, id: `${id}:sealed`, type: sealType, actor: { ref: 'record', kind: 'service', role: 'keeper' }, act }
}

const sealType = 'trail.sealed/1'

/** Hangs each draft on the entry before it in its trail. */
function chain(drafts: readonly EntryDraft[], heads: Map<string, DatedHead>): Built[] {
  return drafts.map((draft) => {
    const head = heads.get(draft.trail) ?? missing(draft.trail)
    const commitments = (draft.private ?? []).map((secret) => ({
      ...disclose(secret.name, secret.value, newSalt()),
      subject: secret.subject,
    }))
    const leaf = buildLeaf(nextEntry(envelope(draft, { head, commitments }), head, head.at))
    heads.set(draft.trail, { ...head, n: head.n + 1, hash: leafHash(leaf) })
    return { leaf, commitments }
  })
}

function envelope(
  draft: EntryDraft,
  { head, commitments }: { readonly head: TrailHead; readonly commitments: readonly Commitment[] },
): Parameters<typeof nextEntry>[0] {
  const { trail: _, private: __, seals: ___, ...rest } = draft
  // Only here is it known what a seal covers.
  if (draft.type === sealType) return { ...rest, data: { count: head.n, head: b64url(head.hash) } }
  if (commitments.length === 0) return rest
  // Sorted, so that the order of digests tells nothing about what they hide (RFC 9901 §4.2.4.1).
  return { ...rest, _sd: commitments.map((one) => one.digest).toSorted() }
}

async function append(
  tx: Tx,
  {
    built,
    heads,
    cipher,
  }: {
    readonly built: readonly Built[]
    readonly heads: ReadonlyMap<string, DatedHead>
    readonly cipher: SubjectCipher
  },
): Promise<AppendedEntry[]> {
  if (built.length === 0) return []
  // About somebody who is erased nothing is kept: the digest in the leaf then stands for what nobody has.
  const secrets = built.flatMap((one, index) =>
    one.commitments
      .map((commitment, position) => ({ ...commitment, leaf: index + 1, position }))
      .filter(({ subject }) => cipher.knows(subject)),
  )
  const bodies = secrets.map((secret) =>
    hex(cipher.seal(secret.subject, purposeOf(secret.digest), Buffer.from(secret.disclosure))),
  )
  const column = (pick: (secret: (typeof secrets)[number]) => string | number) => list(secrets.map(pick))
  const rows = await tx.execute<EntryRow>(sql`
    select entry_id as id, trail, n, leaf_hash as hash from audit.append(
      ${list(built.map((one) => hex(one.leaf)))}::text[], ${column((s) => s.leaf)}::integer[], ${column((s) => s.position)}::integer[],
      ${column((s) => s.digest)}::text[], ${column((s) => s.subject)}::text[], ${list(bodies)}::text[])`)
  return rows.map((row) => appendedFrom(row, (heads.get(row.trail) ?? missing(row.trail)).at))
}

interface EntryRow extends Record<string, unknown> {
  readonly id: string
  readonly trail: string
  readonly n: string
  readonly hash: Uint8Array
}

function appendedFrom({ id, trail, n, hash }: EntryRow, at: Instant): AppendedEntry {
  return { id, trail, n: Number(n), leafHash: hash, at }
}

function purposeOf(digest: string): string {
  return `disclosure:${digest}`
}

function missing(what: string): never {
  throw new Error(`the database answered nothing for ${what}`)
}
