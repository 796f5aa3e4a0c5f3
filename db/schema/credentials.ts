/** Signing requests, signed documents, status slots and lists, revocations: what leaves the house and can be taken back. */
import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { bytes, instant, institutionColumn } from '#db/schema/columns.ts'

/** The intention, written before the key is touched (contracts §8). */
export const signingRequest = pgTable(
  'signing_request',
  {
    credentialId: text('credential_id').primaryKey(),
    institution: institutionColumn(),
    caseId: text('case_id').notNull(),
    kid: text('kid').notNull(),
    documentDigest: text('document_digest').notNull(),
    issuedAt: instant('issued_at').notNull(),
    /** Size of the checkpoint whose proof stands in the document: a repeat proves by the same one. */
    provedBy: bigint('proved_by', { mode: 'number' }),
    requestedAt: instant('requested_at').notNull().default(sql`now()`),
  },
  (t) => [index('signing_request_issued').on(t.institution, t.issuedAt, t.credentialId)],
)

/** One stored signature per (credential, format), whatever crashes. */
export const credential = pgTable(
  'credential',
  {
    id: text('id').notNull(),
    institution: institutionColumn(),
    caseId: text('case_id').notNull(),
    format: text('format').notNull(),
    kid: text('kid').notNull(),
    digest: text('digest').notNull(),
    /** The compact signed document, encrypted under the learner's key. */
    body: bytes('body').notNull(),
    issuedAt: instant('issued_at').notNull(),
    validUntil: instant('valid_until'),
    storedAt: instant('stored_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.id, t.format] }), index('credential_case').on(t.institution, t.caseId)],
)

export const statusList = pgTable(
  'status_list',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    purpose: text('purpose').notNull(),
    size: integer('size').notNull(),
    open: boolean('open').notNull().default(true),
    /** Raised by every change of a bit; the published one follows. */
    version: integer('version').notNull().default(1),
    publishedVersion: integer('published_version').notNull().default(0),
    published: text('published'),
    publishedAt: instant('published_at'),
  },
  (t) => [uniqueIndex('status_list_open').on(t.institution, t.purpose).where(sql`open`)],
)

/** A random slot claimed before signing and never lost; decoys have no credential. */
export const statusSlot = pgTable(
  'status_slot',
  {
    listId: text('list_id').notNull(),
    slot: integer('slot').notNull(),
    institution: institutionColumn(),
    credentialId: text('credential_id'),
    value: integer('value').notNull().default(0),
    changedAt: instant('changed_at'),
  },
  (t) => [
    primaryKey({ columns: [t.listId, t.slot] }),
    uniqueIndex('status_slot_credential').on(t.credentialId).where(sql`credential_id is not null`),
  ],
)

export const revocation = pgTable(
  'revocation',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    credentialId: text('credential_id').notNull(),
    caseId: text('case_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    state: text('state').notNull(),
    reason: text('reason').notNull(),
    /** The credential that stands in its place, where one was issued before this is taken back. */
    successor: text('successor'),
    detail: bytes('detail').notNull(),
    proposedBy: text('proposed_by').notNull(),
    proposedAt: instant('proposed_at').notNull().default(sql`now()`),
    approvedBy: text('approved_by'),
    approvedAt: instant('approved_at'),
    effectiveAt: instant('effective_at'),
    verdict: jsonb('verdict'),
    idempotencyKey: text('idempotency_key').notNull(),
  },
  (t) => [
    index('revocation_proposed').on(t.institution, t.proposedAt, t.id),
    unique('revocation_ordinal').on(t.institution, t.credentialId, t.ordinal),
    unique('revocation_idempotency').on(t.institution, t.credentialId, t.idempotencyKey),
  ],
)

/** Public halves of issuer keys with their windows; old ones stay so that old credentials verify. */
export const issuerKey = pgTable('issuer_key', {
  kid: text('kid').primaryKey(),
  institution: institutionColumn(),
  jwk: jsonb('jwk').notNull(),
  alg: text('alg').notNull(),
  validFrom: instant('valid_from').notNull(),
  validUntil: instant('valid_until'),
  status: text('status').notNull(),
})
