/** Outside time: stamped checkpoints that are beginnings of this log, and the interval they leave for each entry (audit-log §6.3). */
import { type Anchor, type Bracket, bracketProblem } from '#audit/brackets.ts'
import { b64url, fromBase64, sha256 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { judgeCheckpoint } from '#audit/judge-checkpoint.ts'
import { consistencyProblem } from '#audit/proof.ts'
import { readLeaf } from '#audit/read-leaf.ts'
import { logOf } from '#audit/succession.ts'
import { type CheckpointAnswers, indexOf } from '#verifier/log-proof.ts'
import type { Material } from '#verifier/material.ts'
import { type Answer, couldNotCheck, counted, failed, few, passed } from '#verifier/report.ts'
import type { Trust } from '#verifier/trust.ts'

type Proved = NonNullable<CheckpointAnswers['proved']>

export interface AnchorAnswers {
  readonly consistency?: Answer
  readonly anchors: Answer
  readonly believed: readonly Anchor[]
}

const mostAnchors = 10_000

/** Judges every `anchors/<size>.…` of the package. */
export async function judgeAnchors(
  material: Material,
  proved: Proved | undefined,
  trust: Trust,
): Promise<AnchorAnswers> {
  const sizes = sizesIn(material.names)
  if (sizes.length === 0) return { anchors: none, believed: [] }
  if (proved === undefined) return { anchors: unproved, believed: [] }
  const found = []
  for (const size of sizes.slice(0, mostAnchors)) found.push(await judgeOne(material, size, { proved, trust }))
  const bent = found.filter(({ kind }) => kind === 'inconsistent').map(({ size }) => size)
  const consistency =
    bent.length > 0
      ? failed(
          `Den stämplade loggtoppen ${few(bent)} är inte en början på den här loggen.`,
          `The stamped checkpoint ${few(bent)} is no beginning of this log.`,
        )
      : passed(
          ...counted(
            found.length,
            [
              'Den stämplade loggtoppen är en början på den här loggen.',
              'The stamped checkpoint is a beginning of this log.',
            ],
            [
              `Alla ${found.length} stämplade loggtoppar är början på den här loggen.`,
              `All ${found.length} stamped checkpoints are beginnings of this log.`,
            ],
          ),
        )
  const believed = found.flatMap((one) => (one.kind === 'believed' ? [one.anchor] : []))
  return { consistency, anchors: answerOf(found), believed }
}

const none = couldNotCheck('Underlaget har inga tidsstämplar utifrån.', 'The package has no time-stamps from outside.')
const unproved = couldNotCheck(
  'Utan underskriven loggtopp kan tidsstämplarna inte knytas till loggen.',
  'Without a signed checkpoint the time-stamps cannot be tied to the log.',
)

type Found =
  | { readonly kind: 'believed'; readonly size: number; readonly anchor: Anchor }
  | { readonly kind: 'inconsistent' | 'wrong'; readonly size: number; readonly code: string }
  /** Sound as far as it goes; nobody here trusts a time-stamp authority. */
  | { readonly kind: 'untrusted'; readonly size: number }

function answerOf(found: readonly Found[]): Answer {
  const wrong = found.flatMap((one) => ('code' in one ? [`${one.size}: ${one.code}`] : []))
  if (wrong.length > 0)
    return failed(`Tidsstämpeln håller inte (${few(wrong)}).`, `A time-stamp does not hold (${few(wrong)}).`)
  if (found.some(({ kind }) => kind === 'untrusted')) {
    return couldNotCheck(
      ...counted(
        found.length,
        [
          'En tidsstämpel finns men är inte prövad: ingen tidsstämplare är angiven som betrodd.',
          'There is one time-stamp, and it was not judged: no authority was named as trusted.',
        ],
        [
          `${found.length} tidsstämplar finns men är inte prövade: ingen tidsstämplare är angiven som betrodd.`,
          `There are ${found.length} time-stamps, and they were not judged: no authority was named as trusted.`,
        ],
      ),
    )
  }
  return passed(
    ...counted(
      found.length,
      ['Tidsstämpeln utifrån håller.', 'The time-stamp from outside holds.'],
      [`${found.length} tidsstämplar utifrån håller.`, `${found.length} time-stamps from outside hold.`],
    ),
  )
}

function sizesIn(names: readonly string[]): number[] {
  const sizes = names.flatMap((name) => /^anchors\/([1-9][0-9]{0,14})\./.exec(name)?.[1] ?? [])
  return [...new Set(sizes.map(Number))].toSorted((a, b) => a - b)
}

interface Ground {
  readonly proved: Proved
  readonly trust: Trust
}

async function judgeOne(material: Material, size: number, { proved, trust }: Ground): Promise<Found> {
  const wrong = (code: string): Found => ({ kind: 'wrong', size, code })
  const [stamped, reply, leaf] = await Promise.all(
    ['checkpoint', 'tsr', 'json'].map((end) => material.read(`anchors/${size}.${end}`)),
  )
  if (stamped === undefined || reply === undefined || leaf === undefined) return wrong('file-missing')
  const bent = beginningProblem(
    { size, note: textOf(stamped), proved, trust },
    await material.text(`anchors/${size}.consistency`),
  )
  if (bent !== undefined) return { kind: 'inconsistent', size, code: bent }
  const index = indexOf(proved, { leaf, proof: await material.text(`anchors/${size}.tlog-proof`) })
  if (typeof index === 'string') return wrong(index)
  const entry = readLeaf(leaf)
  const names = Object.values(entry?.data ?? {})
  if (entry?.type !== 'anchor.received/1' || !names.includes(size) || !names.includes(b64url(sha256(reply))))
    return wrong('other-entry')
  if (index < size) return wrong('entry-before-stamp')
  const verdict = await trust.stamp?.(reply, sha256(stamped))
  if (verdict === undefined) return { kind: 'untrusted', size }
  if (!verdict.ok) return wrong(verdict.problem)
  const { genTime, accuracyMs } = verdict
  return {
    kind: 'believed',
    size,
    anchor: { size, index, genTime, ...(accuracyMs === undefined ? {} : { accuracyMs }) },
  }
}

interface Beginning extends Ground {
  readonly size: number
  readonly note: string
}

/** The stamped note is the log's own, of that size, and this log grew out of it. */
function beginningProblem({ size, note, proved, trust }: Beginning, proof: string | undefined): string | undefined {
  const judged = judgeCheckpoint({ ...trust.policy, quorum: undefined }, note)
  if (!judged.ok) return judged.reason
  const { checkpoint } = judged
  const { origin, size: size2, root: root2 } = proved.judged.checkpoint
  // Stamped before this log followed another: the proof shows that it took over what was stamped.
  if (logOf(checkpoint.origin).log !== logOf(origin).log || checkpoint.size !== size) return 'other-checkpoint'
  if (proof === undefined) return 'proof-missing'
  try {
    const hashes = proof === '' ? [] : proof.replace(/\n$/, '').split('\n').map(fromBase64)
    return consistencyProblem({ size1: size, size2, root1: checkpoint.root, root2, proof: hashes })
  } catch (error) {
    if (error instanceof AuditError) return error.code
    throw error
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

/** `at` of each entry against the outside times around it. */
export function judgeBrackets(
  placed: readonly { readonly n: number; readonly at: string; readonly bracket: Bracket }[],
): Answer {
  const bound = placed.filter(({ bracket }) => bracket.after !== undefined || bracket.before !== undefined)
  if (bound.length === 0)
    return couldNotCheck('Ingen tid utifrån omger posterna.', 'No time from outside surrounds the entries.')
  const outside = bound.filter(({ at, bracket }) => bracketProblem(at, bracket) !== undefined).map(({ n }) => n)
  return outside.length > 0
    ? failed(
        `Post ${few(outside)} anger en annan tid än tidsstämplarna omkring den tillåter.`,
        `Entry ${few(outside)} states another time than the time-stamps around it allow.`,
      )
    : passed(
        ...counted(
          bound.length,
          [
            'En post anger en tid som tidsstämplarna omkring den bekräftar.',
            'One entry states a time that the time-stamps around it confirm.',
          ],
          [
            `${bound.length} poster anger tider som tidsstämplarna omkring dem bekräftar.`,
            `${bound.length} entries state times that the time-stamps around them confirm.`,
          ],
        ),
      )
}
