/** What is to be erased, by whose decision, and what holds it back: without rows two persons' word would be a promise in a workflow's memory. */
import { sql } from 'drizzle-orm'
import { check, index, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import { bytes, instant, institutionColumn } from '#db/schema/columns.ts'

/** A proposal to erase, and what came of it (docs/erasure.md). */
export const erasure = pgTable(
  'erasure',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    /** Whose data; an id that means nothing once the references are gone. */
    person: text('person').notNull(),
    /** Null: of all the person's cases. */
    caseId: text('case_id'),
    classes: text('classes').array().notNull(),
    /** Codes of domain/erasure.ts. */
    basis: text('basis').notNull(),
    archive: text('archive'),
    /** Reference of the decision, as the institution's registry has it. */
    decision: text('decision').notNull(),
    /** Why, in words; encrypted under the person's key, empty once erased. */
    detail: bytes('detail').notNull(),
    /** The retention rule by which a machine suggested it. */
    rule: text('rule'),
    state: text('state').notNull().default('proposed'),
    /** Empty while nobody has adopted what a machine suggested. */
    proposedBy: text('proposed_by'),
    proposedAt: instant('proposed_at').notNull().default(sql`clock_timestamp()`),
    decidedBy: text('decided_by'),
    decidedAt: instant('decided_at'),
    endedAt: instant('ended_at'),
    /** What held it back when it was to be done. */
    because: text('because'),
    /** How many rows of each kind went. */
    counts: jsonb('counts'),
  },
  (t) => [
    uniqueIndex('erasure_open')
      .on(t.institution, t.person, sql`coalesce(case_id, '')`)
      .where(sql`state in ('suggested', 'proposed', 'approved')`),
    index('erasure_proposed').on(t.institution, t.proposedAt, t.id),
    check(
      'erasure_state',
      sql`state in ('suggested', 'proposed', 'approved', 'refused', 'expired', 'blocked', 'executed')`,
    ),
    // Two persons, whatever anybody writes.
    check('erasure_by_two', sql`state not in ('approved', 'executed') or coalesce(proposed_by <> decided_by, false)`),
  ],
)

/** Nothing of the person, or of the case, is erased or disposed of while this stands. */
export const legalHold = pgTable(
  'legal_hold',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    person: text('person').notNull(),
    caseId: text('case_id'),
    reason: text('reason').notNull(),
    decision: text('decision').notNull(),
    placedBy: text('placed_by').notNull(),
    placedAt: instant('placed_at').notNull().default(sql`clock_timestamp()`),
    liftedBy: text('lifted_by'),
    liftedAt: instant('lifted_at'),
    liftDecision: text('lift_decision'),
  },
  (t) => [
    index('legal_hold_standing').on(t.institution, t.person).where(sql`lifted_at is null`),
    index('legal_hold_placed').on(t.institution, t.placedAt, t.id),
  ],
)

/** Persons whom an officer marked as protected, beside those the register marks. */
export const protectedPerson = pgTable(
  'protected_person',
  {
    institution: institutionColumn(),
    person: text('person').notNull(),
    reason: text('reason').notNull(),
    decision: text('decision').notNull(),
    markedBy: text('marked_by').notNull(),
    markedAt: instant('marked_at').notNull().default(sql`clock_timestamp()`),
    endedBy: text('ended_by'),
    endedAt: instant('ended_at'),
    endDecision: text('end_decision'),
  },
  (t) => [
    primaryKey({ columns: [t.institution, t.person, t.markedAt] }),
    uniqueIndex('protected_person_now').on(t.institution, t.person).where(sql`ended_at is null`),
  ],
)
