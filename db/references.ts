/** Hearing of new references. Without it intake would have to ask again and again who is known by now (design 9). */
import type { Db } from '#db/client.ts'

/** A trigger sends the institution's id when references were added (migration `references`). */
const channel = 'bevis_references'

export interface ReferenceListener {
  added(institution: string): void
  /** At the start and after each lost connection: anything may have been missed. */
  connected(): void
}

/** Listens until stopped. */
export async function listenReferences(db: Db, listener: ReferenceListener): Promise<{ stop(): Promise<void> }> {
  const listening = await db.sql.listen(
    channel,
    (institution) => listener.added(institution),
    () => listener.connected(),
  )
  return { stop: () => listening.unlisten() }
}
