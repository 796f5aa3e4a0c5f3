/** One trail of a package, from its bytes to its report. */

import { type Anchor, bracketOf } from '#audit/brackets.ts'
import { b64url } from '#audit/digest.ts'
import type { Entry } from '#audit/entry.ts'
import type { Manifest, TrailLine } from '#audit/package/manifest.ts'
import { sentenceOf } from '#audit/package/words.ts'
import { leafHash } from '#audit/tree.ts'
import { verifyTrail } from '#audit/verify-trail.ts'
import { judgeBrackets } from '#verifier/anchors.ts'
import { type Heads, judgeCompleteness } from '#verifier/completeness.ts'
import { judgeCriteria, type Publications } from '#verifier/criteria.ts'
import { type Disclosed, judgeDisclosures, readDisclosures } from '#verifier/disclosed.ts'
import { judgeDocuments } from '#verifier/documents.ts'
import { judgeAgain } from '#verifier/judgements.ts'
import { type CheckpointAnswers, indexOf } from '#verifier/log-proof.ts'
import type { Material } from '#verifier/material.ts'
import { judgeMoves, judgeOrder } from '#verifier/order.ts'
import type { People } from '#verifier/people.ts'
import {
  type Answer,
  type Check,
  type CheckId,
  couldNotCheck,
  counted,
  failed,
  few,
  passed,
  type TimelineEntry,
  type TrailReport,
  text,
} from '#verifier/report.ts'
import { judgeSeparation } from '#verifier/separation.ts'
import type { Trust } from '#verifier/trust.ts'

/** What holds for the whole package. */
export interface Ground {
  readonly material: Material
  readonly manifest: Manifest
  readonly trust: Trust
  readonly proved: CheckpointAnswers['proved']
  readonly witnessed: boolean
  readonly heads: Heads
  readonly anchors: readonly Anchor[]
  readonly people: People
  readonly publications: Publications
}

const unreadCriteria = {
  holds: 'unknown',
  because: text('Posterna är inte bevisade i loggen', 'The entries are not proved in the log'),
} as const
const unread = couldNotCheck('Posterna kunde inte läsas.', 'The entries could not be read.')
const unproved = couldNotCheck(
  'Posterna är inte bevisade i loggen, så det som står i dem prövas inte.',
  'The entries are not proved in the log, so what they say is not judged.',
)

export async function judgeTrail(line: TrailLine, ground: Ground): Promise<TrailReport> {
  const { trail } = line
  const { material, manifest } = ground
  const leaves = await leavesOf(material, line)
  const found = verifyTrail(leaves.bytes, { log: manifest.log, trail })
  const entries = found.entries.length === leaves.bytes.length ? found.entries : []
  const isChained =
    entries.length > 0 && found.checks.every(({ id, outcome }) => outcome !== 'failed' || id === 'completeness')
  const checks: Check[] = found.checks
    .filter(({ id }) => id !== 'completeness')
    .map(({ id, outcome, because }) => ({ id, trail, outcome, because }))
  const add = (id: CheckId, answer: Answer) => checks.push({ id, trail, ...answer })
  const inLog = await judgeInclusion(leaves, line, ground)
  add('inclusion', inLog.answer)
  add('completeness', leaves.bytes.length === 0 ? unread : judgeCompleteness(ground.heads, trail, leaves.bytes))
  const disclosed = await disclosuresOf(trail, entries, ground)
  const timeline = entries.map((entry, at) => timelineEntry(entry, inLog.indexes[at], { ...ground, disclosed }))
  add('brackets', entries.length === 0 ? unread : judgeBrackets(timeline))
  add('disclosures', disclosed.answer)
  if (!isChained) {
    for (const id of ['order', 'moves', 'replay', 'separation', 'documents'] as const) add(id, unread)
    return { trail, case: line.case, checks, timeline, duties: [], pairs: [], criteria: unreadCriteria }
  }
  add('order', judgeOrder(entries))
  add('moves', judgeMoves(entries))
  const isProved = inLog.answer.outcome === 'passed' && ground.witnessed
  const again = isProved ? await judgeAgain(material, entries, disclosed.texts) : { answer: unproved }
  add('replay', again.answer)
  const separation = judgeSeparation(entries, again.input, ground.people)
  add('separation', separation.answer)
  add('documents', await judgeDocuments(material, trail, { entries, opened: disclosed.opened, trust: ground.trust }))
  const { duties, pairs } = separation
  const criteria = isProved ? judgeCriteria(entries, again.input, ground.publications) : unreadCriteria
  return { trail, case: line.case, checks, timeline, duties, pairs, criteria }
}

interface Leaves {
  readonly bytes: readonly Uint8Array[]
  readonly proofs: readonly (string | undefined)[]
  /** Files of the trail's folder that are no entry the manifest counts. */
  readonly stray: readonly string[]
}

async function leavesOf(material: Material, { trail, entries }: TrailLine): Promise<Leaves> {
  const own = new RegExp(`^trails/${trail}/([0-9]{4,15})[.](json|tlog-proof)$`)
  const numbers = material.names.flatMap((name) => own.exec(name)?.[1] ?? [])
  const there = [...new Set(numbers)].toSorted((a, b) => Number(a) - Number(b))
  const bytes: Uint8Array[] = []
  const proofs: (string | undefined)[] = []
  for (const name of there) {
    const leaf = await material.read(`trails/${trail}/${name}.json`)
    if (leaf === undefined) continue
    bytes.push(leaf)
    proofs.push(await material.text(`trails/${trail}/${name}.tlog-proof`))
  }
  const stray = there.filter((name) => Number(name) > entries || name !== String(Number(name)).padStart(4, '0'))
  return { bytes, proofs, stray }
}

interface InLog {
  readonly answer: Answer
  readonly indexes: readonly (number | undefined)[]
}

/** Each entry at its own place of the log, in the trail's order; and as many as the manifest counts, the last one its head. */
async function judgeInclusion({ bytes, proofs, stray }: Leaves, line: TrailLine, { proved }: Ground): Promise<InLog> {
  if (proved === undefined) {
    const answer = couldNotCheck(
      'Utan underskriven loggtopp kan ingen post visas stå i loggen.',
      'Without a signed checkpoint no entry can be shown to stand in the log.',
    )
    return { answer, indexes: [] }
  }
  const found = bytes.map((leaf, at) => indexOf(proved, { leaf, proof: proofs[at] }))
  const indexes = found.map((one) => (typeof one === 'number' ? one : undefined))
  const wrong = found.flatMap((one, at) => (typeof one === 'string' ? [`${at + 1}: ${one}`] : []))
  const disordered = indexes.findIndex((index, at) => at > 0 && (index ?? 0) <= (indexes[at - 1] ?? -1))
  const last = bytes.at(-1)
  const isCounted =
    stray.length === 0 && bytes.length === line.entries && last !== undefined && b64url(leafHash(last)) === line.head
  const problem =
    wrong.length > 0 ? few(wrong) : disordered > 0 ? `${disordered + 1}: order` : isCounted ? undefined : 'count'
  const answer =
    problem === undefined
      ? passed(
          ...counted(
            bytes.length,
            ['Posten står i loggen.', 'The entry stands in the log.'],
            [
              `Alla ${bytes.length} poster står i loggen, i ordning.`,
              `All ${bytes.length} entries stand in the log, in order.`,
            ],
          ),
        )
      : failed(
          `Posterna står inte i loggen som de ska (${problem}).`,
          `The entries do not stand in the log as they should (${problem}).`,
        )
  return { answer, indexes }
}

async function disclosuresOf(
  trail: string,
  entries: readonly Entry[],
  { material, manifest, trust }: Ground,
): Promise<Disclosed> {
  const bytes = await material.read(`trails/${trail}/disclosures.json`)
  const given = bytes === undefined ? new Map<number, string[]>() : readDisclosures(bytes)
  if (given === undefined) {
    const answer = failed('De öppnade uppgifterna kan inte läsas.', 'The disclosed values cannot be read.')
    return { answer, texts: new Map(), opened: new Map() }
  }
  if (entries.length === 0) return { answer: unread, texts: new Map(), opened: new Map() }
  const own = trust.disclosures?.get(trail)
  const withheld = manifest.withheld.filter((line) => line.trail === trail)
  return judgeDisclosures(entries, [given, ...(own === undefined ? [] : [own])], withheld)
}

interface Told extends Ground {
  readonly disclosed: Disclosed
}

function timelineEntry(entry: Entry, index: number | undefined, { anchors, people, disclosed }: Told): TimelineEntry {
  const { n, at, type, act, actor, _sd = [] } = entry
  const opened = disclosed.opened.get(n) ?? []
  const name = people.nameOfRef(actor.ref)
  const { ref, kind, role } = actor
  return {
    n,
    ...(index === undefined ? {} : { index }),
    at,
    type,
    says: sentenceOf(entry),
    meaning: act.meaning,
    outcome: act.outcome,
    ...(act.reason === undefined ? {} : { reason: act.reason }),
    actor: { ref, kind, role, ...(name === undefined ? {} : { name }) },
    bracket: index === undefined ? {} : bracketOf(index, anchors),
    disclosed: opened.map((one) => ({ name: one.name, value: valueText(one.value) })),
    closed: _sd.length - opened.length,
  }
}

function valueText(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 2000)
}
