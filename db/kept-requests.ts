/** Answers kept under the caller's own key, so that a request sent again is answered as before (docs/decisions/0025). */
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { contentDigest, institutionCipher } from '#db/crypto.ts'
import { keptRequest } from '#db/schema/requests.ts'
import type { PersonId } from '#domain/words.ts'

export interface KeyedRequest {
  readonly person: PersonId
  /** With the query; ids and codes only. */
  readonly path: string
  /** Chosen by the client. */
  readonly key: string
  readonly body: string
}

export type Claim =
  /** Nobody has carried it out: the claimant does, then `keepAnswer` or `giveUp`. */
  | { readonly kind: 'claimed' }
  | { readonly kind: 'answered'; readonly answer: unknown }
  /** Somebody is carrying it out. */
  | { readonly kind: 'in-progress' }
  /** The key stands for another body. */
  | { readonly kind: 'other' }

/** A process that took this long has most likely died. Carrying the request out again is harmless: its ids are derived from the key. */
const patience = sql`interval '5 seconds'`
const kept = sql`interval '24 hours'`
/** Removed with each claim, so that the table stays as small as a day. */
const removedAtOnce = 100

export async function claimRequest(tx: Tx, request: KeyedRequest): Promise<Claim> {
  await removeOld(tx)
  const { id, content } = digestsOf(tx, request)
  const isOld = sql`${keptRequest.startedAt} < clock_timestamp() - ${kept}`
  const isAbandoned = sql`${keptRequest.answer} is null and ${keptRequest.startedAt} < clock_timestamp() - ${patience}`
  const claimed = await tx.orm
    .insert(keptRequest)
    .values({ institution: tx.institution, id, content, startedAt: sql`clock_timestamp()` })
    .onConflictDoUpdate({
      target: [keptRequest.institution, keptRequest.id],
      set: { content, startedAt: sql`clock_timestamp()`, answer: null },
      setWhere: sql`${isOld} or (${isAbandoned} and ${keptRequest.content} = excluded.content)`,
    })
    .returning({ id: keptRequest.id })
  if (claimed.length > 0) return { kind: 'claimed' }
  const [row] = await tx.orm
    .select()
    .from(keptRequest)
    .where(and(eq(keptRequest.institution, tx.institution), eq(keptRequest.id, id)))
  if (row === undefined) return { kind: 'in-progress' }
  if (!Buffer.from(row.content).equals(content)) return { kind: 'other' }
  if (row.answer === null) return { kind: 'in-progress' }
  const opened = institutionCipher(tx.keys, tx.institution).open(purposeOf(id), row.answer)
  return { kind: 'answered', answer: JSON.parse(Buffer.from(opened).toString()) as unknown }
}

export async function keepAnswer(tx: Tx, request: KeyedRequest, answer: unknown): Promise<void> {
  const { id } = digestsOf(tx, request)
  const sealed = institutionCipher(tx.keys, tx.institution).seal(purposeOf(id), Buffer.from(JSON.stringify(answer)))
  await tx.orm
    .update(keptRequest)
    .set({ answer: sealed })
    .where(and(eq(keptRequest.institution, tx.institution), eq(keptRequest.id, id)))
}

/** A refusal has changed nothing, so the key is free again. */
export async function giveUp(tx: Tx, request: KeyedRequest): Promise<void> {
  const { id } = digestsOf(tx, request)
  await tx.orm
    .delete(keptRequest)
    .where(and(eq(keptRequest.institution, tx.institution), eq(keptRequest.id, id), isNull(keptRequest.answer)))
}

async function removeOld(tx: Tx): Promise<void> {
  await tx.execute(sql`
    delete from kept_request where institution = ${tx.institution} and id in (
      select id from kept_request
      where institution = ${tx.institution} and started_at < clock_timestamp() - ${kept}
      order by started_at limit ${removedAtOnce} for update skip locked)`)
}

/** Keyed: neither a key that somebody chose badly nor a short body can be guessed from its digest. */
function digestsOf(tx: Tx, { person, path, key, body }: KeyedRequest): { id: Buffer; content: Buffer } {
  const digest = (parts: readonly string[]) =>
    Buffer.from(contentDigest(tx.keys, tx.institution, Buffer.from(JSON.stringify(parts))))
  return { id: digest(['request', person, path, key]), content: digest(['body', body]) }
}

function purposeOf(id: Buffer): string {
  return `answer/${id.toString('base64url')}`
}
