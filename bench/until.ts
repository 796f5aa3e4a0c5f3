/** Waiting for what was sent to have had its effect, by name: counting a table of a million rows would itself be a load. */
import type postgres from 'postgres'
import { eventKey } from '#db/ids.ts'
import type { Sent } from '#dev/demo/emitters.ts'
import { waitUntil } from '#dev/servers/processes.ts'
import { caseOpenedBy, institution } from './sender.ts'

const patienceMs = 600_000

/** @returns when the last of these events was in the record, by this machine's clock. @throws Error when they are not within ten minutes */
export function untilTaken(admin: postgres.Sql, sent: readonly Sent[]): Promise<number> {
  const keys = sent.map(({ source, id }) => Buffer.from(eventKey(institution, source, id)).toString('hex'))
  return untilAll(
    'events are in the record',
    sent.length,
    () => admin<{ n: number }[]>`
      select count(*)::int as n from unnest(${keys}::text[]) as u(key) join inbox i on i.event_key = decode(u.key, 'hex')`,
  )
}

/** The same for the credentials of the cases these completions opened. */
export function untilSigned(admin: postgres.Sql, completions: readonly Sent[]): Promise<number> {
  const ids = completions.map(caseOpenedBy)
  return untilAll(
    'cases have their credential',
    completions.length,
    () => admin<{ n: number }[]>`
      select count(distinct case_id)::int as n from credential where institution = ${institution} and case_id = any(${ids})`,
  )
}

/** Until everything that was to be told has been told. @throws Error when it has not within ten minutes */
export async function untilDelivered(admin: postgres.Sql): Promise<void> {
  const isEmpty = async () => (await admin`select 1 from outbox where done_at is null limit 1`).length === 0
  if (!(await waitUntil(isEmpty, patienceMs))) throw new Error('the outbox does not empty')
}

async function untilAll(what: string, wanted: number, count: () => PromiseLike<{ n: number }[]>): Promise<number> {
  if (wanted === 0) throw new RangeError(`none of whom one could say that their ${what}`)
  let found = 0
  const isThere = async () => {
    found = (await count())[0]?.n ?? 0
    return found === wanted
  }
  if (!(await waitUntil(isThere, patienceMs))) throw new Error(`${found} of ${wanted} ${what} after ten minutes`)
  return performance.now()
}
