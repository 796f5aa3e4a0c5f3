/**
 * Keeps a mark of how far the record has come outside the database, and never lets an event leave that the mark does not cover. Without
 * it a database restored from yesterday would go on, and give today's slots and numbers away a second time.
 */
import type { KeptMark, MarkStore } from '#connectors/platform/nats-mark.ts'
import type { Db } from '#db/client.ts'
import { recordNow } from '#db/record.ts'
import { mayGoOn, type RecordAge, type RecordNow, recordAge } from '#domain/record-age.ts'

/** What a comparison found; `mark` as it stands afterwards. */
export interface Compared {
  readonly age: RecordAge
  readonly now: RecordNow
  readonly mark: KeptMark | undefined
}

export interface MarkKeeper {
  /** Compares the record with its mark and, where work may go on, moves the mark up. @throws while either cannot be asked */
  compare(): Promise<Compared>
}

/** @param db any role that may read the record; @param onAge told when the finding changes */
export function markKeeper(dependencies: {
  readonly db: Db
  readonly marks: MarkStore
  readonly onAge?: (compared: Compared) => void
}): MarkKeeper {
  const { db, marks, onAge } = dependencies
  // Only a mark that somebody else replaced has to be read again.
  let held: { readonly mark: KeptMark | undefined } | undefined
  let last: RecordAge | undefined

  const compare = async (): Promise<Compared> => {
    for (;;) {
      held ??= { mark: await marks.read() }
      const { mark } = held
      const now = await recordNow(db)
      const age = recordAge(now, mark)
      const compared = { age, now, mark }
      if (!mayGoOn(age) || (age === 'agrees' && mark?.reached === now.reached)) return compared
      const moved = await marks.replace(mark, now)
      held = moved === undefined ? undefined : { mark: moved }
      if (moved !== undefined) return { ...compared, mark: moved }
    }
  }
  return {
    compare: async () => {
      const compared = await compare()
      if (compared.age !== last) onAge?.(compared)
      last = compared.age
      return compared
    },
  }
}
