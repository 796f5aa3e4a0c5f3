/** Shape of a quality profile (säkringsprofil): one band's demands, each with rule id and source. The table itself is `levels.ts`. */
import type { Activity } from '#domain/evidence.ts'
import type { Mandate } from '#domain/register.ts'
import type { Band, Loa, Term, Text } from '#domain/words.ts'

/** One cell of the table: who says so, how to cite it, how to read it. */
export interface Cell<Demand> {
  readonly rule: string
  readonly source: 'seed' | 'reading'
  readonly text: Text
  readonly demand: Demand
}

export interface Profile {
  readonly band: Band
  readonly term: Term
  readonly loa: Cell<{ readonly atLeast: Loa; readonly orProctored: boolean }>
  readonly separation: Cell<{
    /** Certifying organisation ≠ training organisation, by legal body and owner group. */
    readonly organisations: boolean
    /** Which scorers may not have taught: all, at least one per needed result, or no rule. */
    readonly scorers: 'all' | 'one-per-result' | 'none'
    readonly scorersNotEmployer: boolean
    readonly approver: readonly (
      | 'not-teacher'
      | 'not-scorer'
      | 'not-invigilator'
      | 'not-employer'
      | 'not-unit-or-line'
    )[]
    readonly confirmerNotLearner: boolean
    /** The identity checker did not teach the learner. */
    readonly checkerNotTeacher: boolean
    /** Days back in time during which teaching of this learner counts; 0 = this offering only. */
    readonly teachingDays: number
    /** Unknown teachers fail. */
    readonly teachersKnown: boolean
  }>
  readonly assessment: Cell<{
    readonly needs: 'summative-practical' | 'formative-and-summative' | 'route' | 'taking-part' | 'access'
    readonly thirdParty: boolean
    readonly standard: boolean
    readonly activities: readonly Activity[]
  }>
  readonly supervision: Cell<{ readonly ways: readonly SupervisionWay[] | 'any' | 'none' }>
  readonly identity: Cell<{ readonly ways: readonly IdentityWay[] }>
  readonly premises: Cell<{ readonly demands: 'approved' | 'confirmed' | 'named' | 'where' | 'none' }>
  readonly attendance: Cell<{
    readonly demands: 'routine' | 'compulsory-parts' | 'roster' | 'authenticated' | 'took-part' | 'access'
    readonly share: number
  }>
  readonly coverage: Cell<{
    readonly demands: 'every-outcome-by-item' | 'every-outcome-summative' | 'one-passed' | 'none'
    readonly skillsPractical: boolean
    readonly controlledTests: boolean
  }>
  readonly definition: Cell<{ readonly demands: readonly DefinitionDemand[] }>
  readonly mandate: Cell<{
    readonly bases: readonly Mandate['basis'][]
    readonly accreditation: boolean
    readonly higherEducation: boolean
    readonly examinerAppointed: boolean
  }>
  readonly approvers: Cell<{
    readonly roles: readonly (readonly ('external-reviewer' | 'decision-maker' | 'examiner')[])[]
    readonly appointedByHigherEducation: boolean
    readonly ownLoa: boolean
    readonly confirmation: boolean
  }>
  readonly durations: Durations
}

export type SupervisionWay = 'on-site-id-check' | 'online-human'
export type IdentityWay = 'document' | 'login-live-match' | 'roster' | 'session' | 'proctored'
export type DefinitionDemand =
  | 'outcomes-structured'
  | 'standard'
  | 'placement-or-approval'
  | 'method'
  | 'credits-or-level'
  | 'eligibility'
  | 'creditable'
  | 'syllabus'
  | 'outcomes'
  | 'course-description'
  | 'course-or-event-description'
  | 'knowledge-content'
  | 'resource'

/** Every wait a case can have, in seconds, so that a test runs a 30-day deadline in milliseconds (design 9). */
export interface Durations {
  /** How long a case waits for evidence before an officer is asked. */
  readonly evidence: number
  /** How long an approver has. */
  readonly approval: number
  /** Reminder before the approver's deadline. */
  readonly reminder: number
  /** How long an officer has before escalation. */
  readonly officer: number
  /** How long before or after a session a login still counts as fresh. */
  readonly freshLogin: number
}

/** All bands' profiles, frozen into the case at `open`. */
export interface Profiles {
  readonly version: string
  readonly byBand: Readonly<Record<Band, Profile>>
}
