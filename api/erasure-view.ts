/** An erasure as privacy officers are shown it; what they approve or refuse is exactly this. */
import type { z } from 'zod'
import type { Tx } from '#db/client.ts'
import { outsideRow } from '#db/erasing.ts'
import { blockerOf, type Erasure, erasureText } from '#db/erasures.ts'
import { isDone } from '#db/outbox.ts'
import type { erasure, erasureDetail } from './schemas/erasure.ts'

export function erasureView({ classes, counts, ...found }: Erasure): z.infer<typeof erasure> {
  return { ...found, classes: [...classes], ...(counts === undefined ? {} : { counts: { ...counts } }) }
}

/** With the proposer's reasons, and with what stands in its way now. */
export async function shownErasure(tx: Tx, found: Erasure): Promise<z.infer<typeof erasureDetail>> {
  const text = await erasureText(tx, found)
  const isOpen = found.state === 'proposed' || found.state === 'suggested'
  const blocker = isOpen ? await blockerOf(tx, found) : undefined
  return {
    ...erasureView(found),
    ...(text === undefined ? {} : { text }),
    ...(blocker === undefined ? {} : { blocker }),
    ...(found.state === 'executed' ? { outside: (await isDone(tx, outsideRow(found.id))) ? 'done' : 'pending' } : {}),
  }
}
