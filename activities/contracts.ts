/** What workflows may ask for, as types only: no implementation reaches the workflow bundle through here. */
import type { CaseId, CredentialId, DecisionId, Instant, InstitutionId } from '#domain/words.ts'

/** Every activity takes a list of cases of one institution (design 13). */
export interface CaseList {
  readonly institution: InstitutionId
  readonly cases: readonly CaseId[]
}

/**
 * What a gate tells the workflow (contracts §5).
 * `again`: evidence moved while the gate judged, so the gates run once more at the new version (contracts §6).
 * `ended`: the case reached a terminal state; nothing more is to be done.
 * `alone`: among others its data broke the act; it is tried again by itself, where it holds up nobody. Never told of a list of one.
 */
export interface GateOutcome {
  readonly caseId: CaseId
  readonly outcome: 'pass' | 'wait' | 'stop' | 'again' | 'ended' | 'alone'
  readonly evidenceVersion: number
  /** For whom or what the case waits, as a code: `evidence`, `officer`, `approver`, `supplement`. */
  readonly for?: string
  readonly until?: Instant
  /** When to remind the one who is waited for. */
  readonly remindAt?: Instant
}

export interface OpenedCase extends GateOutcome {
  /** False when the case ended or still waits for the same: the gates are not asked. */
  readonly go: boolean
  /** The intention to sign is written: nothing takes the case back to the gates, only signing and delivery go on. */
  readonly intended: boolean
  readonly needsApproval: boolean
  /** Steps 2 to 5 have judged what is on record now and let it pass: asked again they would say the same. */
  readonly levelShown?: true
  /** False in band F: a record, not a credential. */
  readonly document: boolean
}

/** A decision as the workflow needs it: that it is recorded, for this case. */
export interface RecordedDecision {
  readonly decisionId: DecisionId
  readonly outcome: string
}

/** Acts of the pipeline worker, run as local activities in the automatic stretch. */
export interface PipelineActivities {
  /** First act of every round; applies what people have decided since: refusal, withdrawal, return, another achievement. */
  open(list: CaseList): Promise<OpenedCase[]>
  /** Identity, assessment, separation and evidence level, each with its verdict; the last says how a case goes on. */
  automatic(list: CaseList): Promise<GateOutcome[]>
  approval(list: CaseList): Promise<GateOutcome[]>
  clearance(list: CaseList): Promise<GateOutcome[]>
  delivery(list: CaseList): Promise<GateOutcome[]>
  /** The signing worker would not sign: the case stops for an officer with the worker's code. */
  signingRefused(list: CaseList): Promise<GateOutcome[]>
  /** These cases leave their cohort: each gets a workflow of its own. */
  leave(list: CaseList): Promise<void>
  remind(list: CaseList): Promise<void>
  /** The wait ran out: evidence → officer, approver → the next one or an officer, officer → escalation. */
  escalate(list: CaseList): Promise<GateOutcome[]>
  /** Refused (non-retryable `DecisionNotRecorded`) when nothing with this id is recorded for the case. */
  readDecision(institution: InstitutionId, caseId: CaseId, decisionId: DecisionId): Promise<RecordedDecision>
  revocationGate(request: RevocationRequest): Promise<RevocationOutcome>
  revocationExpired(request: RevocationRequest): Promise<void>
  revocationDone(request: RevocationRequest): Promise<void>
  /** Institutions whose record is held against itself. */
  reconcilable(): Promise<InstitutionId[]>
  /** How much was found, and told in the institution's trail. */
  reconcile(institution: InstitutionId): Promise<number>
  /** What the retention rules let go, suggested to people; how much. */
  suggestDisposals(institution: InstitutionId): Promise<number>
  erasureGate(request: ErasureRequest): Promise<ErasureOutcome>
  erasureExpired(request: ErasureRequest): Promise<void>
  /** Carries out what stands approved in the database; a hand-made request finds nothing to do. */
  erase(request: ErasureRequest): Promise<void>
}

export interface SignOutcome {
  readonly caseId: CaseId
  /** `alone`: as for a gate. */
  readonly outcome: 'signed' | 'refused' | 'alone'
  readonly credentials: readonly CredentialId[]
  /** Stable code when refused: `not-cleared`, `replay-differs`, `lint`, `no-key`, `unknown-case` … */
  readonly code?: string
}

export interface RevocationRequest {
  readonly institution: InstitutionId
  readonly revocationId: string
}

export interface RevocationOutcome {
  readonly state: 'proposed' | 'approved' | 'refused' | 'executed' | 'expired'
  /** Seconds an approver has. */
  readonly deadline: number
}

export interface ErasureRequest {
  readonly institution: InstitutionId
  readonly erasureId: string
}

export interface ErasureOutcome {
  readonly state: 'suggested' | 'proposed' | 'approved' | 'refused' | 'expired' | 'blocked' | 'executed'
  /** Seconds the second person has. */
  readonly deadline: number
}

/** Acts of the signing worker, on its own queue, with its own role and the only key (contracts §8). */
export interface SigningActivities {
  sign(list: CaseList): Promise<SignOutcome[]>
  revoke(request: RevocationRequest): Promise<RevocationOutcome>
  /** Signs and stores every list whose bits changed or whose validity is running out. */
  publishStatusLists(institution: InstitutionId): Promise<{ readonly published: readonly string[] }>
  institutions(): Promise<InstitutionId[]>
}
