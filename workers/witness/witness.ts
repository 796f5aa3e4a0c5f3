/** One act: judge a checkpoint, remember it, cosign it. Remembering comes before the answer, or a crash would let us say two things. */
import { utf8 } from '#audit/digest.ts'
import { printSignature } from '#audit/note.ts'
import type { Cosigner } from '#audit/note-key.ts'
import { inStep } from '#config/failpoints.ts'
import { type Asked, type KnownLogs, type Refusal, readAsked, refusalOf } from './judge.ts'
import type { Seen, WitnessStore } from './store.ts'

export interface WitnessDependencies {
  readonly store: WitnessStore
  /** Each puts its line to what is cosigned; the same witness by keys of several kinds. */
  readonly cosigners: readonly Cosigner[]
  /** Asked at each request, so that a log is known as soon as its key lies in the folder. */
  readonly logs: () => KnownLogs | Promise<KnownLogs>
  /** Told of every refusal of what a known log has signed. */
  readonly onRefused?: (origin: string, problem: string) => void
}

export type WitnessAnswer = { readonly status: 200; readonly lines: string } | Refusal

/** Answers the body of `POST /add-checkpoint`. */
export function addCheckpoint(witness: WitnessDependencies, body: Uint8Array): Promise<WitnessAnswer> {
  return inStep('cosign', async () => {
    const asked = readAsked(body, await witness.logs())
    return 'status' in asked ? asked : await answer(witness, asked, body)
  })
}

async function answer(witness: WitnessDependencies, asked: Asked, body: Uint8Array): Promise<WitnessAnswer> {
  const { store, cosigners } = witness
  const { origin, size, root } = asked.checkpoint
  const seen = await store.read(origin)
  const refusal = refusalOf(asked, seen)
  if (refusal !== undefined) return await refused(witness, asked, body, refusal)
  // Taken after the state was read, and the state is still the same when it is swapped: at this time the tree was the largest seen.
  const next: Seen = { size, root, time: Math.max(Math.floor(Date.now() / 1_000), seen.time) }
  const text = utf8(asked.text)
  const lines = cosigners
    .map(({ name, keyId, cosign }) => `${printSignature({ name, keyId, signature: cosign(text, next.time) })}\n`)
    .join('')
  // Whoever was overtaken is told where the log stands now, as anybody with an old size is.
  if (!(await store.swap(origin, seen, next))) return await answer(witness, asked, body)
  await store.keepNote(
    origin,
    next,
    `${asked.text}\n${asked.signatures.map((one) => `${printSignature(one)}\n`).join('')}${lines}`,
  )
  return { status: 200, lines }
}

async function refused(
  { store, onRefused }: WitnessDependencies,
  { checkpoint: { origin } }: Asked,
  body: Uint8Array,
  refusal: Refusal,
): Promise<Refusal> {
  if (refusal.status !== 422) return refusal
  onRefused?.(origin, refusal.problem)
  await store.keepContradiction(origin, body)
  return refusal
}
