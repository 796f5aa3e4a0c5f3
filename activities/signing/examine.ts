/**
 * The signing worker's own judgement: it believes neither the task that called it nor the pipeline. Every demanded gate is
 * judged again over its recorded input, the trail is recomputed, the clearance looked up in it (contracts §8).
 */
import type { Clearance } from '#activities/signing/proof.ts'
import { openDisclosure } from '#audit/disclosure.ts'
import type { Entry } from '#audit/entry.ts'
import type { signingRefusals } from '#audit/package/code-words.ts'
import { verifyTrail } from '#audit/verify-trail.ts'
import type { CaseRow } from '#db/cases.ts'
import type { Intention } from '#db/credentials.ts'
import { credentialId } from '#db/ids.ts'
import type { WholeTrail } from '#db/trails.ts'
import type { ReplayableVerdict } from '#db/verdicts.ts'
import type { Approval, CaseInput } from '#domain/case.ts'
import type { CaseGate } from '#domain/gates/judge.ts'
import { reachesByOwnTable } from '#domain/level.ts'
import type { CredentialId, Instant, InstitutionId, PersonId } from '#domain/words.ts'
import { demandedGates, replayProblem, sameJson } from '#verifier/replay.ts'
import { decisionOf } from '#verifier/separation.ts'

/** With its words for whoever reads the trail. */
export type Refusal = keyof typeof signingRefusals

/** A case that may be signed, as the signer has seen it itself. */
export interface Examined {
  readonly row: CaseRow
  readonly credential: CredentialId
  /** Input of the last gate: facts, approvals and register at the moment of clearance. */
  readonly input: CaseInput
  readonly clearance: Clearance
  readonly clearedAt: Instant
  /** The intention that a repeat goes by; none where signing begins, or begins anew under a later clearance. */
  readonly intention: Intention | undefined
  /** An intention of an earlier clearance, which led to nothing. */
  readonly outlived: boolean
}

export type Examination =
  | { readonly kind: 'ready'; readonly examined: Examined }
  | { readonly kind: 'refused'; readonly code: Refusal }

export interface Records {
  readonly institution: InstitutionId
  readonly row: CaseRow
  readonly verdicts: readonly ReplayableVerdict[]
  readonly trail: WholeTrail | undefined
  /** What opens the digests in the trail's entries. */
  readonly disclosures: readonly { readonly n: number; readonly disclosure: string }[]
  /** What people decided on issuance, as the API recorded it under its own role. */
  readonly approvals: readonly Approval[]
  /** What the log calls a person. */
  readonly refOf: (person: PersonId) => string
  /** Once it is written, later evidence no longer takes the case back; a clearance that came after it does. */
  readonly intention: Intention | undefined
}

export function examine(records: Records): Examination {
  const { institution, row, verdicts, trail, disclosures, approvals, refOf, intention: written } = records
  if (row.state !== 'cleared') return refused('not-cleared')
  const entries = entriesOf(trail)
  if (entries === undefined) return refused('trail-broken')
  const clearance = entries.findLast(({ type }) => type === 'issuance.cleared/1')
  if (clearance === undefined) return refused('not-cleared')
  const version = clearance.data?.['evidenceVersion']
  const outlived = written !== undefined && isOutlived(written, { entries, clearance, disclosures })
  const intention = outlived ? undefined : written
  if (version !== row.evidenceVersion && intention === undefined) return refused('version-moved')

  const cleared = verdicts.filter((verdict) => verdict.evidenceVersion === version)
  const level = cleared.find(({ gate }) => gate === 'level')
  if (level === undefined) return refused('verdict-missing')
  for (const gate of demandedGates(level.input.profiles, level.input.case.promised)) {
    const verdict = cleared.find((one) => one.gate === gate)
    const problem = problemOf({ gate, verdict, entries, clearance, row, institution, disclosures })
    if (problem !== undefined) return refused(problem)
  }
  if (!areRecorded(level.input, approvals, { entries, clearance, refOf })) return refused('approval-unrecorded')
  if (!reachesByOwnTable(level.input)) return refused('rules-loosened')
  const credential = credentialId(row.id, row.achievementVersion, 0)
  if (!listOf(clearance, 'credentials').includes(credential)) return refused('no-document')
  if (intention !== undefined && !isTold(intention, { entries, clearance, disclosures }))
    return refused('intention-untold')
  const leaf = trail?.leaves[clearance.n - 1]
  if (leaf === undefined) return refused('trail-broken')
  const proved = { id: clearance.id, trail: row.trail, n: clearance.n, leaf }
  return {
    kind: 'ready',
    examined: {
      row,
      credential,
      input: level.input,
      clearance: proved,
      clearedAt: clearance.at as Instant,
      intention,
      outlived,
    },
  }
}

function refused(code: Refusal): Examination {
  return { kind: 'refused', code }
}

/** The trail as the database keeps it must be whole: canonical, chained, ending where its head says. */
function entriesOf(trail: WholeTrail | undefined): readonly Entry[] | undefined {
  if (trail === undefined) return undefined
  const report = verifyTrail(trail.leaves, trail.expected)
  return report.outcome === 'passed' ? report.entries : undefined
}

interface Question {
  readonly gate: CaseGate
  readonly verdict: ReplayableVerdict | undefined
  readonly entries: readonly Entry[]
  readonly clearance: Entry
  readonly row: CaseRow
  readonly institution: InstitutionId
  readonly disclosures: Records['disclosures']
}

function problemOf({
  gate,
  verdict,
  entries,
  clearance,
  row,
  institution,
  disclosures,
}: Question): Refusal | undefined {
  if (verdict === undefined || !listOf(clearance, 'verdicts').includes(verdict.entry)) return 'verdict-missing'
  const { input } = verdict
  if (input.case.id !== row.id || input.case.institution !== institution || input.case.learner !== row.person)
    return 'foreign-input'
  if (input.case.evidenceVersion !== verdict.evidenceVersion || verdict.rules !== row.frozenDigest)
    return 'foreign-input'
  const entry = entries.find(({ id }) => id === verdict.entry)
  const own = disclosures.filter(({ n }) => n === entry?.n).map(({ disclosure }) => disclosure)
  const problem = replayProblem({ gate, entry, disclosures: own, recorded: verdict })
  if (problem !== undefined) return problem
  return verdict.verdict.outcome === 'pass' ? undefined : 'not-passed'
}

/**
 * The last gate judged exactly what people decided until then: nothing made up, nothing left out. Each approval stands in the trail before
 * the clearance, as the act of that very person: a row of a table is nobody's word.
 */
function areRecorded(
  input: CaseInput,
  approvals: readonly Approval[],
  { entries, clearance, refOf }: Pick<Question, 'entries' | 'clearance'> & Pick<Records, 'refOf'>,
): boolean {
  const until = approvals.filter(({ at }) => at <= input.now)
  return (
    sameJson(input.approvals, until) &&
    until.every((approval) => {
      const told = decisionOf(entries, approval)
      return told !== undefined && told.n < clearance.n && told.actor.ref === refOf(approval.person)
    })
  )
}

/**
 * The signer's own word that it would sign this very document, after the clearance: else whoever planted the row would date the credential.
 * After a restore the entry may be there and what opens its digest not; its time is then told by the clearance alone.
 */
function isTold(intention: Intention, { entries, clearance, disclosures }: ToldOf): boolean {
  const told = requestOf(intention, entries)
  return told !== undefined && told.n > clearance.n && saysSo(told, intention, { entries, clearance, disclosures })
}

/**
 * Told as it is written, behind an earlier clearance than the last one: its signing was refused, and the case was judged and cleared again.
 * That document is signed no more; what is cleared now is another.
 */
function isOutlived(intention: Intention, { entries, clearance, disclosures }: ToldOf): boolean {
  const told = requestOf(intention, entries)
  const earlier = entries.findLast(({ type, n }) => type === 'issuance.cleared/1' && told !== undefined && n < told.n)
  if (told === undefined || earlier === undefined || earlier.n === clearance.n) return false
  return saysSo(told, intention, { entries, clearance: earlier, disclosures })
}

type ToldOf = Pick<Question, 'entries' | 'clearance' | 'disclosures'>

function requestOf({ credentialId }: Intention, entries: readonly Entry[]): Entry | undefined {
  return entries.findLast(({ type, data }) => type === 'signing.requested/1' && data?.['credential'] === credentialId)
}

function saysSo(
  told: Entry,
  { kid, documentDigest, issuedAt }: Intention,
  { clearance, disclosures }: ToldOf,
): boolean {
  if (told.data?.['kid'] !== kid || issuedAt < clearance.at) return false
  const opened = disclosures
    .filter(({ n }) => n === told.n)
    .map(({ disclosure }) => openDisclosure(disclosure, told._sd ?? []))
  return opened.every((one) => one.kind === 'opened' && one.name === 'document' && one.value === documentDigest)
}

function listOf({ data }: Entry, name: string): readonly string[] {
  const list = data?.[name]
  return Array.isArray(list) ? list : []
}
