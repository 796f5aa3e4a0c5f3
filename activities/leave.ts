/** Lets cases leave their cohort. Without it a case that must wait would have nobody to wake. */
import type { CaseList } from '#activities/contracts.ts'
import { lockHeads } from '#db/cases.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { enqueue } from '#db/outbox.ts'
import { startOf, wakeUpRow } from '#db/wake-ups.ts'
import { isEnd } from '#domain/issuance/state.ts'

/**
 * Puts the start of each case's own workflow into the outbox, which the relay empties at once; once per case, however often it is
 * asked. The first act of that workflow collects everything anew, so what came in between is not lost (contracts §6).
 */
export async function letLeave(db: Db, list: CaseList): Promise<void> {
  await inInstitution(db, list.institution, async (tx) => {
    const running = [...(await lockHeads(tx, list.cases)).values()].filter(({ state }) => !isEnd(state))
    await enqueue(
      tx,
      running.map(({ id }) => wakeUpRow(tx.institution, startOf(tx.institution, id))),
    )
  })
}
