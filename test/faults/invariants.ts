/** What must hold in the memory after any fault: without it a test of kills would only show that something came out. */
import type postgres from 'postgres'
import { b64url } from '#audit/digest.ts'
import type { Entry } from '#audit/entry.ts'
import { verifyTrail } from '#audit/verify-trail.ts'
import { connectNats, type NatsAddress } from '#connectors/platform/nats.ts'
import type { TemporalClient } from '#connectors/platform/temporal.ts'
import { caseWorkflowId, eventKey } from '#db/ids.ts'
import type { Sent } from '#dev/demo/emitters.ts'
import { isEnd } from '#domain/issuance/state.ts'
import type { CaseState } from '#domain/issuance/transitions.ts'
import { as, type CaseId, type InstitutionId } from '#domain/words.ts'
import { judgeMoves, judgeOrder } from '#verifier/order.ts'

const institution = as<InstitutionId>('norrsken')

/** Every award once: a case, its credential, its signature, its slot, and the entries that tell of them. Empty when all is well. */
export async function doubles(admin: postgres.Sql): Promise<string[]> {
  const rows = await admin<{ fault: string }[]>`
    select 'two cases for one award: ' || min(id) as fault from cases
      group by institution, person, achievement, offering, attempt having count(*) > 1
    union all select 'two credentials for ' || case_id from credential group by case_id having count(distinct id) > 1
    union all select 'two signatures for ' || id || ' as ' || format from credential group by id, format having count(*) > 1
    union all select 'two requests for ' || case_id from signing_request group by case_id having count(*) > 1
    union all select 'two slots for ' || credential_id from status_slot
      where credential_id is not null group by credential_id having count(*) > 1
    union all select 'one slot for two: ' || list_id || '/' || slot from status_slot group by list_id, slot having count(*) > 1
    union all select 'two entries ' || type || ' in ' || trail from audit.entry e
      where type in ('case.opened/1', 'signing.requested/1') and trail in (select trail from cases)
      group by type, trail, ${life(admin)}, (select count(*) from audit.entry g
        where g.trail = e.trail and g.type = 'issuance.cleared/1' and g.n < e.n) having count(*) > 1
    union all select 'more entries of issuing than signatures in ' || e.trail from audit.entry e join cases c on c.trail = e.trail
      where e.type = 'credential.issued/1' group by e.trail, c.id, ${life(admin)}
      having count(*) > (select count(*) from credential x where x.case_id = c.id)`
  return rows.map(({ fault }) => fault)
}

/** How often the case had gone back, when `e` was written. */
function life(admin: postgres.Sql) {
  return admin`(select count(*) from audit.entry g where g.trail = e.trail and g.type = 'case.gone-back/1' and g.n < e.n)`
}

/** What an issued case must have, and nothing that belongs to no case. */
export async function gaps(admin: postgres.Sql): Promise<string[]> {
  const rows = await admin<{ fault: string }[]>`
    select 'issued without a signature: ' || c.id as fault from cases c
      where state = 'issued' and not exists (select from credential x where x.case_id = c.id)
    union all select 'a credential of a case that is not issued: ' || x.id from credential x
      join cases c on c.id = x.case_id where c.state <> 'issued'
    union all select 'a credential that nobody requested: ' || id from credential x
      where not exists (select from signing_request s where s.credential_id = x.id and s.kid = x.kid)
    union all select 'a credential without a slot: ' || id from credential x
      where not exists (select from status_slot s where s.credential_id = x.id)
    union all select 'a slot lost to a credential that never came: ' || credential_id from status_slot s
      where credential_id is not null and not exists (select from credential x where x.id = s.credential_id)
    union all select 'a signature its trail does not tell of: ' || x.id from credential x join cases c on c.id = x.case_id
      where not exists (select from audit.entry e where e.trail = c.trail and e.type = 'credential.issued/1')
    union all select 'an entry nobody will log: ' || e.trail || '/' || e.n from audit.entry e
      where not exists (select from audit.pending p where p.trail = e.trail and p.n = e.n and p.leaf_hash = e.leaf_hash)
        and not exists (select from audit.leaf l where l.trail = e.trail and l.n = e.n and l.leaf_hash = e.leaf_hash)
    union all select 'evidence not in the inbox: ' || id from evidence e
      where not exists (select from inbox i where i.event_key = e.event_key)
    union all select 'an event in the inbox without evidence: ' || source from inbox i
      where not exists (select from evidence e where e.event_key = i.event_key)`
  return rows.map(({ fault }) => fault)
}

/** What is left undone or was done where it must not be, once everything should have come to rest. */
export async function unsettled(admin: postgres.Sql): Promise<string[]> {
  const rows = await admin<{ fault: string }[]>`
    select 'not sent: ' || id || ', tried ' || attempts || ' times' as fault from outbox where done_at is null
    union all select 'signed without a clearance in its trail: ' || x.id from credential x join cases c on c.id = x.case_id
      where not exists (select from audit.entry e where e.trail = c.trail and e.type = 'issuance.cleared/1')
    union all select 'revoked by fewer than two: ' || id from revocation
      where state in ('approved', 'executed') and (approved_by is null or approved_by = proposed_by)
    union all select 'approved and not executed: ' || id from revocation where state = 'approved'
    union all select 'a revocation that nobody sees: ' || r.id from revocation r join status_slot s using (credential_id)
      where r.state = 'executed' and s.value <> 1
    union all select 'a slot set without a revocation: ' || s.credential_id from status_slot s
      where s.value <> 0 and s.credential_id is not null
      and not exists (select from revocation r where r.credential_id = s.credential_id and r.state = 'executed')`
  return rows.map(({ fault }) => fault)
}

/** Workflows that run although their case has ended, and cases under way that nobody conducts. */
export async function misconducted(admin: postgres.Sql, client: TemporalClient): Promise<string[]> {
  const running = new Set<string>()
  for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
    running.add(workflowId)
  }
  const cases = await admin<{ id: CaseId; state: CaseState; institution: InstitutionId }[]>`
    select id, state, institution from cases`
  return cases.flatMap(({ id, state, institution: home }) => {
    const runs = running.has(caseWorkflowId(home, id))
    if (isEnd(state)) return runs ? [`a workflow runs for the ended case ${id}`] : []
    return runs ? [] : [`nobody conducts the ${state} case ${id}`]
  })
}

/** Trails that do not verify against their heads, from the stored bytes alone, or tell a course no case may take. */
export async function brokenTrails(admin: postgres.Sql, { walked = true } = {}): Promise<string[]> {
  const trails = await admin<{ trail: string; n: string; head: Uint8Array; leaves: Uint8Array[]; origin: string }[]>`
    select t.trail, t.n, t.head, i.origin,
      (select array_agg(e.leaf order by e.n) from audit.entry e where e.trail = t.trail) as leaves
    from audit.trail t join institution i using (institution)`
  if (trails.length === 0) return ['there is no trail']
  return trails.flatMap(({ trail, n, head, leaves, origin }) => {
    const report = verifyTrail(leaves, { trail, log: origin, head: { n: Number(n), hash: b64url(head) } })
    const isCase = report.entries[0]?.type === 'case.opened/1'
    const { entries } = report
    const course = [
      { id: 'order', ...judgeOrder(entries) },
      { id: 'moves', ...judgeMoves(entries) },
    ]
    const wrong = [...report.checks, ...(isCase && walked ? course : [])].filter(({ outcome }) => outcome !== 'passed')
    return wrong.map(
      ({ id, because }) =>
        `${trail}: ${id}: ${because.en}${course.some((one) => one.id === id) ? ` ${storyOf(entries)}` : ''}`,
    )
  })
}

/** What a trail tells, short enough for a report: type, gate, evidence version, cause, how it ended. */
function storyOf(entries: readonly Entry[]): string {
  return entries
    .map(({ n, type, act, data = {} }) => [n, type, data['gate'], data['evidenceVersion'], data['cause'], act.outcome])
    .map((facts) => facts.filter((fact) => fact !== undefined).join(' '))
    .join('; ')
}

/** Sent events that are neither in the inbox nor a dead letter. */
export async function unaccounted(admin: postgres.Sql, sent: readonly Sent[]): Promise<string[]> {
  const rows = await admin<{ key: string }[]>`select encode(event_key, 'hex') as key from inbox`
  const known = new Set(rows.map(({ key }) => key))
  const keyOf = ({ source, id }: Sent) => Buffer.from(eventKey(institution, source, id)).toString('hex')
  return sent.filter((one) => !known.has(keyOf(one))).map(({ id }) => id)
}

export interface Streams {
  /** Messages emitters have stored. */
  readonly told: number
  /** Messages we have published. */
  readonly out: number
  readonly pending: number
  readonly unacknowledged: number
}

/** Where the streams and the intake's place in them stand. */
export async function streams(admin: NatsAddress): Promise<Streams> {
  const line = await connectNats(admin)
  const ask = async <T>(subject: string) => (await line.request(subject, '')).json<T>()
  try {
    const consumer = await ask<{ num_pending: number; num_ack_pending: number }>(
      '$JS.API.CONSUMER.INFO.COMPLETIONS.intake',
    )
    const [told, out] = await Promise.all(
      ['COMPLETIONS', 'ISSUANCE'].map((name) => ask<{ state: { messages: number } }>(`$JS.API.STREAM.INFO.${name}`)),
    )
    return {
      told: told?.state.messages ?? -1,
      out: out?.state.messages ?? -1,
      pending: consumer.num_pending,
      unacknowledged: consumer.num_ack_pending,
    }
  } finally {
    await line.close()
  }
}

/** One number from the memory. */
export async function count(admin: postgres.Sql, what: keyof typeof counts): Promise<number> {
  const [row] = await admin.unsafe<{ n: number }[]>(`select ${counts[what]}`)
  return row?.n ?? -1
}

const counts = {
  cases: 'count(*)::int as n from cases',
  issued: `count(*)::int as n from cases where state = 'issued'`,
  credentials: 'count(*)::int as n from credential',
  slots: 'count(*)::int as n from status_slot where credential_id is not null',
  entries: `count(*)::int as n from audit.entry where type <> 'trail.viewed/1'`,
  verdicts: 'count(*)::int as n from verdict',
  events: 'count(*)::int as n from inbox',
  repeats: 'coalesce(sum(repeats), 0)::int as n from inbox',
  evidence: 'count(*)::int as n from evidence',
  ended: `count(*)::int as n from cases where state in ('issued', 'recorded', 'refused', 'withdrawn')`,
  /** Cases that neither wait nor have ended: the gates are asking, or about to. */
  going: `count(*)::int as n from cases where state in ('received', 'judging', 'cleared')`,
  signed: `count(*)::int as n from audit.entry where type = 'credential.issued/1'`,
  deadLetters: 'count(*)::int as n from dead_letter',
  undelivered: 'count(*)::int as n from outbox where done_at is null',
  /** Lists that say less than is decided: revoked, and the signer has not published it yet. */
  unpublished: 'count(*)::int as n from status_list where version > published_version',
  outgoing: `count(*)::int as n from outbox where kind = 'event'`,
} as const
