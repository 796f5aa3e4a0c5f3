/** How the learner was identified, at which session, at which level. The level of a login is the one credited at intake. */
import type { CaseInput } from '#domain/case.ts'
import type { DocumentCheck, IdentityCheck, IdentityEvidence, ProctoringReport } from '#domain/evidence.ts'
import type { Facts } from '#domain/facts.ts'
import { actsAreVoid, isAmong, isUnknown } from '#domain/people.ts'
import type { IdentityWay, Profile } from '#domain/policy/profile.ts'
import { plusSeconds } from '#domain/time.ts'
import type { EvidenceId, Instant, Loa, PersonId } from '#domain/words.ts'

export type Route = 'document-on-site' | 'document-video' | 'document-automatic' | 'login' | 'roster'

/** One usable identification of the learner. */
export interface Identified {
  readonly evidence: EvidenceId
  readonly at: Instant
  readonly loa: Loa
  readonly route: Route
  readonly ways: readonly IdentityWay[]
}

/** A stretch of time that needs an identity: an examination, a test, a gathering. */
export interface Session {
  readonly from: Instant
  readonly until: Instant
  readonly occasion?: string
}

/** Everything that identified the learner at the session; best level first. */
export function identifiedAt(input: CaseInput, facts: Facts, { profile, session }: At): Identified[] {
  const fromEvidence = facts.identities.filter((fact) => isForSession(fact.occasion, session)).map(fromIdentity)
  const fromReports = facts.reports.filter((report) => isForSession(report.occasion, session)).flatMap(fromReport)
  const judge = { input, facts, profile, session }
  return [...fromEvidence, ...fromReports]
    .flatMap((raw) => credit(judge, raw))
    .toSorted((a, b) => b.loa - a.loa || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0) || (a.evidence < b.evidence ? -1 : 1))
}

interface At {
  readonly profile: Profile
  readonly session: Session
}

interface Raw {
  readonly evidence: EvidenceId
  readonly at: Instant
  readonly check: IdentityCheck
  readonly checker?: PersonId
  /** What a person who compared face and claim saw; `none` where nobody compared. */
  readonly match: 'match' | 'no-match' | 'none'
  readonly proctored: boolean
}

function isForSession(occasion: string | undefined, session: Session): boolean {
  return occasion === undefined || session.occasion === undefined || occasion === session.occasion
}

function fromIdentity({ id, at, check, liveMatch }: IdentityEvidence): Raw {
  const checker = liveMatch?.by ?? (check.route === 'document' ? check.check.checker : undefined)
  return {
    evidence: id,
    at,
    check,
    ...(checker === undefined ? {} : { checker }),
    match: liveMatch?.result ?? 'none',
    proctored: false,
  }
}

function fromReport({ id, identity, invigilation, invigilators }: ProctoringReport): Raw[] {
  if (identity === undefined) return []
  const [sole] = invigilators
  const checker = identity.checker ?? (invigilators.length === 1 ? sole : undefined)
  const human = invigilation === 'human-live'
  const { at, check } = identity
  const match = human ? 'match' : 'none'
  return [{ evidence: id, at, check, ...(checker === undefined ? {} : { checker }), match, proctored: human }]
}

interface Judge extends At {
  readonly input: CaseInput
  readonly facts: Facts
}

function credit(judge: Judge, raw: Raw): Identified[] {
  const { session, profile } = judge
  const opens = plusSeconds(session.from, -profile.durations.freshLogin)
  // A person who looked and saw somebody else outweighs whatever the login or the document said.
  if (raw.at < opens || raw.at > session.until || raw.match === 'no-match') return []
  if (!checkerMayCheck(judge, raw)) return []
  const { evidence, at } = raw
  const base = { evidence, at }
  const { check } = raw
  switch (check.route) {
    case 'login':
      return check.assertion.authTime < opens || check.assertion.authTime > session.until
        ? []
        : [{ ...base, loa: check.loa, route: 'login', ways: loginWays(raw) }]
    case 'roster':
      return [{ ...base, loa: check.loa, route: 'roster', ways: proctoredWay(raw, ['roster', 'session']) }]
    case 'document':
      return document(raw, check.check, base)
  }
}

function loginWays(raw: Raw): IdentityWay[] {
  const match: IdentityWay[] = raw.match === 'match' ? ['login-live-match'] : []
  return proctoredWay(raw, ['session', ...match])
}

function proctoredWay({ proctored }: Raw, ways: readonly IdentityWay[]): IdentityWay[] {
  return proctored ? [...ways, 'proctored'] : [...ways]
}

const manners = {
  'on-site': { loa: 3, route: 'document-on-site' },
  video: { loa: 2, route: 'document-video' },
  automatic: { loa: 1, route: 'document-automatic' },
} as const satisfies Record<DocumentCheck['manner'], { loa: Loa; route: Route }>

/** On site against the register 3, by a human on video 2, automatic 1 (levels.md); validity is judged at the occasion. */
function document(raw: Raw, check: DocumentCheck, base: { evidence: EvidenceId; at: Instant }): Identified[] {
  const matched = check.result === 'match' && check.matchedAgainst.includes('register')
  if (!matched || check.validUntil <= base.at || check.document === 'other') return []
  return [{ ...base, ...manners[check.manner], ways: proctoredWay(raw, ['document', 'session']) }]
}

/** In A and B–C1 the identity checker is known and did not teach the learner; nowhere may the learner check themself. */
function checkerMayCheck({ input, facts, profile }: Judge, { checker, check, match }: Raw): boolean {
  if (checker !== undefined && actsAreVoid(input.register, checker, input.case.learner)) return false
  if (!profile.separation.demand.checkerNotTeacher) return true
  const needsChecker = check.route === 'document' || check.route === 'roster' || match === 'match'
  if (!needsChecker) return true
  if (checker === undefined || isUnknown(checker)) return false
  return !isAmong(input.register, checker, facts.teachers.persons)
}
