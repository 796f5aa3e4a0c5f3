/** Derived identities (contracts §2). Without them a retry would open a second case and sign a second credential. */
import { base32, hashParts } from '#audit/digest.ts'
import {
  as,
  type CaseId,
  type CredentialId,
  type DecisionId,
  type EvidenceId,
  type InstitutionId,
  type PersonId,
} from '#domain/words.ts'

const idBytes = 16

/** SHA-256 of institution, source and event id with zero bytes between; 32 bytes, unique in `inbox`. */
export function eventKey(institution: InstitutionId, source: string, eventId: string): Uint8Array {
  return hashParts(institution, source, eventId)
}

/** `case_` + base32 of the first 128 bits of the key of the completion that opened it. */
export function caseId(key: Uint8Array): CaseId {
  return as<CaseId>(`case_${short(key)}`)
}

/** `evid_` + base32 of the first 128 bits of the event key. */
export function evidenceId(key: Uint8Array): EvidenceId {
  return as<EvidenceId>(`evid_${short(key)}`)
}

/** `cred_` + base32 of SHA-256(case ‖ 0 ‖ achievement version ‖ 0 ‖ replacement ordinal). */
export function credentialId(caseOf: CaseId, version: number, ordinal: number): CredentialId {
  return as<CredentialId>(`cred_${base32(hashParts(caseOf, String(version), String(ordinal)))}`)
}

/** The same person sending the same decision again gets the same id; it is also the Update's id (contracts §7). */
export function decisionId(caseOf: CaseId, person: PersonId, idempotencyKey: string): DecisionId {
  return as<DecisionId>(`deci_${short(hashParts(caseOf, person, idempotencyKey))}`)
}

/** Workflow that carries one case; a name nobody can be read from (design 8). */
export function caseWorkflowId(institution: InstitutionId, caseOf: CaseId): string {
  return `case/${institution}/${caseOf}`
}

/** Workflow that carries cases which arrived together until each has ended or left (contracts §2). */
export function cohortWorkflowId(institution: InstitutionId, cases: readonly CaseId[]): string {
  return `cohort/${institution}/${short(hashParts(...cases.toSorted()))}`
}

/** Workflow of the n-th attempt to take a credential back. */
export function revocationWorkflowId(institution: InstitutionId, credential: CredentialId, n: number): string {
  return `revocation/${institution}/${credential}/${n}`
}

/** Workflow that waits for the second person and carries an erasure out. */
export function erasureWorkflowId(institution: InstitutionId, erasure: string): string {
  return `erasure/${institution}/${erasure}`
}

function short(bytes: Uint8Array): string {
  return base32(bytes.subarray(0, idBytes))
}
