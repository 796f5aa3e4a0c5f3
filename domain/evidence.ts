/** What can be known about a case. Gates judge these facts and nothing else; events are parsed into them at the border. */
import type { EvidenceId, Instant, Loa, OrganisationId, PersonId, UnitId } from '#domain/words.ts'

/** Who reported a fact. `signed` is true only when the detached JWS verified. */
export interface Source {
  readonly emitter: string
  readonly owner: { readonly organisation: OrganisationId; readonly unit?: UnitId }
  readonly signed: boolean
}

interface Fact {
  readonly id: EvidenceId
  readonly source: Source
  /** Course occasion and attempt the fact belongs to; another offering's facts are read for teaching only. */
  readonly offering: string
  readonly attempt: number
  /** Examination occasion, where there is one. */
  readonly occasion?: string
}

/** The learner completed what the achievement names. Opens the case. */
export interface Completion extends Fact {
  readonly kind: 'completion'
  readonly completedAt: Instant
}

/** How a person was identified. One variant per route of levels.md. */
export type IdentityCheck =
  /** An electronic login. `loa` is computed by `domain/policy/loa.ts` at intake from the raw values in `assertion`. */
  | { readonly route: 'login'; readonly assertion: LoginAssertion; readonly loa: Loa; readonly table: string }
  /** An identity document shown to a person or a machine. */
  | { readonly route: 'document'; readonly check: DocumentCheck }
  /** Person ticked against a roster that stands on a login. */
  | { readonly route: 'roster'; readonly login: LoginAssertion; readonly loa: Loa; readonly table: string }

export interface LoginAssertion {
  readonly issuer: string
  /** The returned acr or assurance values, never the requested ones (standards §9.3 b). */
  readonly acr?: string
  readonly assurance?: readonly string[]
  readonly amr?: readonly string[]
  readonly authTime: Instant
  readonly method?: string
  /** Facts about the issuer that conditions of the LoA table need; absent means unknown, so the condition fails. */
  readonly certified?: readonly string[]
  readonly connector?: 'eidas'
  readonly personalNumber?: boolean
  readonly trustFramework?: string
  readonly assuranceLevel?: string
  readonly allowListed?: boolean
  readonly signatureVerified?: boolean
  readonly keyBinding?: boolean
  readonly statusValid?: boolean
  readonly federationContract?: boolean
}

export interface DocumentCheck {
  readonly document: 'passport' | 'national-identity-card' | 'driving-licence' | 'other'
  readonly country: string
  readonly validUntil: Instant
  /** `on-site` by a person at the place, `video` by a person on live video, `automatic` by a machine. */
  readonly manner: 'on-site' | 'video' | 'automatic'
  readonly result: 'match' | 'no-match' | 'could-not-check'
  readonly matchedAgainst: readonly ('name' | 'birth-date' | 'register')[]
  readonly checker?: PersonId
}

/** Identity of the learner at one moment. */
export interface IdentityEvidence extends Fact {
  readonly kind: 'identity'
  readonly at: Instant
  readonly check: IdentityCheck
  /** A person compared the face with the document or the login, live. */
  readonly liveMatch?: {
    readonly by: PersonId
    readonly manner: 'on-site' | 'video'
    readonly result: 'match' | 'no-match'
  }
}

export type Activity =
  | 'course'
  | 'open-course'
  | 'webinar'
  | 'theme-cafe'
  | 'presentation'
  | 'information-session'
  | 'online-conference'
  | 'development-project'
  | 'invigilator-training'
  | 'recording'
  | 'resource'

/** Teaching and attendance of this learner. Either part may be absent. */
export interface Participation extends Fact {
  readonly kind: 'participation'
  readonly from: Instant
  readonly until: Instant
  /** Who taught. `complete` says the list is the whole list; an empty list never counts (levels.md). */
  readonly teaching?: {
    readonly organisation: OrganisationId
    readonly teachers: readonly PersonId[]
    readonly complete: boolean
  }
  readonly attendance?: Attendance
}

export interface Attendance {
  readonly activity: Activity
  readonly form: 'live' | 'completed' | 'access'
  readonly setting: 'on-site' | 'online' | 'blended'
  /** Place, platform, event or resource, as a reader would name it. */
  readonly where?: string
  /** Share of the time taken part, 0–1. */
  readonly share?: number
  readonly discussion?: boolean
  readonly roster?: boolean
  /** Version of the attendance routine that was followed. */
  readonly routine?: string
  readonly parts?: readonly { readonly id: string; readonly compulsory: boolean; readonly attended: boolean }[]
  /** Named confirmation (routes 2 and 3 of D–E). */
  readonly confirmedBy?: PersonId
}

/** One score of one scorer on one item or station. */
export interface Score {
  readonly scorer: PersonId
  readonly points: number
}

export interface AssessedItem {
  readonly id: string
  readonly kind: 'item' | 'station'
  readonly outcomes: readonly string[]
  readonly maxPoints: number
  readonly scores: readonly Score[]
}

/** A result. Purpose × form (levels.md); `ipsative` never counts as summative. */
export interface AssessmentResult extends Fact {
  readonly kind: 'result'
  readonly at: Instant
  readonly assessment: string
  readonly purpose: 'formative' | 'summative' | 'ipsative'
  readonly forms: readonly ('practical' | 'written' | 'oral' | 'portfolio')[]
  /** Legal body that held the assessment. */
  readonly organisation: OrganisationId
  /** Industry standard and its version, where assessed against one. */
  readonly standard?: { readonly id: string; readonly version: string }
  readonly passed: boolean
  readonly outcomes: readonly string[]
  readonly scorers: readonly PersonId[]
  /** Scores by item; when given, pass and coverage are recomputed from those that are not void. */
  readonly items?: readonly AssessedItem[]
  /** Share of points needed, 0–1; demanded together with `items`. */
  readonly passMark?: number
  readonly grade?: { readonly value: string; readonly scale: string }
  /** Routine of controlling tests inside the training. */
  readonly controlled?: boolean
}

export interface Incident {
  readonly id: string
  readonly at: Instant
  readonly severity: 'info' | 'minor' | 'major' | 'critical'
  readonly category: string
  /** Raised by a machine. Stays open until a person has found something or nothing. */
  readonly machine: boolean
  readonly finding?: { readonly by: PersonId; readonly result: 'no-deviation' | 'deviation' | 'suspected-irregularity' }
}

/** How an examination occasion was supervised. */
export interface ProctoringReport extends Fact {
  readonly kind: 'proctoring'
  readonly occasion: string
  readonly from: Instant
  readonly until: Instant
  readonly setting: 'on-site' | 'online'
  readonly invigilation: 'human-live' | 'recorded-reviewed' | 'automatic'
  readonly organisation: OrganisationId
  readonly invigilators: readonly PersonId[]
  readonly place?: {
    readonly id: string
    readonly name: string
    readonly approved: boolean
    readonly confirmed: boolean
  }
  readonly equipment?: readonly { readonly station: string; readonly confirmed: boolean }[]
  /** Virtual conduct: environment approved, room and device checked. */
  readonly environment?: {
    readonly platform: string
    readonly approved: boolean
    readonly roomChecked: boolean
    readonly deviceChecked: boolean
  }
  readonly attendance: 'present' | 'absent' | 'unknown'
  readonly routine?: string
  /** Identity check of this learner at the door, if the report carries one. */
  readonly identity?: { readonly at: Instant; readonly check: IdentityCheck; readonly checker?: PersonId }
  readonly incidents: readonly Incident[]
}

/** "This fact was wrong": takes the named fact out of every judgement (contracts §3). */
export interface Withdrawal extends Fact {
  readonly kind: 'withdrawal'
  readonly at: Instant
  readonly withdraws: EvidenceId
  readonly reason: string
}

export type Evidence = Completion | IdentityEvidence | Participation | AssessmentResult | ProctoringReport | Withdrawal
export type EvidenceKind = Evidence['kind']
