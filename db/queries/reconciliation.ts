/**
 * What the record says in one place held against what it says in another. Without it an event that a source withheld, or a signature that
 * no trail tells of, would be noticed by nobody: a log proves what was written, never that all was (audit-log §13, T3).
 */
import { type SQL, sql } from 'drizzle-orm'
import { list, type Tx } from '#db/client.ts'
import { differingRules } from '#db/rule-sets.ts'
import { attempt } from './attempt.ts'
import { lostSinceTold } from './counted.ts'
import { liftedGuards } from './guards.ts'
import { differingLists } from './published-lists.ts'
import { registerDifferences } from './register-held.ts'
import { strays } from './strays.ts'
import { staffOf, untold } from './told.ts'

/** Numbers of a source that never came in; what became a dead letter has not come in either. */
export interface SequenceGap {
  readonly source: string
  /** First and last number that is missing. */
  readonly from: number
  readonly until: number
  /** False while a later number came so recently that these may still be on their way. */
  readonly overdue: boolean
}

/** A source that numbers its events, from 1. */
export interface Source {
  readonly source: string
  readonly highest: number
  readonly missing: number
}

/** What one place tells and another does not. */
export interface Discrepancy {
  readonly kind: DiscrepancyKind
  /** Id of the credential, case, revocation or trail. */
  readonly what: string
}

export interface Reconciliation {
  readonly sources: readonly Source[]
  readonly gaps: readonly SequenceGap[]
  readonly discrepancies: readonly Discrepancy[]
  /** True when there are more gaps or discrepancies of a kind than were asked for. */
  readonly more: boolean
}

export interface Reconciling {
  /** At most so many gaps, and discrepancies of each kind. */
  readonly limit: number
  /** What is younger may still be on its way. */
  readonly graceSeconds: number
}

/** The usual grace: every retry of ours is quicker. */
export const usualGraceSeconds = 3_600

/** Holds the institution's record against itself. Reads all of it, in one snapshot. */
export async function reconcile(tx: Tx, { limit, graceSeconds }: Reconciling): Promise<Reconciliation> {
  const sources = await sourcesOf(tx)
  const gaps = await sequenceGaps(tx, { limit: limit + 1, graceSeconds })
  const discrepancies: Discrepancy[] = []
  let more = gaps.length > limit
  const note = (kind: DiscrepancyKind, found: readonly string[]) => {
    discrepancies.push(...found.slice(0, limit).map((what) => ({ kind, what })))
    more ||= found.length > limit
  }
  const inSql = { ...comparisons(tx, graceSeconds), ...untold(tx, await staffOf(tx)), ...lostSinceTold(tx) }
  const looks: readonly (readonly [DiscrepancyKind, () => Promise<readonly string[]>])[] = [
    ...Object.entries(inSql).map(
      ([kind, found]) => [kind as DiscrepancyKind, () => idsOf(tx, found, limit + 1)] as const,
    ),
    ['list-differs', () => differingLists(tx)],
    ['register-differs', () => registerDifferences(tx)],
    ['rules-differ', () => differingRules(tx)],
    ['institution-unregistered', () => idsOf(tx, sql`select unregistered() as what`, limit + 1)],
    ['guard-differs', () => liftedGuards(tx)],
  ]
  for (const [kind, look] of looks) {
    const found = await attempt(tx, look)
    if (found === undefined) note('comparison-failed', [kind])
    else note(kind, found)
  }
  return { sources, gaps: gaps.slice(0, limit), discrepancies, more }
}

async function idsOf(tx: Tx, found: SQL, limit: number): Promise<string[]> {
  const rows = await tx.execute<{ what: string }>(
    sql`with found as materialized (${found}) select what from found order by what limit ${limit}`,
  )
  return rows.map(({ what }) => what)
}

async function sourcesOf(tx: Tx): Promise<Source[]> {
  const rows = await tx.execute<{ source: string; highest: string; missing: string }>(sql`
    select source, max(sequence) as highest, max(sequence) - count(*) as missing
    from emitter_sequence where institution = ${tx.institution} group by source order by source`)
  return rows.map(({ source, highest, missing }) => ({ source, highest: Number(highest), missing: Number(missing) }))
}

/** Every gap below the highest number seen, by source. A number that was withheld last shows when the next one comes. */
export async function sequenceGaps(tx: Tx, { limit, graceSeconds }: Reconciling): Promise<SequenceGap[]> {
  const rows = await tx.execute<{ source: string; from: string; until: string; overdue: boolean }>(sql`
    select gap.source, before + 1 as "from", sequence - 1 as until,
      coalesce((select i.received_at < clock_timestamp() - make_interval(secs => ${graceSeconds}) from inbox i
        where i.event_key = gap.event_key), true) as overdue
    from (
      select source, sequence, event_key, lag(sequence, 1, 0::bigint) over (partition by source order by sequence) as before
      from emitter_sequence where institution = ${tx.institution}
    ) as gap
    where sequence > before + 1 order by gap.source, sequence limit ${limit}`)
  return rows.map(({ source, from, until, overdue }) => ({ source, from: Number(from), until: Number(until), overdue }))
}

/** `list-differs`: a published status list says otherwise than the bits; `register-differs`: the register in force is not the one applied; `rules-differ`: kept rules are not what their digest says; `institution-unregistered`: rows of an institution that has no register, which else nobody sees; `comparison-failed`: a row is such that the comparison named cannot be made; `guard-differs`: what the database forbids is not what migrations made. */
export type DiscrepancyKind =
  | keyof ReturnType<typeof comparisons>
  | keyof ReturnType<typeof untold>
  | keyof ReturnType<typeof lostSinceTold>
  | 'list-differs'
  | 'register-differs'
  | 'rules-differ'
  | 'institution-unregistered'
  | 'comparison-failed'
  | 'guard-differs'

/** Kind → the ids it is true of. Each is a sentence about the whole institution, so that nothing falls between two of them. */
function comparisons(tx: Tx, graceSeconds: number) {
  const of = (table: string) => sql`${sql.raw(table)}.institution = ${tx.institution}`
  const old = (at: SQL) => sql`${at} < clock_timestamp() - make_interval(secs => ${graceSeconds})`
  const entryOf = (caseId: SQL, id: SQL) =>
    sql`exists (select from audit.entry e join cases k on k.institution = e.institution and k.trail = e.trail
      where e.institution = ${tx.institution} and k.id = ${caseId} and e.entry_id = ${id})`
  const told = (trail: SQL, ...types: readonly string[]) => sql`
    exists (select from audit.entry e where ${of('e')} and e.trail = ${trail} and e.type = any(${list([...types])}::text[]))`
  const ended = sql`('issued', 'recorded', 'refused', 'withdrawn')`
  return {
    /** A signature that no trail tells of: somebody signed, or planted what was signed, beside the record. */
    'signature-untold': sql`
      select x.id as what from credential x where ${of('x')}
        and not ${entryOf(sql`x.case_id`, sql`x.case_id || ':credential.issued:' || x.id || ':' || x.format`)}`,
    /** A signature that nobody intended in writing, or under another key than intended. */
    'signature-unrequested': sql`
      select x.id as what from credential x where ${of('x')}
        and not exists (select from signing_request s where s.credential_id = x.id and s.case_id = x.case_id and s.kid = x.kid)`,
    /** A signature for which no clearance in its case's trail names the credential. */
    'signature-uncleared': sql`
      select x.id as what from credential x left join cases c on c.id = x.case_id where ${of('x')}
        and not exists (select from audit.entry e where e.institution = ${tx.institution} and e.trail = c.trail
          and e.type = 'issuance.cleared/1' and convert_from(e.leaf, 'UTF8')::jsonb -> 'data' -> 'credentials' ? x.id)`,
    'signature-without-slot': sql`
      select x.id as what from credential x where ${of('x')} and not exists (select from status_slot s where s.credential_id = x.id)`,
    /** A trail tells of a signature that is nowhere. */
    'signature-lost': sql`
      select convert_from(e.leaf, 'UTF8')::jsonb -> 'data' ->> 'credential' as what from audit.entry e where ${of('e')}
        and e.type = 'credential.issued/1' and not exists (
          select from credential x where x.id = convert_from(e.leaf, 'UTF8')::jsonb -> 'data' ->> 'credential')`,
    /** An intention to sign that led to nothing. */
    'request-unanswered': sql`
      select s.credential_id as what from signing_request s where ${of('s')} and ${old(sql`s.requested_at`)}
        and not exists (select from credential x where x.id = s.credential_id)`,
    'request-untold': sql`
      select s.credential_id as what from signing_request s where ${of('s')}
        and not ${entryOf(sql`s.case_id`, sql`s.case_id || ':signing.requested:' || s.credential_id`)}`,
    /** Cleared, and neither issued, recorded nor sent back since. */
    'clearance-without-end': sql`
      select c.id as what from cases c where ${of('c')} and c.state = 'cleared' and ${old(sql`c.changed_at`)}`,
    /** The case stands where its trail does not say it came to. */
    'end-untold': sql`
      select c.id as what from cases c where ${of('c')} and c.state in ${ended}
        and not ${told(sql`c.trail`, 'case.issued/1', 'case.recorded/1', 'case.refused/1', 'case.withdrawn/1')}`,
    'issued-without-signature': sql`
      select c.id as what from cases c where ${of('c')} and c.state = 'issued'
        and not exists (select from credential x where x.case_id = c.id)`,
    /** Ended, and the trail does not end in a seal: cut short, or older than seals. */
    'trail-unsealed': sql`
      select c.id as what from cases c left join audit.trail t on t.institution = c.institution and t.trail = c.trail
      where ${of('c')} and c.state in ${ended} and t.sealed is not true`,
    /** Revoked, and the status list says otherwise. */
    'revocation-without-bit': sql`
      select r.id as what from revocation r where ${of('r')} and r.state = 'executed'
        and not exists (select from status_slot s where s.credential_id = r.credential_id and s.value <> 0)`,
    'revocation-untold': sql`
      select r.id as what from revocation r where ${of('r')} and r.state = 'executed'
        and not ${entryOf(sql`r.case_id`, sql`r.case_id || ':revoked:' || r.id`)}`,
    'revocation-unexecuted': sql`
      select r.id as what from revocation r where ${of('r')} and r.state = 'approved' and ${old(sql`r.approved_at`)}`,
    /** The status list says revoked, and nobody revoked it. */
    'bit-without-revocation': sql`
      select s.credential_id as what from status_slot s where ${of('s')} and s.value <> 0 and s.credential_id is not null
        and not exists (select from revocation r where r.credential_id = s.credential_id and r.state = 'executed')`,
    'list-unpublished': sql`
      select l.id as what from status_list l where ${of('l')} and l.version > l.published_version
        and ${old(sql`coalesce(l.published_at, '-infinity')`)}
        and exists (select from status_slot s where s.list_id = l.id and ${old(sql`s.changed_at`)})`,
    ...strays(tx),
  } as const satisfies Readonly<Record<string, SQL>>
}
