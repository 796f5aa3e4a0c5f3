/** Suggests every night what the retention rules let go; people decide on it. A Schedule starts it. */
import { reconciling } from '#workflows/options.ts'

/** One institution after the other. */
export async function disposal(): Promise<void> {
  for (const institution of await reconciling.reconcilable()) await reconciling.suggestDisposals(institution)
}
