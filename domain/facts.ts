/** The facts that count for one band: not withdrawn, from a source that may say so. Every row stands on these. */
import type { CaseInput } from '#domain/case.ts'
import type {
  AssessmentResult,
  Completion,
  Evidence,
  IdentityEvidence,
  Participation,
  ProctoringReport,
} from '#domain/evidence.ts'
import { isUnknown, sameOwner } from '#domain/people.ts'
import type { Profile } from '#domain/policy/profile.ts'
import { plusSeconds } from '#domain/time.ts'
import type { Band, Instant, OrganisationId, PersonId } from '#domain/words.ts'

export interface Facts {
  readonly completions: readonly Completion[]
  readonly identities: readonly IdentityEvidence[]
  readonly participations: readonly Participation[]
  readonly results: readonly AssessmentResult[]
  readonly reports: readonly ProctoringReport[]
  readonly teachers: Teachers
  /** What speaks against somebody or something counts from any source: a report that may not vouch can still accuse. */
  readonly named: Named
}

/** Who acted and what happened, whoever says so. */
export interface Named {
  readonly scorers: readonly PersonId[]
  readonly invigilators: readonly PersonId[]
  readonly trainers: readonly OrganisationId[]
  readonly reports: readonly ProctoringReport[]
}

/** T of levels.md. `unknown` never separates anybody from anybody. */
export interface Teachers {
  readonly known: boolean
  readonly persons: readonly PersonId[]
  readonly evidence: readonly Participation['id'][]
}

/** Facts of A to C2–D must be signed by who reports them (contracts §3). */
const signedBands: readonly Band[] = ['A', 'B-C1', 'C2-D']
/** Where facts on teaching, invigilation and identity come from somebody other than who owns the course (levels.md). */
const independentBands: readonly Band[] = ['A', 'B-C1']

/** What counts towards this band. Order of the evidence does not matter: everything is sorted by moment and id. */
export function factsFor(input: CaseInput, profile: Profile): Facts {
  const own = standing(input).filter((fact) => isOwn(input, fact) && isSigned(profile, fact))
  const independent = own.filter((fact) => !needsOtherOwner(profile) || isFromOtherOwner(input, fact))
  return {
    completions: sorted(
      own.filter((fact) => fact.kind === 'completion'),
      (fact) => fact.completedAt,
    ),
    identities: sorted(
      independent.filter((fact) => fact.kind === 'identity'),
      (fact) => fact.at,
    ),
    participations: sorted(
      own.filter((fact) => fact.kind === 'participation'),
      (fact) => fact.from,
    ),
    results: sorted(
      own.filter((fact) => fact.kind === 'result'),
      (fact) => fact.at,
    ),
    reports: sorted(
      independent.filter((fact) => fact.kind === 'proctoring'),
      (fact) => fact.from,
    ),
    teachers: teachersOf(input, profile),
    named: namedIn(input),
  }
}

function namedIn(input: CaseInput): Named {
  const own = standing(input).filter((fact) => isOwn(input, fact))
  const results = own.filter((fact) => fact.kind === 'result')
  const reports = own.filter((fact) => fact.kind === 'proctoring')
  const participations = own.filter((fact) => fact.kind === 'participation')
  return {
    scorers: unique(results.flatMap(scorersOf)),
    invigilators: unique(reports.flatMap(({ invigilators }) => invigilators)),
    trainers: unique(participations.flatMap(({ teaching }) => (teaching === undefined ? [] : [teaching.organisation]))),
    reports: sorted(reports, (fact) => fact.from),
  }
}

/** Everybody who scored, named for the whole or for an item. */
export function scorersOf({ scorers, items = [] }: AssessmentResult): PersonId[] {
  return unique([...scorers, ...items.flatMap((item) => item.scores.map(({ scorer }) => scorer))])
}

function unique<T extends string>(list: readonly T[]): T[] {
  return [...new Set(list)].toSorted()
}

/** Facts nobody has withdrawn, in any offering. */
export function standing(input: CaseInput): Evidence[] {
  const withdrawn = new Set(input.evidence.flatMap((fact) => (fact.kind === 'withdrawal' ? [fact.withdraws] : [])))
  return input.evidence.filter((fact) => fact.kind !== 'withdrawal' && !withdrawn.has(fact.id))
}

function isOwn({ case: it }: CaseInput, fact: Evidence): boolean {
  const elsewhere = it.occasion !== undefined && fact.occasion !== undefined && fact.occasion !== it.occasion
  return fact.offering === it.offering && fact.attempt === it.attempt && !elsewhere
}

function isSigned({ band }: Profile, fact: Evidence): boolean {
  return fact.source.signed || !signedBands.includes(band)
}

function needsOtherOwner({ band }: Profile): boolean {
  return independentBands.includes(band)
}

/** Another legal body and owner group, or another unit of the same; what is not known is not other. */
export function isFromOtherOwner({ achievement, register }: CaseInput, { source }: Evidence): boolean {
  const { owner } = achievement
  const same = sameOwner(register, source.owner.organisation, owner.organisation)
  if (same === false) return true
  if (source.owner.organisation !== owner.organisation) return false
  return source.owner.unit !== undefined && owner.unit !== undefined && source.owner.unit !== owner.unit
}

/**
 * Who taught this learner. Naming somebody counts from any source; that the list is whole counts only from a source that
 * may say so. An empty list or one with an unknown person is not whole (levels.md: an unknown teacher list fails).
 */
function teachersOf(input: CaseInput, profile: Profile): Teachers {
  const taught = standing(input)
    .filter((fact) => fact.kind === 'participation')
    .filter(({ teaching }) => teaching !== undefined)
  const own = taught.filter((fact) => isOwn(input, fact))
  const whole = own.some((fact) => isWholeList(fact) && isSigned(profile, fact) && maySayWho(input, profile, fact))
  const since = lookBack(input, profile, own)
  // Who taught in an earlier attempt taught this learner in this course.
  const other = taught.filter(
    (fact) =>
      !own.includes(fact) && (fact.offering === input.case.offering || (since !== undefined && fact.until >= since)),
  )
  const persons = unique([...own, ...other].flatMap((fact) => fact.teaching?.teachers ?? []))
  return {
    known: whole && !persons.some(isUnknown),
    persons,
    evidence: own.map((fact) => fact.id).toSorted(),
  }
}

function isWholeList({ teaching }: Participation): boolean {
  return teaching?.complete === true && teaching.teachers.length > 0
}

function maySayWho(input: CaseInput, profile: Profile, fact: Participation): boolean {
  return !needsOtherOwner(profile) || isFromOtherOwner(input, fact)
}

function lookBack(input: CaseInput, { separation }: Profile, own: readonly Participation[]): Instant | undefined {
  if (separation.demand.teachingDays === 0) return undefined
  const ends = [...own.map((fact) => fact.until), input.now].toSorted()
  return plusSeconds(ends[0] ?? input.now, -separation.demand.teachingDays * 86_400)
}

/** Earliest first, then smallest id (levels.md, tie-breaks). */
function sorted<F extends Evidence>(facts: readonly F[], moment: (fact: F) => Instant): F[] {
  return facts.toSorted((a, b) => compare(moment(a), moment(b)) || compare(a.id, b.id))
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
