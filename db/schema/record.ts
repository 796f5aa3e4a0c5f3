/** What the record knows of itself as a whole: without an identity and a word on what was accepted, a restored copy would pass for the original. */
import { sql } from 'drizzle-orm'
import { bigint, boolean, check, pgTable, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/schema/columns.ts'

/** One row. */
export const record = pgTable(
  'record',
  {
    /** There is one record, and so one row. */
    one: boolean('one').primaryKey().default(true),
    /** Given once; a copy of the database carries it along, another database has another. */
    identity: uuid('identity').notNull().defaultRandom(),
    /** The mark above which nothing is here and an operator said to go on without it (docs/operations.md). */
    acceptedMark: bigint('accepted_mark', { mode: 'number' }),
    acceptedAt: instant('accepted_at'),
  },
  () => [check('record_one', sql`one`)],
)
