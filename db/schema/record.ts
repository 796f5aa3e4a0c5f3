/** What the record knows of itself as a whole: without an identity and a word on what was accepted, a restored copy would pass for the original. */
import { sql } from 'drizzle-orm'
import { bigint, boolean, check, jsonb, pgTable, uuid } from 'drizzle-orm/pg-core'
import { instant } from '#db/schema/columns.ts'

/** Secret → keyed digest of the record's identity, base64url. */
export type SecretsMark = Readonly<Record<string, string>>

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
    /** Entries were put back into the log here, so that it tells of more than the record holds; until an operator said to go on without that. */
    putBack: boolean('put_back').notNull().default(false),
    /** Which secrets personal data here is sealed with, without telling them; written by the owner (db/secrets-mark.ts). */
    secretsMark: jsonb('secrets_mark').$type<SecretsMark>(),
  },
  () => [check('record_one', sql`one`)],
)
