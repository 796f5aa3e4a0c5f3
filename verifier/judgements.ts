/** Every gate judged again from what the package holds: the committed input, the rules under their digest, the verdict to the letter. */
import { parseStrict } from '#audit/canonical.ts'
import { b64url, fromB64url, sha256 } from '#audit/digest.ts'
import type { Entry } from '#audit/entry.ts'
import { AuditError } from '#audit/errors.ts'
import { isObject } from '#audit/shape.ts'
import type { CaseInput } from '#domain/case.ts'
import { assessmentBeginning } from '#domain/criteria.ts'
import { extraOf } from '#domain/gates/extra.ts'
import { type CaseGate, caseGates } from '#domain/gates/judge.ts'
import type { Verdict } from '#domain/gates/verdict.ts'
import { reachesByOwnTable } from '#domain/level.ts'
import { tableOf } from '#domain/policy/levels.ts'
import type { Profiles } from '#domain/policy/profile.ts'
import type { Achievement } from '#domain/register.ts'
import { beginningTold } from '#verifier/criteria.ts'
import type { Disclosures } from '#verifier/disclosed.ts'
import type { Material } from '#verifier/material.ts'
import { demandedGates, replayProblem, sameJson } from '#verifier/replay.ts'
import { type Answer, couldNotCheck, counted, failed, few, passed } from '#verifier/report.ts'

export interface Judgements {
  readonly answer: Answer
  /** What the last judged gate was judged from, once it came out the same: the facts the case stands on. */
  readonly input?: CaseInput
}

interface Rules {
  readonly achievement: Achievement
  readonly profiles: Profiles
}

const noGates = couldNotCheck('Inga grindar är prövade i kedjan.', 'No gate was judged in this trail.')

/** `entries` of a trail that was proved; what is not proved is not judged, for it could be anything. */
export async function judgeAgain(
  material: Material,
  entries: readonly Entry[],
  disclosures: Disclosures,
): Promise<Judgements> {
  const judged = entries.filter(
    ({ type, data }) => type === 'gate.judged/1' && caseGates.some((gate) => gate === data?.['gate']),
  )
  if (judged.length === 0) return { answer: noGates }
  const again = []
  for (const entry of judged) again.push(await replay(material, entry, disclosures.get(entry.n) ?? []))
  const wrong = again.flatMap((one) => (one.kind === 'differs' ? [`${one.n}: ${one.code}`] : []))
  if (wrong.length > 0) {
    const where = few(wrong)
    return {
      answer: failed(`Omprövningen blir en annan (post ${where}).`, `Judged again it differs (entry ${where}).`),
    }
  }
  const missing = again.filter(({ kind }) => kind === 'withheld').map(({ n }) => n)
  const same = again.filter((one) => one.kind === 'same')
  if (missing.length > 0 || same.length === 0) {
    const where = few(missing)
    return {
      answer: couldNotCheck(
        ...counted(
          judged.length,
          [
            `Underlaget till prövningen är undanhållet (post ${where}).`,
            `What the judgement stands on is withheld (entry ${where}).`,
          ],
          [
            `Underlaget till ${missing.length} av ${judged.length} prövningar är undanhållet (post ${where}).`,
            `What ${missing.length} of ${judged.length} judgements stand on is withheld (entry ${where}).`,
          ],
        ),
      ),
    }
  }
  const input = same.at(-1)?.input
  const loose = looseness(entries, same)
  return { answer: loose ?? whole(judged.length), ...(input === undefined ? {} : { input }) }
}

function whole(count: number): Answer {
  return passed(
    ...counted(
      count,
      [
        'En prövning är gjord om med samma underlag och samma utslag.',
        'One judgement was made again from the same facts and came out the same.',
      ],
      [
        `${count} prövningar är gjorda om med samma underlag och samma utslag.`,
        `${count} judgements were made again from the same facts and came out the same.`,
      ],
    ),
  )
}

type Again =
  | {
      readonly kind: 'same'
      readonly n: number
      readonly gate: CaseGate
      readonly input: CaseInput
      readonly entry: string
    }
  | { readonly kind: 'differs'; readonly n: number; readonly code: string }
  | { readonly kind: 'withheld'; readonly n: number }

async function replay(material: Material, entry: Entry, disclosures: readonly string[]): Promise<Again> {
  const { n, trail, data = {} } = entry
  const differs = (code: string): Again => ({ kind: 'differs', n, code })
  const name = String(n).padStart(4, '0')
  const [inputBytes, salt, verdictBytes] = await Promise.all([
    material.read(`trails/${trail}/inputs/${name}.json`),
    material.text(`trails/${trail}/inputs/${name}.salt`),
    material.read(`trails/${trail}/verdicts/${name}.json`),
  ])
  if (inputBytes === undefined || salt === undefined || verdictBytes === undefined) return { kind: 'withheld', n }
  const found = await readInput(material, inputBytes)
  if (typeof found === 'string') return differs(found)
  const document = objectIn(verdictBytes)
  const verdict = document?.['verdict'] as Verdict | undefined
  const inputSalt = saltIn(salt)
  if (verdict === undefined || inputSalt === undefined) return differs('malformed')
  const gate = data['gate'] as CaseGate
  const recorded = { verdict, input: found, inputBytes, inputSalt }
  try {
    const problem = replayProblem({ gate, entry, disclosures, recorded })
    if (problem !== undefined) return differs(problem)
    // Nothing stands beside the verdict but what follows from the input as well: no other level, and no word of anybody's.
    if (!sameJson(document, { verdict, extra: extraOf(gate, found) })) return differs('extra-differs')
    const { case: it } = found
    if (it.evidenceVersion !== data['evidenceVersion'] || !entry.id.startsWith(`${it.id}:`))
      return differs('foreign-input')
    if (verdict.rules !== data['rules']) return differs('other-rules')
    // Told since there are words for it; where it is told it must be what the facts say.
    const told = beginningTold(entry)
    const began = gate === 'assessment' ? assessmentBeginning(found) : undefined
    if (told !== undefined && (told.at !== began?.at || told.by !== began?.by)) return differs('other-beginning')
    return { kind: 'same', n, gate, input: found, entry: entry.id }
  } catch (error) {
    // An input that the log commits to and the rules cannot read is no ground for any verdict.
    if (error instanceof TypeError || error instanceof RangeError) return differs('input-unreadable')
    throw error
  }
}

/** Facts with their rules in place. */
async function readInput(material: Material, bytes: Uint8Array): Promise<CaseInput | string> {
  const facts = objectIn(bytes)
  const digest = facts?.['rules']
  if (facts === undefined || typeof digest !== 'string') return 'malformed'
  const kept = await material.read(`rules/${digest}.json`)
  if (kept === undefined) return 'rules-missing'
  const rules = objectIn(kept)
  if (rules === undefined || b64url(sha256(kept)) !== digest) return 'rules-differ'
  const { rules: _, ...rest } = facts
  const { achievement, profiles } = rules as unknown as Rules
  return { ...(rest as unknown as CaseInput), achievement, profiles }
}

function objectIn(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = parseStrict(bytes, { numbers: 'finite' })
    return isObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

function saltIn(text: string): Uint8Array | undefined {
  try {
    return fromB64url(text)
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

/** Where a case was cleared: every gate its own rules demand, and rules no looser than the published table. */
function looseness(entries: readonly Entry[], same: readonly Extract<Again, { kind: 'same' }>[]): Answer | undefined {
  const clearance = entries.findLast(({ type }) => type === 'issuance.cleared/1')
  const listed = clearance?.data?.['verdicts']
  if (clearance === undefined || !Array.isArray(listed)) return undefined
  const cleared = same.filter(({ entry }) => listed.includes(entry))
  const level = cleared.find(({ gate }) => gate === 'level')
  if (level === undefined)
    return failed('Klareringen saknar nivåprövning.', 'The clearance has no judgement of the level.')
  const { profiles, case: it } = level.input
  const lacking = demandedGates(profiles, it.promised).filter((gate) => !cleared.some((one) => one.gate === gate))
  if (lacking.length > 0) {
    const gates = lacking.join(', ')
    return failed(`Klareringen saknar krävd prövning: ${gates}.`, `The clearance lacks a demanded judgement: ${gates}.`)
  }
  if (tableOf(profiles.version) === undefined) {
    return couldNotCheck(
      `Den här versionen känner inte regeltabellen ${profiles.version}.`,
      `This version does not know the table of rules ${profiles.version}.`,
    )
  }
  return reachesByOwnTable(level.input)
    ? undefined
    : failed(
        'Ärendet når inte sin nivå enligt den publicerade tabellen.',
        'By the published table the case does not reach its level.',
      )
}
