/** What institutions declared: versioned register items, person references, per-subject keys. */
import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytes, instant, institutionColumn } from '#db/schema/columns.ts'

export const institution = pgTable('institution', {
  institution: institutionColumn().primaryKey(),
  /** Log origin `<host>/<institution>`, without a port (contracts §2). */
  origin: text('origin').notNull(),
  /** The institution's own trail: register changes, keys, who looked. Drawn at random when the institution is first applied. */
  trail: uuid('trail').notNull().unique(),
  body: jsonb('body').notNull(),
  /** Register revision in force; raised by each apply that changed anything. */
  revision: integer('revision').notNull().default(0),
  /** Seal over the emitters in force (db/emitters.ts); empty before the first one was declared, and in databases older than it. */
  emitters: jsonb('emitters'),
})

/** One row per version of an item; `revisionUntil` null is the one in force. History is never deleted. */
export const registerItem = pgTable(
  'register_item',
  {
    institution: institutionColumn(),
    kind: text('kind').notNull(),
    id: text('id').notNull(),
    revisionFrom: integer('revision_from').notNull(),
    revisionUntil: integer('revision_until'),
    /** `register`: declared in the files, and ended by them. `api`: declared by a person, whom no file overrules. */
    origin: text('origin').notNull().default('register'),
    appliedAt: instant('applied_at').notNull().default(sql`now()`),
    digest: text('digest').notNull(),
    body: jsonb('body').notNull(),
    /** Names and birth dates, encrypted under the subject's key. */
    personal: bytes('personal'),
  },
  (t) => [
    primaryKey({ columns: [t.institution, t.kind, t.id, t.revisionFrom] }),
    uniqueIndex('register_item_in_force').on(t.institution, t.kind, t.id).where(sql`revision_until is null`),
  ],
)

/** HMAC of (scheme, value) → person (contracts §3). */
export const personReference = pgTable(
  'person_reference',
  {
    institution: institutionColumn(),
    reference: bytes('reference').notNull(),
    scheme: text('scheme').notNull(),
    person: text('person').notNull(),
    origin: text('origin').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.institution, t.reference] }),
    index('person_reference_person').on(t.institution, t.person),
  ],
)

/** Two person ids that are one human being; never inferred from names. */
export const personLink = pgTable(
  'person_link',
  {
    institution: institutionColumn(),
    a: text('a').notNull(),
    b: text('b').notNull(),
    origin: text('origin').notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.a, t.b] })],
)

/**
 * Per-subject data key wrapped by the institution key; destroying it erases every copy (contracts §10). The row stays without its key,
 * so that nobody who was erased is given another.
 */
export const subjectKey = pgTable(
  'subject_key',
  {
    institution: institutionColumn(),
    subject: text('subject').notNull(),
    wrapped: bytes('wrapped'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    destroyedAt: instant('destroyed_at'),
  },
  (t) => [primaryKey({ columns: [t.institution, t.subject] })],
)

/** Highest sequence number seen per source, so that a withheld event shows. */
export const emitterSequence = pgTable(
  'emitter_sequence',
  {
    institution: institutionColumn(),
    source: text('source').notNull(),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    eventKey: bytes('event_key').notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.source, t.sequence] })],
)

/** A changed register that somebody proposes and somebody else approves. */
export const registerProposal = pgTable(
  'register_proposal',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    /** proposed, approved, refused. */
    state: text('state').notNull(),
    /** A code. */
    reason: text('reason').notNull(),
    /** Sealed, for names stand in them; gone when it is decided. */
    files: bytes('files'),
    proposedBy: text('proposed_by').notNull(),
    proposedAt: instant('proposed_at').notNull().default(sql`clock_timestamp()`),
    decidedBy: text('decided_by'),
    decidedAt: instant('decided_at'),
    /** In force since it was approved. */
    revision: integer('revision'),
  },
  (t) => [index('register_proposal_proposed').on(t.institution, t.proposedAt, t.id)],
)
