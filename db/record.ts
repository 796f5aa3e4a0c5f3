/** The record as a whole: its identity, how far it has come, and what an operator accepted as lost. */
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '#db/client.ts'
import { record } from '#db/schema/record.ts'
import type { RecordNow } from '#domain/record-age.ts'

/** One statement, read from the end of an index; for every role. */
export async function recordNow(db: Db): Promise<RecordNow> {
  const [row] = await db.orm.execute<{ identity: string; reached: string; accepted: string | null; putBack: boolean }>(
    sql`select identity, accepted_mark as accepted, put_back as "putBack", audit.reached() as reached from record`,
  )
  if (row === undefined) throw new Error('the record has no identity: bevis migrate has not run')
  const { identity, reached, accepted, putBack } = row
  return {
    identity,
    reached: Number(reached),
    putBack,
    ...(accepted === null ? {} : { acceptedMark: Number(accepted) }),
  }
}

/** Notes that what lies between this database and the mark is given up. For the role `bevis_api`. */
export async function acceptMark(db: Db, mark: number): Promise<void> {
  await db.orm.update(record).set({ acceptedMark: mark, putBack: false, acceptedAt: sql`clock_timestamp()` })
}

/** Notes that the log holds entries again whose record is lost: by its numbers this database could pass for a whole one. For the database's owner. */
export async function notePutBack(tx: Tx): Promise<void> {
  await tx.orm.update(record).set({ putBack: true })
}
