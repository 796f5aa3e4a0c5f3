/** The one input all gates judge. Its JCS bytes are stored with each verdict, so a stranger can judge again (contracts §5). */
import type { Evidence } from '#domain/evidence.ts'
import type { ListAct } from '#domain/list-approval.ts'
import type { Profiles } from '#domain/policy/profile.ts'
import type { Achievement, RegisterView } from '#domain/register.ts'
import type { Band, CaseId, DecisionId, Instant, InstitutionId, Loa, PersonId } from '#domain/words.ts'

export type ApproverRole = 'external-reviewer' | 'decision-maker' | 'examiner'

/** A person's recorded decision on issuance. */
export interface Approval {
  readonly id: DecisionId
  readonly person: PersonId
  readonly role: ApproverRole
  readonly outcome: 'approve' | 'return' | 'reject'
  readonly at: Instant
  readonly loa: Loa
  /** Evidence version and digest of what was shown; an approval of an older version no longer counts. */
  readonly evidenceVersion: number
  readonly seen: string
  /** The act on a list in which it was given, if it was. */
  readonly list?: ListAct
}

export interface CaseInput {
  readonly case: {
    readonly id: CaseId
    readonly institution: InstitutionId
    readonly learner: PersonId
    readonly offering: string
    readonly attempt: number
    readonly occasion?: string
    readonly openedAt: Instant
    readonly promised: Band
    readonly evidenceVersion: number
  }
  readonly achievement: Achievement
  readonly profiles: Profiles
  readonly evidence: readonly Evidence[]
  readonly register: RegisterView
  readonly approvals: readonly Approval[]
  readonly now: Instant
}
