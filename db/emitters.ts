/**
 * Which emitters are in force, said once more under a key. A row of before has a digest of its own: put in force again it would be as good as the
 * newest, and whoever has the old key could report until the night (docs/decisions/0081).
 */
import { sql } from 'drizzle-orm'
import type { Actor } from '#audit/entry.ts'
import type { RegisteredEmitter } from '#config/register/load.ts'
import type { EntryDraft } from '#db/audit-log.ts'
import { list, type Tx } from '#db/client.ts'
import { contentDigest } from '#db/crypto.ts'
import { dated } from '#db/register-changes.ts'

/** In the institution's row. */
type Seal = {
  /** Which application of emitters it is, from 1: the entry `emitters:<generation>` tells of it. */
  readonly generation: number
  /** Emitter in force → keyed digest of generation, emitter and digest of its item. */
  readonly marks: Readonly<Record<string, string>>
}

interface InForce extends Record<string, unknown> {
  readonly id: string
  readonly body: RegisteredEmitter
  readonly digest: string
}

/** The trail tells of emitters that came after those in the tables: an older copy, or somebody put one there. Nothing is taken in before the register is applied again. */
export class EmittersBehind extends Error {
  readonly code = 'emitters-behind'
}

/**
 * Emitters by their sources, with authority and keys; a stranger is left out, and so is a row without its own keyed digest, or without its mark
 * in the newest seal: whoever has the database alone cannot plant one, put another key under one or bring an old one back.
 *
 * @throws EmittersBehind
 */
export async function readEmitters(tx: Tx, sources: readonly string[]): Promise<Map<string, RegisteredEmitter>> {
  if (sources.length === 0) return new Map()
  const { seal, isBehind, rows } = await standing(tx, sources)
  if (isBehind) throw new EmittersBehind('a later set of emitters was told than the register has: apply it again')
  return new Map(
    rows.filter((row) => isOwn(tx, row) && isMarked(tx, seal, row)).map(({ id, body }) => [id, body] as const),
  )
}

/** True where the seal is that of the emitters in force. A database older than seals has none, and is not held to any before its register is applied. */
export async function areSealed(tx: Tx): Promise<boolean> {
  const { seal, isBehind, rows } = await standing(tx)
  const names = Object.keys(seal?.marks ?? {})
  return (
    !isBehind && rows.every((row) => isMarked(tx, seal, row)) && (seal === undefined || names.length === rows.length)
  )
}

/** True where nothing was ever sealed, and something is in force. */
export async function lacksSeal(tx: Tx): Promise<boolean> {
  const { seal, rows } = await standing(tx)
  return seal === undefined && rows.length > 0
}

/** Seals what is in force now, under a generation that was never told; the entry that tells so is the caller's to append. */
export async function sealEmitters(
  tx: Tx,
  by: Actor,
  { trail, revision }: { trail: string; revision: number },
): Promise<EntryDraft> {
  const { seal: before, rows } = await standing(tx)
  const generation = await neverTold(tx, (before?.generation ?? 0) + 1)
  const marks = Object.fromEntries(rows.map((row) => [row.id, markOf(tx, generation, row)]))
  await tx.execute(
    sql`update institution set emitters = ${JSON.stringify({ generation, marks })}::jsonb where institution = ${tx.institution}`,
  )
  return {
    trail,
    id: `emitters:${generation}`,
    type: 'emitters.sealed/1',
    actor: by,
    act: { meaning: 'seal', outcome: 'success' },
    data: { generation, version: revision, emitters: rows.length },
  }
}

interface Standing {
  readonly seal: Seal | undefined
  /** The entry of a later generation stands in some trail: which one is the institution's own, a row says. */
  readonly isBehind: boolean
  readonly rows: readonly InForce[]
}

/** One question, for intake asks it with every batch. */
async function standing(tx: Tx, sources?: readonly string[]): Promise<Standing> {
  const found = await tx.execute<
    { seal: Seal | null; behind: boolean } & { [K in keyof InForce]: InForce[K] | null }
  >(sql`
    select i.emitters as seal, r.id, r.body, r.digest, exists (select from audit.entry e where e.institution = i.institution
      and e.entry_id = 'emitters:' || (coalesce((i.emitters ->> 'generation')::int, 0) + 1)) as behind
    from institution i left join register_item r on r.institution = i.institution and r.kind = 'emitter' and r.revision_until is null
      ${sources === undefined ? sql`` : sql`and r.id = any(${list([...sources])}::text[])`}
    where i.institution = ${tx.institution} order by r.id`)
  return {
    seal: found[0]?.seal ?? undefined,
    isBehind: found[0]?.behind === true,
    rows: found.flatMap(({ id, body, digest }) =>
      id === null || body === null || digest === null ? [] : [{ id, body, digest }],
    ),
  }
}

/** After a restore the trail may tell of generations that the tables do not know. */
async function neverTold(tx: Tx, generation: number): Promise<number> {
  const [told] = await tx.execute(sql`
    select 1 from audit.entry where institution = ${tx.institution} and entry_id = ${`emitters:${generation}`}`)
  return told === undefined ? generation : neverTold(tx, generation + 1)
}

function isOwn(tx: Tx, { id, body, digest }: InForce): boolean {
  return body.id === id && dated(tx, { kind: 'emitter', id, body }).digest === digest
}

function isMarked(tx: Tx, seal: Seal | undefined, row: InForce): boolean {
  return seal === undefined || seal.marks[row.id] === markOf(tx, seal.generation, row)
}

/** No digest of content is of such bytes: those are of JSON. */
function markOf(tx: Tx, generation: number, { id, digest }: InForce): string {
  const bytes = Buffer.from(`emitter ${generation}\n${id}\n${digest}`)
  return Buffer.from(contentDigest(tx.keys, tx.institution, bytes)).toString('base64url')
}
