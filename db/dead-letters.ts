/** Events that could not become case or evidence, kept until someone deals with them. Without them a sender's mistake would vanish (design 10). */
import { and, eq, getTableColumns, gte, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { base32 } from '#audit/digest.ts'
import { type Db, inInstitution, type Keys, list, type Tx } from '#db/client.ts'
import { contentDigest, institutionCipher } from '#db/crypto.ts'
import { deadLetter } from '#db/schema/cases.ts'
import type { Instant, InstitutionId } from '#domain/words.ts'

/** What is wrong, where (JSON pointer into the event, `''` for the whole), and what to do about it. Never quotes a value. */
export interface Problem {
  readonly code: string
  readonly pointer: string
  readonly detail: string
  readonly advice: string
}

export interface DeadLetterDraft {
  readonly stream: string
  readonly subject: string
  /** Stable reason, e.g. `invalid-event`, `unknown-emitter`, `bad-signature`. */
  readonly code: string
  readonly problems: readonly Problem[]
  /** The bytes exactly as they came. */
  readonly payload: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

export interface DeadLetter {
  readonly id: string
  /** Null where the event did not even say, or named an institution nobody registered. */
  readonly institution: InstitutionId | null
  readonly stream: string
  readonly subject: string
  readonly code: string
  readonly problems: readonly Problem[]
  readonly state: 'open' | 'replayed' | 'discarded'
  /** How often the same message came again. */
  readonly repeats: number
  readonly receivedAt: Instant
  readonly closedBy?: string
  readonly closedReason?: string
  readonly closedAt?: Instant
}

/** A dead letter with its bytes in clear; for those who may read personal data of the institution. */
export interface OpenedDeadLetter extends DeadLetter {
  readonly payload: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Stores dead letters of the transaction's institution. The same bytes refused for the same reason raise `repeats` instead of
 * filling the list: the id is derived from them. Never touches an event key (contracts §2).
 */
export async function storeDeadLetters(tx: Tx, drafts: readonly DeadLetterDraft[]): Promise<string[]> {
  return store({ tx, institution: tx.institution }, drafts)
}

/** Dead letters that belong to nobody: no institution of ours in the subject. For intake only. */
export async function storeHomelessDeadLetters(db: Db, drafts: readonly DeadLetterDraft[]): Promise<string[]> {
  if (drafts.length === 0) return []
  return inInstitution(db, nobody, (tx) => store({ tx, institution: null }, drafts))
}

/** An id no institution can have: row-level security then shows only rows without one. */
const nobody = '' as InstitutionId

async function store(
  { tx, institution }: { tx: Tx; institution: InstitutionId | null },
  drafts: readonly DeadLetterDraft[],
): Promise<string[]> {
  if (drafts.length === 0) return []
  const cipher = institutionCipher(tx.keys, institution)
  const rows = drafts.map((draft) => {
    const digest = letterDigest(tx.keys, institution, draft)
    const id = `dead_${base32(digest.subarray(0, 16))}`
    const headers = cipher.seal(`${id}/headers`, Buffer.from(JSON.stringify(draft.headers)))
    const problems = draft.problems.map(storable)
    return { ...draft, problems, id, digest, institution, headers, payload: cipher.seal(id, draft.payload) }
  })
  const once = [...new Map(rows.map((row) => [row.id, row])).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const times = (id: string) => rows.filter((row) => row.id === id).length
  await tx.orm
    .insert(deadLetter)
    .values(once.map((row) => ({ ...row, repeats: times(row.id) - 1 })))
    .onConflictDoUpdate({ target: deadLetter.id, set: { repeats: sql`${deadLetter.repeats} + excluded.repeats + 1` } })
  return rows.map((row) => row.id)
}

/** A pointer holds the sender's own names; NUL in one, which Postgres cannot keep, must not keep the letter out. */
function storable({ code, pointer, detail, advice }: Problem): Problem {
  const kept = (text: string) => text.replaceAll('\u0000', '\uFFFD')
  return { code, pointer: kept(pointer), detail: kept(detail), advice: kept(advice) }
}

/** By what the same message is known again, refused for the same reason. 32 bytes. */
export function letterDigest(
  keys: Keys,
  institution: InstitutionId | null,
  letter: Pick<DeadLetterDraft, 'subject' | 'code' | 'payload'>,
): Uint8Array {
  return contentDigest(keys, institution, identityOf(letter))
}

/** Where it came from, why it was refused, and all its bytes; lengths keep the parts apart. */
function identityOf({ subject, code, payload }: Pick<DeadLetterDraft, 'subject' | 'code' | 'payload'>): Uint8Array {
  return Buffer.concat([Buffer.from(JSON.stringify([subject, code])), Buffer.from([0]), payload])
}

export interface DeadLetterFilter {
  readonly state?: DeadLetter['state']
  readonly code?: string
  /** The emitter, as the subject names it. */
  readonly source?: string
  /** `COMPLETIONS` for NATS, `HTTP`. */
  readonly stream?: string
  /** From inclusive, until exclusive. */
  readonly received?: { readonly from?: Instant; readonly until?: Instant }
}

export interface DeadLetterSlice {
  readonly limit: number
  /** Default: newest first. */
  readonly order?: 'asc' | 'desc'
  /** The row beside which the slice begins; `backwards` reads towards the beginning of the list. */
  readonly from?: { readonly at: string; readonly id: string; readonly backwards?: boolean }
}

/** A dead letter in a list: `at` is when it came to the microsecond, as Postgres prints it. */
export interface ListedDeadLetter extends DeadLetter {
  readonly at: string
}

/** A slice of the institution's dead letters, without payloads; in reverse when reading backwards. */
export async function listDeadLetters(
  tx: Tx,
  filter: DeadLetterFilter,
  { limit, order = 'desc', from }: DeadLetterSlice,
): Promise<ListedDeadLetter[]> {
  const { state, code, source, stream, received = {} } = filter
  const isRising = (order === 'asc') !== (from?.backwards === true)
  const direction = isRising ? sql`asc` : sql`desc`
  const conditions: (SQL | undefined)[] = [
    eq(deadLetter.institution, tx.institution),
    state === undefined ? undefined : eq(deadLetter.state, state),
    code === undefined ? undefined : eq(deadLetter.code, code),
    source === undefined ? undefined : eq(deadLetter.subject, `completions.${tx.institution}.${source}`),
    stream === undefined ? undefined : eq(deadLetter.stream, stream),
    received.from === undefined ? undefined : gte(deadLetter.receivedAt, received.from),
    received.until === undefined ? undefined : lt(deadLetter.receivedAt, received.until),
    from === undefined
      ? undefined
      : sql`(${deadLetter.receivedAt}, ${deadLetter.id}) ${isRising ? sql`>` : sql`<`} (${from.at}::timestamptz, ${from.id})`,
  ]
  const rows = await tx.orm
    .select({ ...getTableColumns(deadLetter), at: sql<string>`${deadLetter.receivedAt}::text` })
    .from(deadLetter)
    .where(and(...conditions))
    .orderBy(sql`${deadLetter.receivedAt} ${direction}`, sql`${deadLetter.id} ${direction}`)
    .limit(limit)
  return rows.map(({ at, ...row }) => ({ ...parse(row), at }))
}

/** One dead letter with its bytes, or undefined. */
export async function readDeadLetter(tx: Tx, id: string): Promise<OpenedDeadLetter | undefined> {
  const [row] = await tx.orm
    .select()
    .from(deadLetter)
    .where(and(eq(deadLetter.institution, tx.institution), eq(deadLetter.id, id)))
  return row === undefined ? undefined : opened(tx, tx.institution, row)
}

/** Dead letters that name no institution of ours, newest first. For intake's role, whom an operator asks. */
export async function listHomelessDeadLetters(db: Db, limit: number): Promise<OpenedDeadLetter[]> {
  return inInstitution(db, nobody, async (tx) => {
    const rows = await tx.orm
      .select()
      .from(deadLetter)
      .where(isNull(deadLetter.institution))
      .orderBy(sql`${deadLetter.receivedAt} desc, ${deadLetter.id}`)
      .limit(limit)
    return rows.map((row) => opened(tx, null, row))
  })
}

/**
 * Closes open dead letters: `replayed` when their event was taken in after all, `discarded` when somebody said why not.
 * `by` is a pseudonym or a service's name. Gives the ids that were open.
 */
export async function closeDeadLetters(
  tx: Tx,
  closing: { ids: readonly string[]; state: 'replayed' | 'discarded'; by: string; reason: string },
): Promise<string[]> {
  if (closing.ids.length === 0) return []
  const rows = await tx.orm
    .update(deadLetter)
    .set({
      state: closing.state,
      closedBy: closing.by,
      closedReason: closing.reason,
      closedAt: sql`clock_timestamp()`,
    })
    .where(
      and(
        eq(deadLetter.institution, tx.institution),
        sql`${deadLetter.id} = any(${list(closing.ids)}::text[])`,
        eq(deadLetter.state, 'open'),
      ),
    )
    .returning({ id: deadLetter.id })
  return rows.map((row) => row.id)
}

type Row = typeof deadLetter.$inferSelect

function opened(tx: Tx, institution: InstitutionId | null, row: Row): OpenedDeadLetter {
  const cipher = institutionCipher(tx.keys, institution)
  const headers = JSON.parse(Buffer.from(cipher.open(`${row.id}/headers`, row.headers)).toString())
  return { ...parse(row), payload: cipher.open(row.id, row.payload), headers: headers as Record<string, string> }
}

function parse(row: Row): DeadLetter {
  return {
    id: row.id,
    institution: row.institution as InstitutionId | null,
    stream: row.stream,
    subject: row.subject,
    code: row.code,
    problems: row.problems as readonly Problem[],
    state: row.state as DeadLetter['state'],
    repeats: row.repeats,
    receivedAt: row.receivedAt,
    ...(row.closedBy === null ? {} : { closedBy: row.closedBy }),
    ...(row.closedReason === null ? {} : { closedReason: row.closedReason }),
    ...(row.closedAt === null ? {} : { closedAt: row.closedAt }),
  }
}
