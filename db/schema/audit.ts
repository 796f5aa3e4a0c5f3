/** The trail as the database keeps it (audit-log §5, contracts §9). Written only through audit.append; tree and checkpoints come on top unchanged. */
import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  check,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, instant, institutionColumn } from '#db/schema/columns.ts'

export const audit = pgSchema('audit')

/** Head of each trail; the only audit rows that change. */
export const trail = audit.table(
  'trail',
  {
    institution: institutionColumn(),
    trail: uuid('trail').notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
    head: bytes('head').notNull(),
    /** Time of the last entry: none that follows is dated before it (docs/decisions/0056). Empty where nothing followed migration 0018. */
    at: instant('at'),
    /** The last entry is a seal, so that whatever follows is sealed again (docs/decisions/0069). */
    sealed: boolean('sealed').notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.institution, t.trail] })],
)

export const entry = audit.table(
  'entry',
  {
    institution: institutionColumn(),
    trail: uuid('trail').notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
    entryId: text('entry_id').notNull(),
    type: text('type').notNull(),
    at: instant('at').notNull(),
    actorKind: text('actor_kind').notNull(),
    leaf: bytes('leaf').notNull(),
    leafHash: bytes('leaf_hash').generatedAlwaysAs(sql`sha256('\\x00'::bytea || leaf)`),
  },
  (t) => [
    primaryKey({ columns: [t.institution, t.trail, t.n] }),
    // Once in its trail: in a trail of a life before a restored copy the same may stand too (docs/decisions/0076).
    uniqueIndex('entry_id_in_trail').on(t.institution, t.entryId, t.trail),
    // What is looked up by its type alone: by reconciliation (db/queries), which would read all entries a dozen times each night for a few,
    // and by the registers that stand in entries only (db/acts.ts).
    index('entry_rare')
      .on(t.institution, t.type)
      .where(sql`type in ('credential.revoked/1', 'dead-letter.discarded/1', 'hold.placed/1', 'key.created/1',
      'person.protected/1', 'person.unprotected/1', 'privacy.erased/1', 'reconciliation.done/1', 'record.gone-on-without/1',
      'quality.reviewed/1', 'quality.action-closed/1', 'appeal.lodged/1', 'appeal.acknowledged/1', 'appeal.decided/1', 'appeal.closed/1',
      'complaint.received/1', 'complaint.acknowledged/1', 'complaint.progressed/1', 'complaint.closed/1')`),
    // The columns may never say anything else than the signed bytes (audit-log §4).
    check(
      'entry_is_its_leaf',
      sql`convert_from(leaf, 'UTF8')::jsonb @> jsonb_build_object(
        'v', 'bevis-audit/1', 'trail', trail::text, 'n', n, 'id', entry_id, 'type', type,
        'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'actor', jsonb_build_object('kind', actor_kind))`,
    ),
    check(
      'entry_of_its_log',
      sql`coalesce(right(convert_from(leaf, 'UTF8')::jsonb ->> 'log', length(institution) + 1) = '/' || institution, false)`,
    ),
    check('entry_actor_kind', sql`actor_kind in ('human', 'service', 'workflow')`),
    check('entry_size', sql`octet_length(leaf) <= 65535`),
  ],
)

/** What the sequencer will take. */
export const pending = audit.table(
  'pending',
  {
    pid: bigserial('pid', { mode: 'number' }).primaryKey(),
    institution: institutionColumn(),
    trail: uuid('trail').notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
    leafHash: bytes('leaf_hash').notNull(),
  },
  (t) => [index('pending_of_log').on(t.institution, t.pid)],
)

/** Salt and value behind an `_sd` digest, encrypted under the subject's key; may be deleted from (contracts §10). */
export const disclosure = audit.table(
  'disclosure',
  {
    institution: institutionColumn(),
    trail: uuid('trail').notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
    position: integer('position').notNull(),
    digest: text('digest').notNull(),
    subject: text('subject').notNull(),
    body: bytes('body').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.institution, t.trail, t.n, t.position] }),
    index('disclosure_subject').on(t.institution, t.subject),
  ],
)

/** Where each entry stands in its institution's log: `idx` counts from 0 without gaps, in the order the sequencer took them. */
export const logLeaf = audit.table(
  'leaf',
  {
    institution: institutionColumn(),
    idx: bigint('idx', { mode: 'number' }).notNull(),
    trail: uuid('trail').notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
    leafHash: bytes('leaf_hash').notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.idx] }), unique('leaf_entry').on(t.institution, t.trail, t.n)],
)

/** The tree over those leaves (RFC 9162 §2.1), in tiles of 256 hashes (C2SP tlog-tiles); the last of a level grows. */
export const logTile = audit.table(
  'tile',
  {
    institution: institutionColumn(),
    level: integer('level').notNull(),
    idx: bigint('idx', { mode: 'number' }).notNull(),
    hashes: bytes('hashes').notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.level, t.idx] })],
)

/** How far the tree has grown. A frozen log takes nothing and proves nothing new until somebody has looked (docs/log.md). */
export const logState = audit.table('log', {
  institution: text('institution').primaryKey(),
  size: bigint('size', { mode: 'number' }).notNull().default(0),
  /** Highest `pid` of what was ever taken: with what waits it tells how far the record has come (docs/decisions/0043). */
  taken: bigint('taken', { mode: 'number' }).notNull().default(0),
  /** Complete subtrees from left to right, largest first; 32 bytes each. */
  edge: bytes('edge').notNull(),
  root: bytes('root').notNull(),
  frozenBecause: text('frozen_because'),
  frozenAt: instant('frozen_at'),
  /** When the log worker last found this log no older than the lock outside the database. */
  confirmedAt: instant('confirmed_at'),
})

/** Signed and witnessed: `note` bears the cosignatures that made the quorum, and never changes. */
export const checkpoint = audit.table(
  'checkpoint',
  {
    institution: institutionColumn(),
    size: bigint('size', { mode: 'number' }).notNull(),
    root: bytes('root').notNull(),
    note: text('note').notNull(),
    publishedAt: instant('published_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.institution, t.size] })],
)

/** Time-stamps on checkpoints (RFC 3161). The entry that tells of one names its digest; here lies the whole answer of the authority. */
export const anchor = audit.table(
  'anchor',
  {
    institution: institutionColumn(),
    /** Of the checkpoint whose note was stamped. */
    size: bigint('size', { mode: 'number' }).notNull(),
    /** `TimeStampResp`, as it came: a `.tsr` file. */
    token: bytes('token').notNull(),
    genTime: instant('gen_time').notNull(),
    /** The entry `anchor.received/1`. */
    trail: uuid('trail').notNull(),
    n: bigint('n', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.size] })],
)

/** Logs that followed another (docs/decisions/0073). Each row repeats what its entry `log.succeeded/1` says; only the database's owner begins a log. */
export const succession = audit.table(
  'succession',
  {
    institution: institutionColumn(),
    /** Of the log that began; the first log of an institution has no row. */
    generation: integer('generation').notNull(),
    /** Entries it took over. */
    size: bigint('size', { mode: 'number' }).notNull(),
    /** Of them so many are proved to be those of the log before it. */
    kept: bigint('kept', { mode: 'number' }).notNull(),
    /** What the log before it signed last. */
    last: text('last').notNull(),
  },
  (t) => [primaryKey({ columns: [t.institution, t.generation] })],
)
