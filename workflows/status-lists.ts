/** Keeps every published status list fresh; a Schedule starts it, a revocation does not wait for it. */
import { signing } from '#workflows/options.ts'

/** Publishes for each institution the lists that changed or whose validity runs out. */
export async function statusLists(): Promise<void> {
  for (const institution of await signing.institutions()) await signing.publishStatusLists(institution)
}
