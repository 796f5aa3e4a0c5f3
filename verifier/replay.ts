/**
 * A recorded judgement made again: the very input the entry commits to, the same rule, the same verdict to the letter. The signer asks
 * before it signs and the verifier years later, and both must ask the same (contracts §8, audit-log §7.4).
 */
import { b64url, sha256 } from '#audit/digest.ts'
import { openDisclosure } from '#audit/disclosure.ts'
import type { Entry } from '#audit/entry.ts'
import type { CaseInput } from '#domain/case.ts'
import { type CaseGate, caseGates, judge } from '#domain/gates/judge.ts'
import type { Verdict } from '#domain/gates/verdict.ts'
import type { Profiles } from '#domain/policy/profile.ts'
import type { Band } from '#domain/words.ts'

/** A verdict with what it was judged from. */
export interface RecordedJudgement {
  readonly verdict: Verdict
  readonly input: CaseInput
  /** JCS bytes of the input as it is kept: the digest of its rules in their place. */
  readonly inputBytes: Uint8Array
  readonly inputSalt: Uint8Array
}

export interface ReplayQuestion {
  readonly gate: CaseGate
  /** The entry that tells of the judgement, from a trail that was checked. */
  readonly entry: Entry | undefined
  /** RFC 9901 disclosures of that entry. */
  readonly disclosures: readonly string[]
  readonly recorded: RecordedJudgement
}

export type ReplayProblem = 'verdict-missing' | 'input-changed' | 'replay-differs'

/** What speaks against a recorded judgement, or undefined when it is the one the entry tells of and comes out the same again. */
export function replayProblem({ gate, entry, disclosures, recorded }: ReplayQuestion): ReplayProblem | undefined {
  const { verdict, input, inputBytes, inputSalt } = recorded
  if (entry?.type !== 'gate.judged/1' || entry.data?.['gate'] !== gate || entry.data['outcome'] !== verdict.outcome) {
    return 'verdict-missing'
  }
  if (!isCommitted(entry, inputDigestOf(inputSalt, inputBytes), disclosures)) return 'input-changed'
  return sameJson(judge(gate, input), verdict) ? undefined : 'replay-differs'
}

/** base64url of SHA-256(salt ‖ input bytes): what the leaf commits to. */
export function inputDigestOf(salt: Uint8Array, inputBytes: Uint8Array): string {
  const bytes = new Uint8Array(salt.length + inputBytes.length)
  bytes.set(salt)
  bytes.set(inputBytes, salt.length)
  return b64url(sha256(bytes))
}

/** The gates that must have passed before a case is cleared. */
export function demandedGates(profiles: Profiles, promised: Band): CaseGate[] {
  const needsApproval = profiles.byBand[promised].approvers.demand.roles.length > 0
  return caseGates.filter((gate) => gate !== 'approval' || needsApproval)
}

/** The entry's own salted digest stands for this very input. */
function isCommitted(entry: Entry, inputDigest: string, disclosures: readonly string[]): boolean {
  return disclosures
    .map((disclosure) => openDisclosure(disclosure, entry._sd ?? []))
    .some((opened) => opened.kind === 'opened' && opened.name === 'input' && opened.value === inputDigest)
}

/** For JSON values the same as equal JCS bytes, at a tenth of the price. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, index) => sameJson(item, b[index]))
  }
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(Reflect.get(a, name), Reflect.get(b, name)))
  )
}
