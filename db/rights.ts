/** Who may do what in the database, on one page: without it the authority of contracts §4 would hide in a pile of migrations. */

/** Login roles, one per process (contracts §4). None owns anything. */
export const roles = [
  'bevis_intake',
  'bevis_pipeline',
  'bevis_api',
  'bevis_signing',
  'bevis_relay',
  'bevis_sequencer',
  'bevis_auditor',
] as const
export type Role = (typeof roles)[number]

/** Owns schema audit and its functions; nobody can log in as it (audit-log §9.1). */
export const auditOwner = 'bevis_audit_owner'

type Short = 'intake' | 'pipeline' | 'api' | 'signing' | 'relay' | 'sequencer' | 'auditor'
type Granted = Readonly<Partial<Record<Short, string>>>

/** `SELECT … FOR UPDATE` needs the right to update some column; this one says nothing. */
const lock = 'update (changed_at)'

/**
 * Table → role → what stands between GRANT and ON. Row-level security narrows every line to one institution; a few policies
 * narrow or widen further (migration `tenancy`). Nobody may delete from the record; what two persons have decided to erase goes through erase() alone.
 */
export const rights: Readonly<Record<string, Granted>> = {
  // The register: declared by people through the API's role
  'public.institution': {
    intake: 'select',
    pipeline: 'select',
    api: 'select, insert, update (body, revision, emitters)',
    signing: 'select',
    sequencer: 'select',
    auditor: 'select',
  },
  'public.register_item': {
    intake: 'select',
    pipeline: 'select',
    api: 'select, insert, update (revision_until)',
    signing: 'select',
    auditor: 'select',
  },
  'public.register_proposal': {
    api: 'select, insert, update (state, files, decided_by, decided_at, revision)',
    auditor: 'select',
  },
  'public.person_reference': { intake: 'select, insert', pipeline: 'select', api: 'select, insert', signing: 'select' },
  'public.person_link': {
    intake: 'select, insert',
    pipeline: 'select',
    api: 'select, insert',
    signing: 'select',
    auditor: 'select',
  },
  // Whoever encrypts for a subject may be the first to do so
  'public.subject_key': {
    intake: 'select, insert',
    pipeline: 'select, insert',
    api: 'select, insert',
    signing: 'select, insert',
  },

  // The record as a whole; who restores an older copy says so through the API's role (docs/decisions/0043)
  'public.record': {
    intake: 'select',
    pipeline: 'select',
    api: 'select, update (accepted_mark, accepted_at, put_back)',
    signing: 'select',
    relay: 'select',
    sequencer: 'select',
    auditor: 'select',
  },

  // What came in
  'public.inbox': {
    intake: 'select, insert, update (state, repeats, unresolved, payload)',
    // For the nightly reconciliation: that it came, and when
    pipeline: 'select (institution, event_key, received_at)',
    api: 'select',
    auditor: 'select',
  },
  'public.emitter_sequence': { intake: 'select, insert', pipeline: 'select', api: 'select', auditor: 'select' },
  'public.evidence': {
    intake: 'select, insert, update (withdrawn_by)',
    pipeline: 'select',
    api: 'select',
    auditor: 'select',
  },
  'public.dead_letter': {
    intake: 'select, insert, update (state, repeats, closed_by, closed_reason, closed_at)',
    // To find those that name somebody who is erased
    pipeline: 'select',
    api: 'select, update (state, closed_by, closed_reason, closed_at)',
    relay: 'select (institution, state, received_at)',
    auditor: 'select',
  },

  // Cases and what was found about them
  'public.cases': {
    intake: 'select, insert, update (evidence_version, changed_at)',
    pipeline:
      'select, update (achievement, achievement_version, promised, state, step, waiting_for, waiting_since, waiting_until, evidence_level, level, frozen_digest, changed_at)',
    api: `select, ${lock}`,
    signing: `select, ${lock}`,
    // Counts for operators (db/queries/figures.ts); nothing that tells whose case it is
    relay: 'select (institution, state, step, waiting_since, waiting_until, changed_at)',
    auditor: 'select',
  },
  'public.rule_set': {
    intake: 'select',
    pipeline: 'select, insert',
    api: 'select',
    signing: 'select',
    auditor: 'select',
  },
  'public.verdict': { pipeline: 'select, insert', api: 'select', signing: 'select', auditor: 'select' },
  'public.case_appointment': {
    pipeline: 'select, insert, update (ended_at, ended_because)',
    api: 'select, insert, update (ended_at, ended_because)',
    signing: 'select',
    auditor: 'select',
  },
  'public.decision': { pipeline: 'select', api: 'select, insert', signing: 'select', auditor: 'select' },
  'public.decision_list': { api: 'select, insert, update (opened)', auditor: 'select' },
  // Answers kept for a day: no part of the record, so the only rows that may go
  'public.kept_request': { pipeline: 'select', api: 'select, insert, update (content, started_at, answer), delete' },
  'public.review': {
    intake: 'select, insert',
    pipeline: 'select, insert',
    api: 'select, update (closed_at)',
    auditor: 'select',
  },

  // Erasure: people decide through the API's role, the pipeline executes through erase() (docs/decisions/0062)
  'public.erasure': {
    pipeline: 'select, insert, update (state, ended_at, because)',
    api: 'select, insert, update (state, basis, archive, decision, detail, proposed_by, proposed_at, decided_by, decided_at)',
    auditor: 'select',
  },
  'public.legal_hold': {
    pipeline: 'select',
    api: 'select, insert, update (lifted_by, lifted_at, lift_decision)',
    auditor: 'select',
  },
  'public.protected_person': {
    // That an entry tells of each, for the nightly reconciliation; not of whom
    pipeline: 'select (institution, marked_at, ended_at)',
    api: 'select, insert, update (ended_by, ended_at, end_decision)',
    auditor: 'select',
  },

  // What leaves the house
  'public.outbox': {
    intake: 'select, insert, update (done_at, attempts)',
    pipeline: 'select, insert',
    api: 'select, insert, update (done_at, attempts)',
    relay: 'select, update (due_at, attempts, done_at)',
  },
  'public.signing_request': {
    // In place of one that led to nothing, when its case is cleared again
    signing: 'select, insert, update (kid, document_digest, issued_at, proved_by)',
    pipeline: 'select',
    api: 'select',
    auditor: 'select',
  },
  'public.credential': { signing: 'select, insert', pipeline: 'select', api: 'select', auditor: 'select' },
  'public.status_list': {
    signing: 'select, insert, update (open, version, published_version, published, published_at)',
    pipeline: 'select',
    // After an older copy was restored no list goes on: a closed one gives no more slots away.
    api: 'select, update (open)',
    relay: 'select (institution, published_at)',
    auditor: 'select',
  },
  'public.status_slot': {
    signing: 'select, insert, update (credential_id, value, changed_at)',
    pipeline: 'select',
    api: 'select',
    auditor: 'select',
  },
  'public.issuer_key': {
    signing: 'select, insert, update (valid_from, valid_until, status)',
    pipeline: 'select',
    api: 'select',
    relay: 'select (institution, status, valid_from)',
    auditor: 'select',
  },
  'public.revocation': {
    api: 'select, insert, update (state, approved_by, approved_at)',
    pipeline: 'select, update (state, verdict, effective_at)',
    signing: 'select, update (state, effective_at)',
    auditor: 'select',
  },

  // The trail: written through audit.append only
  'audit.trail': { pipeline: 'select', api: 'select', signing: 'select', sequencer: 'select', auditor: 'select' },
  'audit.entry': {
    intake: 'select (institution, trail, n, entry_id, type, leaf_hash, at)',
    pipeline: 'select',
    api: 'select',
    signing: 'select',
    sequencer: 'select',
    auditor: 'select',
  },
  'audit.disclosure': { pipeline: 'select', api: 'select', signing: 'select', auditor: 'select' },
  // That every entry has a place in the log, or waits for one, is for the nightly reconciliation to see
  'audit.pending': {
    // `FOR UPDATE` wants the right to change some column
    sequencer: 'select, delete, update (pid)',
    pipeline: 'select (institution, trail, n, leaf_hash)',
    api: 'select (institution, trail, n, leaf_hash)',
    auditor: 'select',
  },
  'audit.leaf': {
    sequencer: 'select, insert',
    pipeline: 'select',
    signing: 'select',
    api: 'select',
    auditor: 'select',
  },
  'audit.tile': {
    sequencer: 'select, insert, update (hashes)',
    signing: 'select',
    api: 'select',
    auditor: 'select',
  },
  'audit.log': {
    sequencer: 'select, insert, update',
    signing: 'select',
    api: 'select',
    auditor: 'select',
  },
  'audit.succession': { sequencer: 'select', signing: 'select', api: 'select', auditor: 'select' },
  'audit.anchor': {
    sequencer: 'select, insert',
    pipeline: 'select (institution, size)',
    api: 'select',
    auditor: 'select',
  },
  'audit.checkpoint': {
    sequencer: 'select, insert',
    pipeline: 'select (institution, size)',
    signing: 'select',
    api: 'select',
    auditor: 'select',
  },
}

/** Function → who may call it. */
export const callers: Readonly<Record<string, readonly Short[]>> = {
  'audit.heads(uuid[])': ['intake', 'pipeline', 'api', 'signing', 'sequencer'],
  'audit.append(text[], integer[], integer[], text[], text[], text[])': [
    'intake',
    'pipeline',
    'api',
    'signing',
    'sequencer',
  ],
  'audit.logs_waiting()': ['sequencer'],
  // Raises versions and nothing else (docs/decisions/0015)
  'public.raise_evidence_versions(text[])': ['intake', 'pipeline', 'api'],
  // Only what two persons decided in their own names (docs/decisions/0062)
  'public.erase(text, text[], text[])': ['pipeline'],
  'public.erasure_blocked(text, text, text[], text)': ['pipeline', 'api'],
  'audit.reached()': ['intake', 'pipeline', 'api', 'signing', 'relay', 'sequencer', 'auditor'],
  // Which institutions have rows here and no register; nothing else of those rows
  'public.unregistered()': ['pipeline', 'api', 'relay', 'auditor'],
  'public.institution_ids()': ['intake', 'pipeline', 'api', 'signing', 'relay', 'sequencer', 'auditor'],
}

/** The page as SQL: everything is taken away first, so that a line removed here is a right removed there. */
export function rightsAsSql(): string[] {
  const everybody = roles.join(', ')
  const away = ['public', 'audit'].flatMap((schema) => [
    `revoke all on schema ${schema} from public, ${everybody}`,
    `revoke all on all tables in schema ${schema} from public, ${everybody}`,
    `revoke all on all sequences in schema ${schema} from public, ${everybody}`,
    `revoke all on all functions in schema ${schema} from public, ${everybody}`,
    `grant usage on schema ${schema} to ${everybody}`,
  ])
  const tables = Object.entries(rights).flatMap(([table, granted]) =>
    Object.entries(granted).map(([role, what]) => `grant ${what} on ${table} to bevis_${role}`),
  )
  const functions = Object.entries(callers).map(
    ([name, who]) => `grant execute on function ${name} to ${who.map((role) => `bevis_${role}`).join(', ')}`,
  )
  // What readiness compares: has this database the shape the code expects?
  const shape = [
    `grant usage on schema drizzle to ${everybody}`,
    `grant select on drizzle.__drizzle_migrations to ${everybody}`,
  ]
  return [...away, ...tables, ...functions, ...shape]
}
