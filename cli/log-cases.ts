/** One proof or note per line, as anybody's tests and tools hand them over; whatever a line holds, it gets its answer. */
import { fromBase64 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { openNote } from '#audit/note.ts'
import { parseVerifierKey } from '#audit/note-key.ts'
import { type Count, consistencyProblem, inclusionProblem } from '#audit/proof.ts'
import { repeatsMember } from './repeated-member.ts'

export interface Answer {
  readonly ok: boolean
  /** Why not: a stable code, with the member it is about where there is one; null when ok. */
  readonly reason: string | null
}

export type Judge = (line: string) => Answer

type Case = Readonly<Record<string, unknown>>

/** `{leafIndex, treeSize, leafHash, root, proof}`, hashes in base64. */
export const judgeInclusion = judging((members) =>
  inclusionProblem({
    leafIndex: countIn(members, 'leafIndex'),
    treeSize: countIn(members, 'treeSize'),
    leafHash: bytesIn(members, 'leafHash'),
    root: bytesIn(members, 'root'),
    proof: proofIn(members),
  }),
)

/** `{size1, size2, root1, root2, proof}`, hashes in base64. */
export const judgeConsistency = judging((members) =>
  consistencyProblem({
    size1: countIn(members, 'size1'),
    size2: countIn(members, 'size2'),
    root1: bytesIn(members, 'root1'),
    root2: bytesIn(members, 'root2'),
    proof: proofIn(members),
  }),
)

/** `{note, vkey}`. */
export const judgeNote = judging((members) => {
  const key = parseVerifierKey(textIn(members, 'vkey'))
  openNote(textIn(members, 'note'), [key])
  return undefined
})

/** A member that is missing or of another kind than it must be. */
class Misfit extends Error {}

function judging(problem: (members: Case) => string | undefined): Judge {
  return (line) => {
    try {
      const reason = problem(membersOf(line)) ?? null
      return { ok: reason === null, reason }
    } catch (error) {
      if (error instanceof AuditError) return { ok: false, reason: error.code }
      if (error instanceof Misfit) return { ok: false, reason: error.message }
      throw error
    }
  }
}

/** @throws Misfit for what is no JSON object */
function membersOf(line: string): Case {
  const value = parsed(line)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Misfit('not-an-object')
  return value as Case
}

function parsed(line: string): unknown {
  const value = valueIn(line)
  if (repeatsMember(line)) throw new Misfit('member-repeated')
  return value
}

function valueIn(line: string): unknown {
  try {
    return JSON.parse(line, exactly)
  } catch {
    // Also where the nesting is deeper than the parser can follow.
    throw new Misfit('not-json')
  }
}

/** Whole numbers to 64 bits exactly as they were written; any other spelling of a number counts nothing. */
function exactly(this: unknown, _name: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  if (typeof value !== 'number') return value
  return /^(0|[1-9][0-9]{0,19})$/.test(source) ? BigInt(source) : Number.NaN
}

function memberIn(members: Case, name: string): unknown {
  if (!Object.hasOwn(members, name)) throw new Misfit(`missing: ${name}`)
  return members[name]
}

function countIn(members: Case, name: string): Count {
  const value = memberIn(members, name)
  if (typeof value !== 'bigint') throw new Misfit(`count-malformed: ${name}`)
  return value
}

function textIn(members: Case, name: string): string {
  const value = memberIn(members, name)
  if (typeof value !== 'string') throw new Misfit(`text-malformed: ${name}`)
  return value
}

function bytesIn(members: Case, name: string): Uint8Array {
  return decoded(memberIn(members, name), name)
}

/** Go writes an empty list as null, and so do the published vectors. */
function proofIn(members: Case): Uint8Array[] {
  const value = memberIn(members, 'proof') ?? []
  if (!Array.isArray(value)) throw new Misfit('list-malformed: proof')
  return value.map((item, index) => decoded(item, `proof[${index}]`))
}

function decoded(value: unknown, name: string): Uint8Array {
  if (typeof value !== 'string') throw new Misfit(`text-malformed: ${name}`)
  try {
    return fromBase64(value)
  } catch {
    throw new Misfit(`base64-not-strict: ${name}`)
  }
}
