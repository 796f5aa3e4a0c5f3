/** Steps of appeals and complaints: each once, in their order, and the same again is the one that stands. */
import type { Context } from 'hono'
import { stepIn } from '#audit/entry-types.ts'
import { saysSame } from '#db/acts.ts'
import type { EntryDraft } from '#db/audit-log.ts'
import { databaseNow, inInstitution, type Tx } from '#db/client.ts'
import { type Matter, matters } from '#db/matters.ts'
import { daysSince, type MatterKind, mayFollow, usualHandlingDays } from '#domain/handling.ts'
import type { Instant } from '#domain/words.ts'
import type { ApiEnv } from './dependencies.ts'
import type { Caller } from './identity.ts'
import { type Page, readPage, sliceOf } from './pages.ts'
import { Problem } from './problem.ts'
import { readingRecord } from './stored-log.ts'

/** The institution's, latest first; of any number of trails. @throws Problem `record_damaged` */
export function knownMatters(tx: Tx, kind: MatterKind): Promise<Matter[]> {
  return readingRecord('trails', () => matters(tx, kind))
}

/**
 * Whether the step is to be recorded; false when it stands already, by the same person in the same words. Asked under the lock of the
 * trail: of two at once the second is told that the first was there.
 * @throws Problem `wrong_state`
 */
export function isNext(kind: MatterKind, { entries, state }: Matter, draft: EntryDraft): boolean {
  const stands = entries.find(({ id }) => id === draft.id)
  if (stands !== undefined && saysSame(stands, draft)) return false
  const step = stepIn(draft)
  if (stands === undefined && mayFollow(kind, state, step)) return true
  throw new Problem('wrong_state', { members: { state } })
}

/** @throws Problem `invalid_request` for a day on which nothing can have come in: later than today anywhere, or before what it is about */
export async function demandDay(tx: Tx, received: string, about?: Instant): Promise<void> {
  const isEarly = about !== undefined && daysSince(received, about) > 1
  if (!isEarly && daysSince(received, await databaseNow(tx)) >= -1) return
  const detail = isEarly ? 'is before what it is about' : 'has not come yet'
  throw new Problem('invalid_request', { errors: [{ in: 'body', pointer: '/received', code: 'impossible', detail }] })
}

/** What a list shows of a matter, whichever it is. */
interface Standing {
  readonly state: string
  readonly received: string
}

type Viewed<Row> = Row & { readonly overdue: boolean }

/** Takes a step, or none, in one transaction, and shows what came of it. */
export async function stepped<Row extends Standing>(
  c: Context<ApiEnv>,
  step: (tx: Tx, caller: Caller) => Promise<Row>,
): Promise<Viewed<Row>> {
  const { deps, institution, caller } = c.var
  return inInstitution(deps.db, institution, async (tx) => viewOf(await step(tx, caller), await databaseNow(tx)))
}

function viewOf<Row extends Standing>(found: Row, now: Instant, days = usualHandlingDays): Viewed<Row> {
  return { ...found, overdue: found.state !== 'closed' && daysSince(found.received, now) > days }
}

interface Register<Row> {
  readonly query: {
    readonly state?: string | undefined
    readonly days: number
    readonly limit: number
    readonly cursor?: string | undefined
  }
  readonly read: (tx: Tx) => Promise<readonly Row[]>
  readonly placeOf: (row: Row) => readonly string[]
}

/** A page of a register, latest first. It is read whole: an institution has few of these, and their state is told by several entries. */
export function readMatters<Row extends Standing>(
  c: Context<ApiEnv>,
  name: string,
  { query: { state, days, ...slice }, read, placeOf }: Register<Row>,
): Promise<Page<Viewed<Row>>> {
  return readPage(c, {
    list: [name, state, days],
    ...slice,
    placeOf,
    read: async (tx, wanted) => {
      const now = await databaseNow(tx)
      const all = (await read(tx)).map((one) => viewOf(one, now, days))
      return sliceOf(
        all.filter((one) => isAsked(one, state)),
        wanted,
        placeOf,
      )
    },
  })
}

function isAsked({ state, overdue }: Viewed<Standing>, asked?: string): boolean {
  switch (asked) {
    case undefined:
      return true
    case 'open':
      return state !== 'closed'
    case 'overdue':
      return overdue
    default:
      return state === asked
  }
}
