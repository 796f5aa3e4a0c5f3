/** The one checkpoint everything is proved against, and the proofs against it. Root and size come from the signed note alone. */

import { parseCheckpoint } from '#audit/checkpoint.ts'
import { b64url } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { type JudgedCheckpoint, judgeCheckpoint } from '#audit/judge-checkpoint.ts'
import { parseNote } from '#audit/note.ts'
import type { Manifest } from '#audit/package/manifest.ts'
import type { Policy } from '#audit/policy.ts'
import { inclusionProblem } from '#audit/proof.ts'
import { logOf } from '#audit/succession.ts'
import { parseProof } from '#audit/tlog-proof.ts'
import { leafHash } from '#audit/tree.ts'
import { type Answer, couldNotCheck, counted, failed, passed } from '#verifier/report.ts'

export type Judged = Extract<JudgedCheckpoint, { ok: true }>

export interface CheckpointAnswers {
  readonly checkpoint: Answer
  readonly witnesses: Answer
  /** The note's text as it stands, and what it says; only when the log's own signature held. */
  readonly proved?: { readonly note: string; readonly judged: Judged }
}

const noNote = couldNotCheck(
  'Utan underskriven loggtopp bevisas ingenting.',
  'Without a signed checkpoint nothing is proved.',
)

/** Signature and quorum, by the verifier's own policy. */
export function judgeNote(policy: Policy, note: string | undefined, manifest: Manifest): CheckpointAnswers {
  if (note === undefined) {
    const checkpoint = failed('Loggtoppen saknas i underlaget.', 'The checkpoint is missing from the package.')
    return { checkpoint, witnesses: noNote }
  }
  const whole = judgeCheckpoint(policy, note)
  const judged =
    whole.ok || whole.reason !== 'quorum-missed' ? whole : judgeCheckpoint({ ...policy, quorum: undefined }, note)
  if (!judged.ok) return { checkpoint: unsigned(policy, note, judged.reason), witnesses: noNote }
  const { origin, size, root } = judged.checkpoint
  const { log, checkpoint: stated } = manifest
  if (logOf(origin).log !== log || size !== stated.size || b64url(root) !== stated.root) {
    const checkpoint = failed(
      'Förteckningen anger en annan logg eller loggtopp än den underskrivna.',
      'The manifest states another log or checkpoint than the signed one.',
    )
    return { checkpoint, witnesses: noNote }
  }
  return {
    checkpoint: passed(
      ...counted(
        size,
        [`Loggen ${origin} har skrivit under en post.`, `The log ${origin} has signed for one entry.`],
        [`Loggen ${origin} har skrivit under ${size} poster.`, `The log ${origin} has signed for ${size} entries.`],
      ),
    ),
    witnesses: whole.ok ? witnessed(policy, judged) : missed(judged),
    proved: { note, judged },
  }
}

/** A log the verifier does not know is no forgery; one it knows that did not sign is. */
function unsigned({ logs }: Policy, note: string, reason: string): Answer {
  const origin = originOf(note)
  const isKnown = origin === undefined || logs.some(({ key }) => key.name === origin)
  return isKnown || reason === 'signature-wrong'
    ? failed(
        `Loggtoppens underskrift stämmer inte (${reason}).`,
        `The checkpoint’s signature does not hold (${reason}).`,
      )
    : couldNotCheck(
        'Din policy känner inte den här loggen; dess nyckel måste komma från annat håll.',
        'Your policy does not know this log; its key must come from elsewhere.',
      )
}

function originOf(note: string): string | undefined {
  try {
    return parseCheckpoint(parseNote(note).text).origin
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

function witnessed({ quorum }: Policy, { witnesses }: Judged): Answer {
  if (quorum === undefined) return passed('Din policy kräver inga vittnen.', 'Your policy demands no witnesses.')
  const names = witnesses.map(({ name }) => name).join(', ')
  return passed(`Bevittnad av ${names}.`, `Witnessed by ${names}.`)
}

function missed({ witnesses }: Judged): Answer {
  const names = witnesses.map(({ name }) => name).join(', ')
  return failed(
    `De vittnen din policy kräver har inte sett loggtoppen (har sett: ${names || 'ingen'}).`,
    `The witnesses your policy demands have not seen the checkpoint (have seen it: ${names || 'none'}).`,
  )
}

export interface ProofCheck {
  readonly leaf: Uint8Array
  readonly proof: string | undefined
}

/** Index of a leaf in the log, or why it is not shown to stand there. The proof's own checkpoint must be the package's, to the letter. */
export function indexOf(
  { note, judged }: NonNullable<CheckpointAnswers['proved']>,
  { leaf, proof }: ProofCheck,
): number | string {
  if (proof === undefined) return 'proof-missing'
  try {
    const { index, path, checkpoint } = parseProof(proof)
    if (checkpoint !== note) return 'other-checkpoint'
    const { size, root } = judged.checkpoint
    const problem = inclusionProblem({ leafIndex: index, treeSize: size, leafHash: leafHash(leaf), root, proof: path })
    return problem ?? index
  } catch (error) {
    if (error instanceof AuditError) return error.code
    throw error
  }
}
