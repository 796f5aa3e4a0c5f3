/** Holds every institution's record against itself, once a night; a Schedule starts it. */
import { reconciling } from '#workflows/options.ts'

/** One institution after the other: each is read as a whole. */
export async function reconciliation(): Promise<void> {
  for (const institution of await reconciling.reconcilable()) await reconciling.reconcile(institution)
}
