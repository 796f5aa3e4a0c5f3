/** Whether a trail is all there: the heads manifest in the log says how many entries it had, and which was the last (audit-log §7.1). */
import { parseStrict } from '#audit/canonical.ts'
import { b64url } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { type HeadProof, type HeadsMap, headProblem, trailKey } from '#audit/heads.ts'
import { readLeaf } from '#audit/read-leaf.ts'
import { anyOf, digest, isObject, matches, natural, positive, shaped, uuid } from '#audit/shape.ts'
import { logOf } from '#audit/succession.ts'
import { leafHash } from '#audit/tree.ts'
import { type CheckpointAnswers, indexOf } from '#verifier/log-proof.ts'
import type { Material } from '#verifier/material.ts'
import { type Answer, couldNotCheck, counted, failed, passed } from '#verifier/report.ts'

type Line = Omit<HeadProof, 'key'> & { readonly trail: string }

/** A heads manifest that stands in the log, or why there is none to go by. */
export type Heads =
  | {
      readonly kind: 'proved'
      readonly map: HeadsMap
      readonly asOfSize: number
      readonly at: string
      readonly lines: ReadonlyMap<string, Line>
    }
  | { readonly kind: 'none'; readonly answer: Answer }

const isHeads = shaped({
  required: {
    asOfSize: positive,
    mapSize: positive,
    mapRoot: digest,
    trails: anyOf(
      shaped({ required: { trail: uuid, index: natural, n: positive, head: digest, path: anyOf(matches(/^.{43}$/)) } }),
    ),
  },
})

interface HeadsFile {
  readonly asOfSize: number
  readonly mapSize: number
  readonly mapRoot: string
  readonly trails: readonly Line[]
}

const noHeads = couldNotCheck(
  'Underlaget har ingen förteckning över kedjornas slut; en avkortad kedja syns då inte.',
  'The package has no manifest of trail heads; a trail cut short would not show.',
)

/** Reads `heads.json` and the entry that put it into the log. */
export async function readHeads(material: Material, proved: NonNullable<CheckpointAnswers['proved']>): Promise<Heads> {
  const bytes = await material.read('heads.json')
  if (bytes === undefined) return { kind: 'none', answer: noHeads }
  const leaf = await material.read('heads/entry.json')
  const file = parsed(bytes)
  const entry = leaf === undefined ? undefined : readLeaf(leaf)
  if (file === undefined || leaf === undefined || entry === undefined) return unusable('malformed')
  const index = indexOf(proved, { leaf, proof: await material.text('heads/entry.tlog-proof') })
  if (typeof index === 'string') return unusable(index)
  const { log, type, data = {}, at } = entry
  const { asOfSize, mapSize, mapRoot, trails } = file
  const says = data['asOfSize'] === asOfSize && data['mapRoot'] === mapRoot && data['trails'] === mapSize
  if (type !== 'log.heads/1' || log !== logOf(proved.judged.checkpoint.origin).log || !says || index < asOfSize)
    return unusable('other-entry')
  const map = { log, size: mapSize, root: mapRoot }
  return { kind: 'proved', map, asOfSize, at, lines: new Map(trails.map((line) => [line.trail, line])) }
}

function unusable(code: string): Heads {
  const answer = failed(
    `Förteckningen över kedjornas slut är inte den som står i loggen (${code}).`,
    `The manifest of trail heads is not the one that stands in the log (${code}).`,
  )
  return { kind: 'none', answer }
}

function parsed(bytes: Uint8Array): HeadsFile | undefined {
  try {
    const value: unknown = parseStrict(bytes)
    return isHeads(value) && isObject(value) ? (value as unknown as HeadsFile) : undefined
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

/** The trail's leaves against its line: exactly so many then, the last of them this one; later ones stand in the log by their own proofs. */
export function judgeCompleteness(heads: Heads, trail: string, leaves: readonly Uint8Array[]): Answer {
  if (heads.kind === 'none') return heads.answer
  const line = heads.lines.get(trail)
  if (line === undefined) {
    return couldNotCheck(
      'Kedjan är yngre än den senaste förteckningen över kedjornas slut.',
      'The trail is younger than the newest manifest of trail heads.',
    )
  }
  const last = leaves[line.n - 1]
  const problem = headProblem(
    heads.map,
    { trail, n: line.n, head: last === undefined ? '' : b64url(leafHash(last)) },
    { ...line, key: b64url(trailKey(heads.map.log, trail)) },
  )
  const then = heads.at.slice(0, 16).replace('T', ' ')
  const [sv, en] = counted(line.n, ['en post', 'one entry'], [`${line.n} poster`, `${line.n} entries`])
  if (problem !== undefined) {
    return failed(
      `Kedjan hade ${sv} ${then} enligt loggen; så är det inte här (${problem}).`,
      `The trail had ${en} at ${then} by the log; here it is otherwise (${problem}).`,
    )
  }
  const more = leaves.length - line.n
  if (more === 0) return passed(`Kedjan hade exakt ${sv} ${then} UTC.`, `The trail had exactly ${en} at ${then} UTC.`)
  const [svMore, enMore] = counted(more, ['en', 'one has'], [String(more), `${more} have`])
  return passed(
    `Kedjan hade exakt ${sv} ${then} UTC; ${svMore} har kommit till sedan dess.`,
    `The trail had exactly ${en} at ${then} UTC; ${enMore} come since.`,
  )
}
