/** Checkpoints and proofs under a policy: the one question a relying party asks; without it each would ask half of it. */
import { type Checkpoint, parseCheckpoint } from '#audit/checkpoint.ts'
import { parseCosignature } from '#audit/cosignature.ts'
import { AuditError, type AuditErrorCode } from '#audit/errors.ts'
import { openNote, type VerifiedSignature } from '#audit/note.ts'
import type { NoteVerifier } from '#audit/note-key.ts'
import { isQuorum, type Policy } from '#audit/policy.ts'
import { inclusionProblem, type ProofProblem } from '#audit/proof.ts'
import { parseProof } from '#audit/tlog-proof.ts'
import type { Hash } from '#audit/tree.ts'

export interface SeenBy {
  /** In the policy. */
  readonly name: string
  /** Of the key, as in the signature line. */
  readonly keyName: string
  /** Of its latest cosignature; seconds since 1970. */
  readonly time: number
}

interface Judged {
  readonly checkpoint: Checkpoint
  readonly log: NoteVerifier
  readonly witnesses: readonly SeenBy[]
}

interface Refused<Reason> {
  readonly ok: false
  readonly reason: Reason
}

export type CheckpointProblem = AuditErrorCode | 'log-unknown' | 'quorum-missed'

export type JudgedCheckpoint = ({ readonly ok: true } & Judged) | Refused<CheckpointProblem>

export type JudgedProof =
  | ({ readonly ok: true; readonly index: number } & Judged)
  | Refused<CheckpointProblem | ProofProblem>

/**
 * A checkpoint is believed when a log of the policy signed it under its own origin and a quorum of witnesses cosigned it. A wrong
 * signature of any key in the policy refuses the whole note. A policy without logs refuses every checkpoint.
 */
export function judgeCheckpoint(policy: Policy, note: string): JudgedCheckpoint {
  try {
    return judge(policy, note)
  } catch (error) {
    return { ok: false, reason: codeOf(error) }
  }
}

function judge(policy: Policy, note: string): JudgedCheckpoint {
  const { text, verified } = openNote(
    note,
    [...policy.logs, ...policy.witnesses].map(({ key }) => key),
  )
  const checkpoint = parseCheckpoint(text)
  const log = policy.logs.find(({ key }) => key.name === checkpoint.origin && verified.some(by(key)))?.key
  if (log === undefined) return { ok: false, reason: 'log-unknown' }
  const witnesses = policy.witnesses.flatMap(({ name, key }) => seenBy(name, verified.filter(by(key))))
  if (
    !isQuorum(
      policy,
      witnesses.map(({ name }) => name),
    )
  )
    return { ok: false, reason: 'quorum-missed' }
  return { ok: true, checkpoint, log, witnesses }
}

const by =
  (key: NoteVerifier) =>
  ({ verifier }: VerifiedSignature): boolean =>
    verifier === key

function seenBy(name: string, lines: readonly VerifiedSignature[]): SeenBy[] {
  const [first] = lines
  if (first === undefined) return []
  const time = Math.max(...lines.map(({ signature }) => parseCosignature(signature).time))
  return [{ name, keyName: first.name, time }]
}

/**
 * Whether a proof shows that the leaf stands in a log of the policy. Size and root come from its checkpoint, once that is
 * believed; never from elsewhere (audit-log §2).
 */
export function verifyTlogProof(
  policy: Policy,
  { leafHash, proofText }: { readonly leafHash: Hash; readonly proofText: string },
): JudgedProof {
  try {
    const { index, path, checkpoint: note } = parseProof(proofText)
    const judged = judge(policy, note)
    if (!judged.ok) return judged
    const { size, root } = judged.checkpoint
    const problem = inclusionProblem({ leafIndex: index, treeSize: size, leafHash, root, proof: path })
    return problem === undefined ? { ...judged, index } : { ok: false, reason: problem }
  } catch (error) {
    return { ok: false, reason: codeOf(error) }
  }
}

function codeOf(error: unknown): AuditErrorCode {
  if (error instanceof AuditError) return error.code
  throw error
}
