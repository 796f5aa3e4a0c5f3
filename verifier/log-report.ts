/**
 * Indicators and exceptions of a period, counted from a log's entries and from nothing else; without it what an institution reports of
 * itself would have to be believed (audit-log §11, J2 and J5).
 */
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { AuditError } from '#audit/errors.ts'
import { criteriaLedger } from '#verifier/criteria.ts'
import { type MatterCounts, matterLedger } from '#verifier/matter-ledger.ts'
import { type Place, placeOf } from '#verifier/place.ts'
import { type ReviewCounts, reviewLedger } from '#verifier/review-ledger.ts'

/** What somebody should look at. None of them is wrong by itself. */
export const exceptionKinds = [
  'officer-decision',
  'quick-decision',
  'off-hours',
  'evidence-handed-in',
  'evidence-withdrawn',
  'achievement-changed',
  'conflict-declared',
  'case-stopped',
  'case-escalated',
  'signing-refused',
  'credential-revoked',
  'erasure-blocked',
  'dead-letter-discarded',
  'reconciliation-found',
  'log-check-found',
  'log-entries-found',
  'log-succeeded',
  'gone-on-without',
  'criteria-late',
  'review-action-late',
  'appeal-late',
  'complaint-late',
  'complaint-by-concerned',
] as const

export type ExceptionKind = (typeof exceptionKinds)[number]

export interface ReportScope {
  /** RFC 3339 in UTC; entries dated before it are only remembered, those dated `until` or later not even that. */
  readonly from?: string
  readonly until?: string
  /** IANA zone in which office hours are told. */
  readonly zone: string
  /** A decision within so many seconds of being asked for is quick. */
  readonly quickSeconds: number
  /** An appeal or a complaint that is open for more days is late. */
  readonly handlingDays: number
}

export interface Exception {
  readonly kind: ExceptionKind
  readonly count: number
  /** The first thousand, in the order of the log. */
  readonly places: readonly Place[]
}

/** Seconds, by nearest rank. */
export interface Durations {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly most: number
}

export interface LogReport {
  /** Entries of ours in the period. */
  readonly entries: number
  readonly cases: Readonly<Record<'opened' | 'issued' | 'recorded' | 'refused' | 'withdrawn', number>>
  /** Of those that were cleared, by level. */
  readonly levels: Readonly<Record<string, number>>
  readonly credentials: Readonly<Record<'issued' | 'revoked', number>>
  /** By what was decided, approvers and officers alike. */
  readonly decisions: Readonly<Record<string, number>>
  /** Who decided most, as the log names them, and their share in percent; where there were twenty decisions or more. */
  readonly busiest: { readonly actor: string; readonly percent: number } | undefined
  /** Of cases issued in the period, since they were opened. */
  readonly toIssued: Durations | undefined
  /** Of approvers' decisions in the period, since somebody was asked. */
  readonly toDecision: Durations | undefined
  /** Reviews of the quality assurance, and what was done about their findings. */
  readonly reviews: ReviewCounts
  readonly appeals: MatterCounts
  readonly complaints: MatterCounts
  /** Only those of which there are any. */
  readonly exceptions: readonly Exception[]
}

export interface LogReporter {
  /** Every entry of the log in turn; what is no entry of ours is passed over. */
  next(leaf: Uint8Array): void
  end(): LogReport
}

const mostPlaces = 1_000
const fewestDecisions = 20

const cases: Readonly<Record<string, keyof LogReport['cases']>> = {
  'case.opened/1': 'opened',
  'case.issued/1': 'issued',
  'case.recorded/1': 'recorded',
  'case.refused/1': 'refused',
  'case.withdrawn/1': 'withdrawn',
}

/** Nothing more is timed in a case that has ended. */
const ends = new Set(Object.keys(cases).filter((type) => type !== 'case.opened/1'))

const byType: Readonly<Record<string, ExceptionKind>> = {
  'evidence.handed-in/1': 'evidence-handed-in',
  'evidence.withdrawn/1': 'evidence-withdrawn',
  'achievement.changed/1': 'achievement-changed',
  'conflict.declared/1': 'conflict-declared',
  'case.stopped/1': 'case-stopped',
  'case.escalated/1': 'case-escalated',
  'signing.refused/1': 'signing-refused',
  'credential.revoked/1': 'credential-revoked',
  'erasure.blocked/1': 'erasure-blocked',
  'dead-letter.discarded/1': 'dead-letter-discarded',
  'log.entries-found/1': 'log-entries-found',
  'log.succeeded/1': 'log-succeeded',
  'record.gone-on-without/1': 'gone-on-without',
}

/** Acts by which a person changes what becomes of a case, a credential or a record. */
const weighty = /^(decision\.recorded|revocation\.(proposed|approved)|erasure\.(proposed|approved)|hold\.lifted)\/1$/

export function reportLog(scope: ReportScope): LogReporter {
  const isOffice = officeHours(scope.zone)
  const opened = new Map<string, number>()
  const criteria = criteriaLedger()
  const reviews = reviewLedger()
  const [appeals, complaints] = [matterLedger('appeal'), matterLedger('complaint')]
  let latest = ''
  const asked = new Map<string, number>()
  const counts = { cases: new Map<string, number>(), levels: new Map<string, number>() }
  const credentials = { issued: new Set<unknown>(), revoked: new Set<unknown>() }
  const decisions = new Map<string, number>()
  const deciders = new Map<string, number>()
  const toIssued: number[] = []
  const toDecision: number[] = []
  const found = new Map<ExceptionKind, { count: number; places: Place[] }>()
  let index = -1
  let entries = 0

  function tell(kind: ExceptionKind, entry: Entry, seconds?: number): void {
    const known = found.get(kind) ?? { count: 0, places: [] }
    known.count += 1
    if (known.places.length < mostPlaces) known.places.push(placeOf(entry, index, seconds))
    found.set(kind, known)
  }

  function tellAll(kind: ExceptionKind, places: Place[]): void {
    if (places.length > 0) found.set(kind, { count: places.length, places: places.slice(0, mostPlaces) })
  }

  function decision(entry: Entry): void {
    const { actor, data, trail, act } = entry
    add(decisions, act.outcome)
    add(deciders, actor.ref)
    if (data?.['role'] === 'officer') return tell('officer-decision', entry)
    const since = asked.get(trail)
    if (since === undefined) return
    asked.delete(trail)
    const seconds = (Date.parse(entry.at) - since) / 1_000
    toDecision.push(seconds)
    // Whoever decides on a list has seen its sample, not each case.
    if (seconds < scope.quickSeconds && data?.['list'] === undefined) tell('quick-decision', entry, seconds)
  }

  function count(entry: Entry): void {
    const { type, trail, data } = entry
    entries += 1
    const ended = cases[type]
    if (ended !== undefined) add(counts.cases, ended)
    const since = opened.get(trail)
    if (type === 'case.issued/1' && since !== undefined) toIssued.push((Date.parse(entry.at) - since) / 1_000)
    if (type === 'issuance.cleared/1') {
      add(counts.levels, String(data?.['level']))
      if (criteria.of(trail).holds === 'no') tell('criteria-late', entry)
    }
    if (type === 'credential.issued/1') credentials.issued.add(data?.['credential'])
    if (type === 'credential.revoked/1') credentials.revoked.add(data?.['credential'])
    if (type === 'decision.recorded/1') decision(entry)
    for (const ledger of [reviews, appeals, complaints]) ledger.count(entry)
    const kind = byType[type]
    if (kind !== undefined) tell(kind, entry)
    if (complaints.isByConcerned(entry)) tell('complaint-by-concerned', entry)
    if (type === 'reconciliation.done/1' && (data?.['found'] ?? 0) !== 0) tell('reconciliation-found', entry)
    if (type === 'log.checked/1' && data?.['findings'] !== 0) tell('log-check-found', entry)
    if (weighty.test(type) && entry.actor.kind === 'human' && !isOffice(entry.at)) tell('off-hours', entry)
  }

  return {
    next: (leaf) => {
      index += 1
      const entry = entryIn(leaf)
      if (entry === undefined || (scope.until !== undefined && entry.at >= scope.until)) return
      if (entry.type === 'case.opened/1') opened.set(entry.trail, Date.parse(entry.at))
      criteria.note(entry)
      latest = entry.at
      if (scope.from === undefined || entry.at >= scope.from) count(entry)
      for (const ledger of [reviews, appeals, complaints]) ledger.note(entry, index)
      if (entry.type === 'case.waiting/1' && entry.data?.['for'] === 'approver')
        asked.set(entry.trail, Date.parse(entry.at))
      if (ends.has(entry.type)) for (const known of [opened, asked, criteria]) known.delete(entry.trail)
    },
    end: () => {
      const now = scope.until ?? latest
      tellAll('review-action-late', reviews.late(now))
      tellAll('appeal-late', appeals.late(now, scope.handlingDays))
      tellAll('complaint-late', complaints.late(now, scope.handlingDays))
      return whole()
    },
  }

  function whole(): LogReport {
    return {
      entries,
      cases: { opened: 0, issued: 0, recorded: 0, refused: 0, withdrawn: 0, ...Object.fromEntries(counts.cases) },
      levels: inOrder(counts.levels),
      credentials: { issued: credentials.issued.size, revoked: credentials.revoked.size },
      decisions: inOrder(decisions),
      busiest: busiestOf(deciders),
      toIssued: durationsOf(toIssued),
      toDecision: durationsOf(toDecision),
      reviews: reviews.counts(),
      appeals: appeals.counts(),
      complaints: complaints.counts(),
      exceptions: exceptionKinds.flatMap((kind) => {
        const one = found.get(kind)
        return one === undefined ? [] : [{ kind, ...one }]
      }),
    }
  }
}

function entryIn(leaf: Uint8Array): Entry | undefined {
  try {
    return parseLeaf(leaf)
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

/** Monday to Friday, from six to ten in the evening. */
function officeHours(zone: string): (at: string) => boolean {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: 'numeric',
    hourCycle: 'h23',
  })
  return (at) => {
    const parts = new Map(clock.formatToParts(new Date(at)).map(({ type, value }) => [type, value]))
    const hour = Number(parts.get('hour'))
    return parts.get('weekday')?.startsWith('S') === false && hour >= 6 && hour < 22
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function inOrder(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function busiestOf(deciders: ReadonlyMap<string, number>): LogReport['busiest'] {
  const all = [...deciders.values()].reduce((sum, count) => sum + count, 0)
  const [first] = [...deciders].toSorted(([, one], [, other]) => other - one)
  if (first === undefined || all < fewestDecisions) return undefined
  return { actor: first[0], percent: Math.round((100 * first[1]) / all) }
}

function durationsOf(seconds: readonly number[]): Durations | undefined {
  if (seconds.length === 0) return undefined
  const sorted = seconds.toSorted((one, other) => one - other)
  const rank = (part: number) => sorted[Math.ceil(part * sorted.length) - 1] ?? 0
  return { count: sorted.length, p50: rank(0.5), p95: rank(0.95), most: rank(1) }
}
