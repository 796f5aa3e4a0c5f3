/** Status lists as verifiers get them held against the bits that were decided: an older list, put back, would make a revoked credential valid. */
import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { bitsOf, decodeBits } from '#credentials/status/bitstring.ts'
import type { Tx } from '#db/client.ts'
import { statusList, statusSlot } from '#db/schema/credentials.ts'

/** Ids of published lists that say otherwise than their slots; one that has still to be published again is not among them. */
export async function differingLists(tx: Tx): Promise<string[]> {
  const lists = await tx.orm
    .select({ id: statusList.id, size: statusList.size, published: statusList.published })
    .from(statusList)
    .where(
      and(
        eq(statusList.institution, tx.institution),
        isNotNull(statusList.published),
        sql`${statusList.version} = ${statusList.publishedVersion}`,
      ),
    )
  const differing: string[] = []
  for (const { id, size, published } of lists) {
    const set = await tx.orm
      .select({ slot: statusSlot.slot })
      .from(statusSlot)
      .where(and(eq(statusSlot.institution, tx.institution), eq(statusSlot.listId, id), eq(statusSlot.value, 1)))
    const decided = bitsOf(
      set.map(({ slot }) => slot),
      size,
    )
    const said = await bitsIn(published ?? '')
    if (said === undefined || Buffer.compare(said, decided) !== 0) differing.push(id)
  }
  return differing
}

async function bitsIn(compact: string): Promise<Uint8Array | undefined> {
  const encoded = encodedListOf(compact)
  const decoded = encoded === undefined ? undefined : await decodeBits(encoded)
  return decoded?.kind === 'decoded' ? decoded.bits : undefined
}

/** Whoever asks verifies the signature; here it matters what was signed. */
function encodedListOf(compact: string): string | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(compact.split('.')[1] ?? '', 'base64url').toString())
    const { credentialSubject } = payload as { readonly credentialSubject?: { readonly encodedList?: unknown } }
    return typeof credentialSubject?.encodedList === 'string' ? credentialSubject.encodedList : undefined
  } catch {
    return undefined
  }
}
