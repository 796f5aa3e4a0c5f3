/**
 * Has a checkpoint cosigned by the witnesses of a policy, all asked at once; without a quorum of them a log could show one history to
 * us and another to you (audit-log §6.1, §6.3). Only addresses of the policy are asked.
 */
import { printAddCheckpoint } from '#audit/add-checkpoint.ts'
import { parseCosignature } from '#audit/cosignature.ts'
import { AuditError } from '#audit/errors.ts'
import { addSignatures, openNote, parseNote, printSignature } from '#audit/note.ts'
import { isQuorum, type Policy, type PolicyWitness } from '#audit/policy.ts'
import type { Hash } from '#audit/tree.ts'
import { count } from '#connectors/platform/metrics.ts'
import { askWitness } from '#connectors/witness/ask-witness.ts'

export interface CosignatureRequest {
  readonly policy: Policy
  /** The checkpoint, signed by the log; cosignatures it has already count and are not asked for again. */
  readonly note: string
  readonly size: number
  /** Name of a witness in the policy → size it is known to hold; who is not there is taken to hold nothing. */
  readonly held?: ReadonlyMap<string, number>
  /** Consistency proof from a smaller, not empty tree to this one. */
  readonly prove: (from: number) => Promise<readonly Hash[]>
  /** How long a witness is waited for, all its answers together; default five seconds. */
  readonly patienceMs?: number
  readonly signal?: AbortSignal
}

export type WitnessOutcome =
  /** Its line stands in the note. `time`: seconds since 1970, by its clock. */
  | { readonly kind: 'cosigned'; readonly time: number }
  /** It has cosigned a larger tree of this log than ours: ours was rolled back, or somebody else signs with our key. */
  | { readonly kind: 'ahead'; readonly size: number }
  /**
   * It will not: 422 says that it has cosigned another history, and so does 409 with the very size we named (as the protocol had it
   * before July 2026); the rest are mistakes of configuration.
   */
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404 | 409 | 422 }
  /** It answered without a cosignature of its own key over this checkpoint. */
  | { readonly kind: 'not-its-own' }
  | { readonly kind: 'unreachable'; readonly status?: number }

export interface Gathered {
  /** With every cosignature that has come. */
  readonly note: string
  /** Whether they are a quorum. */
  readonly met: boolean
  /** By name in the policy; who has not answered yet is not there. */
  readonly outcomes: ReadonlyMap<string, WitnessOutcome>
  /** What each is known to hold now: hand it in next time. */
  readonly held: ReadonlyMap<string, number>
}

export interface Gathering extends Gathered {
  /** The same when the last has answered or been given up. */
  readonly rest: Promise<Gathered>
}

const usualPatienceMs = 5_000
/** A witness that is asked by somebody else too may move between its answer and our next question. */
const mostQuestions = 3

/** Resolves as soon as there is a quorum, or when all have answered or been given up. Rejects only with `prove`. */
export async function gatherCosignatures(request: CosignatureRequest): Promise<Gathering> {
  const { policy, note } = request
  const state = {
    note,
    held: new Map(request.held),
    outcomes: new Map(policy.witnesses.flatMap((one) => cosignedBefore(one, note))),
  }
  const gathered = (): Gathered => ({
    note: state.note,
    met: isQuorum(policy, cosignersIn(state.outcomes)),
    outcomes: new Map(state.outcomes),
    held: new Map(state.held),
  })
  const toAsk = policy.witnesses.filter(({ name, url }) => url !== undefined && !state.outcomes.has(name))
  const patience = AbortSignal.timeout(request.patienceMs ?? usualPatienceMs)
  const signal = request.signal === undefined ? patience : AbortSignal.any([patience, request.signal])
  let quorum: () => void = () => undefined
  const reached = new Promise<void>((resolve) => {
    quorum = resolve
  })
  const asking = toAsk.map(async (witness) => {
    const { outcome, lines, holds } = await cosignatureOf(witness, request, signal)
    state.note = addSignatures(state.note, lines)
    state.outcomes.set(witness.name, outcome)
    if (holds !== undefined) state.held.set(witness.name, holds)
    count('bevis_log_witness_answers_total', { witness: witness.name, outcome: outcome.kind })
    if (gathered().met) quorum()
  })
  const rest = Promise.all(asking).then(gathered)
  // Who has a quorum may let the rest go; a proof that could not be had for a straggler is no news to them.
  rest.catch(() => undefined)
  if (!gathered().met) await Promise.race([reached, rest])
  return { ...gathered(), rest }
}

const cosignersIn = (outcomes: ReadonlyMap<string, WitnessOutcome>) =>
  [...outcomes].flatMap(([name, { kind }]) => (kind === 'cosigned' ? [name] : []))

function cosignedBefore({ name, key }: PolicyWitness, note: string): [string, WitnessOutcome][] {
  const found = ownLines(note, key)
  return found === undefined ? [] : [[name, { kind: 'cosigned', time: found.time }]]
}

interface Answered {
  readonly outcome: WitnessOutcome
  readonly lines: readonly string[]
  /** Size it is known to hold after this. */
  readonly holds?: number
}

async function cosignatureOf(
  witness: PolicyWitness,
  request: CosignatureRequest,
  signal: AbortSignal,
): Promise<Answered> {
  let from = Math.min(request.held?.get(witness.name) ?? 0, request.size)
  for (let question = 0; question < mostQuestions; question += 1) {
    const answer = await askWitness(witness.url ?? '', await bodyFor(request, from), signal)
    if (answer.kind === 'lines') return judged(witness, request, answer.lines)
    if (answer.kind !== 'holds') return { outcome: answer, lines: [], ...(question > 0 ? { holds: from } : {}) }
    if (answer.size === from) return { outcome: { kind: 'refused', status: 409 }, lines: [], holds: from }
    from = answer.size
    if (from > request.size) return { outcome: { kind: 'ahead', size: from }, lines: [] }
  }
  return { outcome: { kind: 'unreachable', status: 409 }, lines: [], holds: from }
}

async function bodyFor({ note, size, prove }: CosignatureRequest, from: number): Promise<string> {
  const proof = from > 0 && from < size ? await prove(from) : []
  return printAddCheckpoint({ oldSize: from, proof, note })
}

function judged({ key }: PolicyWitness, { note, size }: CosignatureRequest, lines: readonly string[]): Answered {
  const { text } = parseNote(note)
  const found = ownLines(`${text}\n${lines.map((line) => `${line}\n`).join('')}`, key)
  if (found === undefined) return { outcome: { kind: 'not-its-own' }, lines: [] }
  return { outcome: { kind: 'cosigned', time: found.time }, lines: found.lines, holds: size }
}

/** The lines of one witness in a note, and the time of the latest; undefined where it has none, or a wrong one. */
function ownLines(note: string, key: PolicyWitness['key']) {
  try {
    const { verified } = openNote(note, [key])
    const time = Math.max(...verified.map(({ signature }) => parseCosignature(signature).time))
    return { lines: verified.map(printSignature), time }
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}
