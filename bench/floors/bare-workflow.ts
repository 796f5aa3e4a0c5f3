/**
 * The floor under everything that Temporal conducts: a step for each gate of the cycle, and nothing in them. Ours takes fewer since gates
 * that ask nobody are one act (docs/decisions/0085); the floor stays as it was, so that figures of different days can be compared.
 */
import { condition, defineUpdate, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow'

/** What the bare worker can do: nothing, here or through the server. */
export interface BareActs {
  step(): Promise<void>
  last(): Promise<void>
}

export const decided = defineUpdate<void>('decided')

const local = proxyLocalActivities<Pick<BareActs, 'step'>>({ startToCloseTimeout: '30 s' })
const away = proxyActivities<Pick<BareActs, 'last'>>({ startToCloseTimeout: '15 s' })

/** Three local activities, a wait for an Update where asked for, three more, and one activity. */
export async function bare({ waits }: { readonly waits: boolean }): Promise<void> {
  let isDecided = !waits
  setHandler(decided, () => {
    isDecided = true
  })
  for (let n = 0; n < 3; n += 1) await local.step()
  await condition(() => isDecided)
  for (let n = 0; n < 3; n += 1) await local.step()
  await away.last()
}
