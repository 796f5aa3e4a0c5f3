/** Status slots and lists: without them a credential, once out, could never be taken back (Bitstring Status List 1.0). */
import { randomBytes, randomInt } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { among, type Tx } from '#db/client.ts'
import { statusList, statusSlot } from '#db/schema/credentials.ts'
import type { CredentialId, Instant } from '#domain/words.ts'

/** The least the recommendation allows; 16 KiB before compression. */
export const listSize = 131_072
/** Slots set or left clear without a credential, so that the list tells nobody how many were issued or revoked. */
const decoys = 1_024
/** Above this fill a new list is opened: random slots would start to collide (platform §5.3). */
const fullAt = 0.8

export interface Slot {
  readonly credentialId: CredentialId
  readonly listId: string
  readonly slot: number
}

/**
 * A slot for each credential: the one it has, or a random free one. Claimed before signing in the transaction of the
 * signing request, so it is never lost and never given twice.
 */
export async function claimSlots(tx: Tx, credentials: readonly CredentialId[]): Promise<Slot[]> {
  const had = await slotsOf(tx, credentials)
  const known = new Set(had.map((slot) => slot.credentialId))
  const claimed = await claim(
    tx,
    credentials.filter((credential) => !known.has(credential)),
  )
  return [...had, ...claimed]
}

export async function slotsOf(tx: Tx, credentials: readonly CredentialId[]): Promise<Slot[]> {
  if (credentials.length === 0) return []
  const rows = await tx.orm
    .select({ credentialId: statusSlot.credentialId, listId: statusSlot.listId, slot: statusSlot.slot })
    .from(statusSlot)
    .where(and(eq(statusSlot.institution, tx.institution), among(statusSlot.credentialId, [...credentials])))
  return rows.map((row) => ({ ...row, credentialId: row.credentialId as CredentialId }))
}

/** Draws for all at once; who drew a slot that was taken draws again. */
async function claim(tx: Tx, credentials: readonly CredentialId[]): Promise<Slot[]> {
  const claimed: Slot[] = []
  let left = [...new Set(credentials)].toSorted()
  for (let misses = 0; left.length > 0; misses += 1) {
    const listId = await openList(tx)
    // In one order everywhere, so that two lists never wait for each other in a circle.
    const draws = left
      .map((credentialId) => ({ listId, slot: randomInt(listSize), credentialId }))
      .toSorted((a, b) => a.slot - b.slot)
    await tx.orm
      .insert(statusSlot)
      .values(draws.map((draw) => ({ ...draw, institution: tx.institution })))
      .onConflictDoNothing()
    const stored = await slotsOf(tx, left)
    claimed.push(...stored)
    const done = new Set(stored.map(({ credentialId }) => credentialId))
    left = left.filter((credential) => !done.has(credential))
    if (misses > 4) await closeIfFull(tx, listId)
  }
  return claimed
}

async function closeIfFull(tx: Tx, listId: string): Promise<void> {
  const [row] = await tx.orm
    .select({ taken: sql<number>`count(*)::int` })
    .from(statusSlot)
    .where(and(eq(statusSlot.institution, tx.institution), eq(statusSlot.listId, listId)))
  if ((row?.taken ?? 0) < fullAt * listSize) return
  await tx.orm
    .update(statusList)
    .set({ open: false })
    .where(and(eq(statusList.institution, tx.institution), eq(statusList.id, listId)))
}

async function openList(tx: Tx): Promise<string> {
  const found = await currentList(tx)
  if (found !== undefined) return found
  await tx.orm.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`status-list/${tx.institution}`}, 0))`)
  return (await currentList(tx)) ?? (await createList(tx))
}

async function currentList(tx: Tx): Promise<string | undefined> {
  const [row] = await tx.orm
    .select({ id: statusList.id })
    .from(statusList)
    .where(
      and(eq(statusList.institution, tx.institution), eq(statusList.purpose, 'revocation'), eq(statusList.open, true)),
    )
  return row?.id
}

async function createList(tx: Tx): Promise<string> {
  const id = `list_${randomBytes(10).toString('hex')}`
  await tx.orm.insert(statusList).values({ id, institution: tx.institution, purpose: 'revocation', size: listSize })
  const slots = new Set<number>()
  while (slots.size < decoys) slots.add(randomInt(listSize))
  await tx.orm
    .insert(statusSlot)
    .values([...slots].map((slot) => ({ listId: id, slot, institution: tx.institution, value: randomInt(2) })))
  return id
}

/** Sets the bit of a credential's slot and raises the list's version. False when it was set already. */
export async function setSlot(tx: Tx, credentialId: CredentialId): Promise<boolean> {
  const [changed] = await tx.orm
    .update(statusSlot)
    .set({ value: 1, changedAt: sql`clock_timestamp()` })
    .where(
      and(
        eq(statusSlot.institution, tx.institution),
        eq(statusSlot.credentialId, credentialId),
        eq(statusSlot.value, 0),
      ),
    )
    .returning({ listId: statusSlot.listId })
  if (changed === undefined) return false
  await tx.orm
    .update(statusList)
    .set({ version: sql`${statusList.version} + 1` })
    .where(and(eq(statusList.institution, tx.institution), eq(statusList.id, changed.listId)))
  return true
}

export interface DueList {
  readonly id: string
  readonly version: number
  readonly size: number
  readonly set: readonly number[]
}

/** Lists never published, changed since, or published before `staleBefore`; each with the slots that are set. */
export async function dueLists(tx: Tx, staleBefore: Instant): Promise<DueList[]> {
  const lists = await tx.orm
    .select({ id: statusList.id, version: statusList.version, size: statusList.size })
    .from(statusList)
    .where(
      and(
        eq(statusList.institution, tx.institution),
        sql`(${statusList.version} > ${statusList.publishedVersion} or ${statusList.publishedAt} < ${staleBefore})`,
      ),
    )
  const due: DueList[] = []
  for (const list of lists) {
    const rows = await tx.orm
      .select({ slot: statusSlot.slot })
      .from(statusSlot)
      .where(and(eq(statusSlot.institution, tx.institution), eq(statusSlot.listId, list.id), eq(statusSlot.value, 1)))
    due.push({ ...list, set: rows.map((row) => row.slot) })
  }
  return due
}

/** Stores a signed list unless a newer one is stored already. */
export async function storePublished(tx: Tx, list: { id: string; version: number; signed: string }): Promise<void> {
  await tx.orm
    .update(statusList)
    .set({ published: list.signed, publishedVersion: list.version, publishedAt: sql`clock_timestamp()` })
    .where(
      and(
        eq(statusList.institution, tx.institution),
        eq(statusList.id, list.id),
        sql`${statusList.publishedVersion} <= ${list.version}`,
      ),
    )
}

/** The signed list as it is served, or undefined when there is no such list yet. */
export async function publishedList(
  tx: Tx,
  id: string,
): Promise<{ signed: string; version: number; publishedAt: Instant } | undefined> {
  const [row] = await tx.orm
    .select({ signed: statusList.published, version: statusList.publishedVersion, publishedAt: statusList.publishedAt })
    .from(statusList)
    .where(and(eq(statusList.institution, tx.institution), eq(statusList.id, id)))
  if (row === undefined || row.signed === null || row.publishedAt === null) return undefined
  return { signed: row.signed, version: row.version, publishedAt: row.publishedAt }
}
