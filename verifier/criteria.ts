/** Whether the criteria a case was judged by were there before the assessment began, by the log's own entries (audit-log §12, F3). */

import type { Entry } from '#audit/entry.ts'
import { achievementDigest } from '#audit/package/achievement.ts'
import { readLeaf } from '#audit/read-leaf.ts'
import type { CaseInput } from '#domain/case.ts'
import { assessmentBeginning, type Beginning, type CriteriaJudgement, criteriaFirst } from '#domain/criteria.ts'
import { as, type Instant } from '#domain/words.ts'
import { type CheckpointAnswers, indexOf } from '#verifier/log-proof.ts'
import type { Material } from '#verifier/material.ts'
import { text } from '#verifier/report.ts'

/** Entries that tell when criteria came into the register, each proved to stand in the log. */
export type Publications = readonly Entry[]

export async function readPublications(material: Material, proved: CheckpointAnswers['proved']): Promise<Publications> {
  if (proved === undefined) return []
  const found: Entry[] = []
  for (const name of material.names.filter((one) => /^criteria\/[0-9]{4,15}[.]json$/.test(one))) {
    const leaf = await material.read(name)
    const proof = await material.text(name.replace(/json$/, 'tlog-proof'))
    const entry = leaf === undefined ? undefined : readLeaf(leaf)
    if (leaf === undefined || entry?.type !== 'achievement.published/1') continue
    if (typeof indexOf(proved, { leaf, proof }) === 'number') found.push(entry)
  }
  return found
}

/** By the facts that were judged where the package holds them, else by what the trail itself tells of the assessment. */
export function judgeCriteria(
  entries: readonly Entry[],
  input: CaseInput | undefined,
  publications: Publications,
): CriteriaJudgement {
  const beginning = input === undefined ? beginningIn(entries) : assessmentBeginning(input)
  if (input !== undefined && beginning === undefined) return nothingAssessed
  const chosen = entries.findLast(({ type }) => type === 'case.opened/1' || type === 'achievement.changed/1')?.data
  const published = publications
    .filter(
      ({ data }) =>
        data?.['achievement'] === chosen?.['achievement'] &&
        data?.['achievementVersion'] === chosen?.['achievementVersion'],
    )
    .toSorted((one, other) => one.n - other.n)
    .at(-1)
  if (published !== undefined && input !== undefined) {
    if (published.data?.['digest'] !== achievementDigest(input.achievement)) return otherCriteria
  }
  return criteriaFirst(published === undefined ? undefined : as<Instant>(published.at), beginning)
}

const nothingAssessed: CriteriaJudgement = {
  holds: 'yes',
  because: text('Nivån står inte på någon bedömning', 'The level stands on no assessment'),
}
const otherCriteria: CriteriaJudgement = {
  holds: 'no',
  because: text(
    'Ärendet är prövat mot andra kriterier än dem som kom in i registret',
    'The case was judged by other criteria than those that came into the register',
  ),
}

/** As the last judgement of the assessment tells it. */
export function beginningIn(entries: readonly Entry[]): Beginning | undefined {
  const judged = entries.findLast(({ type, data }) => type === 'gate.judged/1' && data?.['gate'] === 'assessment')
  return judged === undefined ? undefined : beginningTold(judged)
}

/** What one judgement of the assessment tells of its beginning. */
export function beginningTold({ data = {} }: Entry): Beginning | undefined {
  const { assessmentBegan: at, assessmentBegunBy: by } = data
  if (typeof at === 'string') return { at: as<Instant>(at), by: as<Instant>(at) }
  return typeof by === 'string' ? { by: as<Instant>(by) } : undefined
}

/** What a log tells of criteria and assessments, entry by entry, for whoever reads all of it. */
export interface CriteriaLedger {
  note(entry: Entry): void
  /** Of the case of this trail, as far as the log has been read. */
  of(trail: string): CriteriaJudgement
  /** Nothing more is asked of it. */
  delete(trail: string): void
}

export function criteriaLedger(): CriteriaLedger {
  const published = new Map<string, string>()
  const running = new Map<string, { since: string | undefined; beginning?: Beginning }>()
  return {
    note: (entry) => {
      const { type, trail, data = {}, at } = entry
      const name = `${String(data['achievement'])}@${String(data['achievementVersion'])}`
      if (type === 'achievement.published/1') published.set(name, at)
      if (type === 'case.opened/1' || type === 'achievement.changed/1')
        running.set(trail, { ...running.get(trail), since: published.get(name) })
      const known = running.get(trail)
      if (known === undefined || type !== 'gate.judged/1' || data['gate'] !== 'assessment') return
      const beginning = beginningTold(entry)
      running.set(trail, { since: known.since, ...(beginning === undefined ? {} : { beginning }) })
    },
    of: (trail) => {
      const { since, beginning } = running.get(trail) ?? {}
      return criteriaFirst(since === undefined ? undefined : as<Instant>(since), beginning)
    },
    delete: (trail) => running.delete(trail),
  }
}
