/** Requests that were answered under a key of the caller's own; without it a lost answer would make people do things twice. */
import { index, pgTable, primaryKey } from 'drizzle-orm/pg-core'
import { bytes, instant, institutionColumn } from '#db/schema/columns.ts'

/** Kept a day (docs/decisions/0025). Who asked for what under which key is a keyed digest. */
export const keptRequest = pgTable(
  'kept_request',
  {
    institution: institutionColumn(),
    /** HMAC over person, path and key. */
    id: bytes('id').notNull(),
    /** HMAC over the body. */
    content: bytes('content').notNull(),
    startedAt: instant('started_at').notNull(),
    /** Sealed; null while the request is carried out. */
    answer: bytes('answer'),
  },
  (t) => [primaryKey({ columns: [t.institution, t.id] }), index('kept_request_started').on(t.institution, t.startedAt)],
)
