/** How the learner was identified, at which session, at which level. The level of a login is the one credited at intake. */
import type { CaseInput } from '#domain/case.ts'
import type { DocumentCheck, IdentityCheck, IdentityEvidence, ProctoringReport } from '#domain/evidence.ts'
import { type Facts, scorersOf } from '#domain/facts.ts'
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
  /** A test or an examination: a mere login is worth at most 3 there (standards §9.3 g). */
  readonly exam?: boolean
}

/** Everything that identified the learner at the session; best level first. */
export function identifiedAt(input: CaseInput, facts: Facts, { profile, session }: At): Identified[] {
  const judge = { input, facts, profile, session }
  const fromEvidence = facts.identities.filter((fact) => isForSession(fact.occasion, session)).map(fromIdentity)
  const fromReports = facts.reports
    .filter((report) => isForSession(report.occasion, session))
    .flatMap((report) => fromReport(judge, report))
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
  /** Everybody who is said to have looked. */
  readonly checkers: readonly PersonId[]
  /** What a person who compared face and claim saw; `none` where nobody compared. */
  readonly match: 'match' | 'no-match' | 'none'
  readonly proctored: boolean
  readonly inPerson: boolean
}

function isForSession(occasion: string | undefined, session: Session): boolean {
  return occasion === undefined || session.occasion === undefined || occasion === session.occasion
}

function fromIdentity({ id, at, check, liveMatch }: IdentityEvidence): Raw {
  return {
    evidence: id,
    at,
    check,
    checkers: unique([liveMatch?.by, checkerOf(check)]),
    match: liveMatch?.result ?? 'none',
    proctored: false,
    inPerson: liveMatch?.manner === 'on-site',
  }
}

/** An invigilator who was there live has seen the person; one who also scored supervised nothing (levels.md). */
function fromReport({ input, facts }: Judge, report: ProctoringReport): Raw[] {
  const { id, identity, invigilation, invigilators, occasion, setting } = report
  if (identity === undefined) return []
  const named = unique([identity.checker, checkerOf(identity.check)])
  const scorers = facts.results.filter((result) => result.occasion === occasion).flatMap(scorersOf)
  const able = invigilators.filter(
    (person) =>
      !isUnknown(person) &&
      !actsAreVoid(input.register, person, input.case.learner) &&
      !isAmong(input.register, person, scorers),
  )
  const isLive = invigilation === 'human-live'
  return [
    {
      evidence: id,
      at: identity.at,
      check: identity.check,
      checkers: named.length > 0 ? named : invigilators.length === 1 ? invigilators : [],
      match: isLive ? 'match' : 'none',
      proctored: isLive && able.length > 0 && able.length === invigilators.length,
      inPerson: isLive && setting === 'on-site',
    },
  ]
}

function checkerOf(check: IdentityCheck): PersonId | undefined {
  return check.route === 'document' ? check.check.checker : undefined
}

function unique(persons: readonly (PersonId | undefined)[]): PersonId[] {
  return [...new Set(persons.filter((person) => person !== undefined))]
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
        : [{ ...base, loa: loginLoa(session, raw, check), route: 'login', ways: loginWays(raw) }]
    case 'roster':
      // The login a roster stands on came before; a later one binds the holder and never raises the occasion.
      return check.login.authTime > session.until
        ? []
        : [{ ...base, loa: check.loa, route: 'roster', ways: proctoredWay(raw, ['roster', 'session']) }]
    case 'document':
      return document(raw, check.check, base)
  }
}

/** At an examination 4 needs that the person was there, or the wallet's own identification. */
function loginLoa(
  { exam }: Session,
  { inPerson }: Raw,
  { loa, assertion }: Extract<IdentityCheck, { route: 'login' }>,
): Loa {
  if (loa < 4 || exam !== true || inPerson) return loa
  const values = [assertion.acr, assertion.method, ...(assertion.assurance ?? [])]
  return values.some((value) => value?.startsWith('urn:eudi:pid:')) ? loa : 3
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
function checkerMayCheck({ input, facts, profile }: Judge, { checkers, check, match }: Raw): boolean {
  if (checkers.some((person) => actsAreVoid(input.register, person, input.case.learner))) return false
  if (!profile.separation.demand.checkerNotTeacher) return true
  const needsChecker = check.route === 'document' || check.route === 'roster' || match === 'match'
  if (!needsChecker) return true
  if (checkers.length === 0 || checkers.some(isUnknown)) return false
  return !checkers.some((person) => isAmong(input.register, person, facts.teachers.persons))
}
