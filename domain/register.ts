/** What the institution has declared beforehand: without it no gate could tell a stranger from an appointed examiner. */
import type {
  Band,
  CredentialFormat,
  Instant,
  InstitutionId,
  OrganisationId,
  PersonId,
  Text,
  UnitId,
} from '#domain/words.ts'

/** Validity; `until` is exclusive, absent means still running. */
export interface Validity {
  readonly from: Instant
  readonly until?: Instant
}

export type OrganisationRole = 'trains' | 'examines' | 'invigilates' | 'awards' | 'accredits' | 'commissions'

export interface Organisation {
  readonly id: OrganisationId
  readonly name: Text
  readonly country: string
  readonly roles: readonly OrganisationRole[]
  /** Legal bodies under one owner share a group; separation at A looks at both (levels.md). */
  readonly ownerGroup?: string
  /** Swedish *lärosäte*: may appoint examiners and issue at B–C1. */
  readonly higherEducation: boolean
  readonly url?: string
}

export interface Person {
  readonly id: PersonId
  /** Protected identity: never raises or lowers a level, masks the case. */
  readonly protected: boolean
  readonly employments: readonly (Validity & { readonly organisation: OrganisationId; readonly unit?: UnitId })[]
  /** Persons this one reports to (line). */
  readonly managers: readonly PersonId[]
}

export type AppointedRole =
  | 'examiner'
  | 'external-reviewer'
  | 'decision-maker'
  | 'officer'
  | 'operator'
  /** Decides on erasure, holds and protected identities; two of them for an erasure. */
  | 'privacy-officer'

export interface Appointment extends Validity {
  readonly id: string
  readonly person: PersonId
  readonly role: AppointedRole
  /** Organisation that appointed. */
  readonly by: OrganisationId
  /** Achievements covered; absent means all of the institution's. */
  readonly achievements?: readonly string[]
  /** Position in the decided list from which the next is drawn. */
  readonly order: number
}

export interface Accreditation extends Validity {
  readonly id: string
  readonly organisation: OrganisationId
  readonly by: OrganisationId
  readonly standard: string
  readonly achievements?: readonly string[]
  readonly reference: string
}

export interface Mandate extends Validity {
  readonly id: string
  readonly organisation: OrganisationId
  readonly basis:
    | 'sector-commission'
    | 'sector-own'
    | 'higher-education'
    | 'established-syllabus'
    | 'commissioner'
    | 'registered-provider'
  readonly achievements?: readonly string[]
  readonly reference: string
}

/** A declared conflict of interest: always counts (levels.md). `learner` absent means with everybody. */
export interface Conflict {
  readonly person: PersonId
  readonly learner?: PersonId
  readonly declaredAt: Instant
  readonly reason: string
}

/** SeQF/EQF placement; `self-referenced` never satisfies A. */
export interface Placement {
  readonly framework: 'SeQF' | 'EQF'
  readonly level: number
  readonly basis: 'ordinance' | 'decision' | 'approved' | 'self-referenced'
  readonly reference: string
  readonly validUntil?: Instant
}

export interface Outcome {
  readonly id: string
  readonly text: Text
  /** Skills must be shown in practice at A and B–C1. */
  readonly type: 'knowledge' | 'skill' | 'competence'
}

/** What can be earned. A version is frozen once a case used it. */
export interface Achievement {
  readonly id: string
  readonly version: number
  readonly band: Band
  readonly name: Text
  readonly description: Text
  readonly criteria: Text
  readonly outcomes: readonly Outcome[]
  /** Outcomes structured and verifiable, in SeQF form. */
  readonly structured: boolean
  readonly standard?: { readonly id: string; readonly version: string; readonly name: Text }
  readonly placement?: Placement
  /** Approved as a micro-credential by the named decision. */
  readonly approvedAs?: { readonly reference: string }
  readonly method?: Text
  readonly credits?: { readonly value: number; readonly unit: 'hp' | 'ECTS' | 'YH' }
  readonly workloadHours: number
  readonly eligibility?: { readonly gives: Text; readonly basis: string }
  readonly creditable?: { readonly basis: string }
  readonly courseDescription?: { readonly reference: string }
  readonly syllabus?: {
    readonly reference: string
    readonly establishedBy: OrganisationId
    readonly establishedAt: Instant
  }
  readonly eventDescription?: Text
  readonly knowledgeContent?: Text
  readonly resource?: string
  readonly contractEducation?: { readonly commissioner: OrganisationId }
  /** Who trains, who examines (the third party at A), who awards. */
  readonly trains: OrganisationId
  readonly examines: OrganisationId
  readonly awards: OrganisationId
  /** Unit that owns the course: facts on teaching, invigilation and identity from it do not count at A and B–C1. */
  readonly owner: { readonly organisation: OrganisationId; readonly unit?: UnitId }
  readonly participation: 'on-site' | 'online' | 'blended'
  readonly languages: readonly ('sv' | 'en')[]
  readonly prerequisites?: Text
  readonly stackable: boolean
  readonly validForMonths?: number
  /** Profiles its credentials are signed under, each once; absent means `ob3-jwt` alone. */
  readonly formats?: readonly CredentialFormat[]
  /** Several cases may be approved in one act, with a drawn sample opened; never at A or B–C1 (domain/list-approval.ts). */
  readonly listApproval?: true
  /** Credentials say TEST. */
  readonly test: boolean
}

/** The part of the register a case's gates need: everybody who acted, everybody who may. */
export interface RegisterView {
  readonly institution: InstitutionId
  readonly organisations: readonly Organisation[]
  readonly persons: readonly Person[]
  /** Every known alias pair; two ids in one pair are one person. */
  readonly linked: readonly (readonly [PersonId, PersonId])[]
  readonly appointments: readonly Appointment[]
  readonly accreditations: readonly Accreditation[]
  readonly mandates: readonly Mandate[]
  readonly conflicts: readonly Conflict[]
}
