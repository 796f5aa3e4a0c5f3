/** The result of an assessment, with its scorers and scores, so that pass and coverage can be recomputed by anybody. */
import { z } from 'zod'
import { type Examiner, refKey } from './examiner.ts'
import { defineFamily, type Sketch } from './family.ts'
import { code, common, instant, line, organisationId, personRef, personRefs, share } from './fields.ts'

const points = z.number().min(0).max(100_000)
const outcomes = z.array(code).max(100)

const item = z.strictObject({
  id: code,
  kind: z.enum(['item', 'station']),
  outcomes,
  maxPoints: points,
  scores: z.array(z.strictObject({ scorer: personRef, points })).max(20),
})

const data = z.strictObject({
  ...common,
  at: instant,
  assessment: code.describe('id of the assessment'),
  purpose: z.enum(['formative', 'summative', 'ipsative']),
  forms: z
    .array(z.enum(['practical', 'written', 'oral', 'portfolio']))
    .min(1)
    .max(4),
  organisation: organisationId.describe('legal body that held the assessment'),
  standard: z.strictObject({ id: code, version: line(60) }).exactOptional(),
  passed: z.boolean(),
  outcomes: outcomes.describe('outcomes the result covers'),
  scorers: personRefs(20),
  items: z.array(item).min(1).max(300).exactOptional(),
  passMark: share.exactOptional().describe('share of points needed, 0–1; together with items'),
  grade: z.strictObject({ value: line(40), scale: line(80) }).exactOptional(),
  controlled: z.boolean().exactOptional().describe('tests inside the training were controlled by routine'),
})

type Data = Sketch<z.input<typeof data>>

export const assessment = defineFamily({
  type: 'org.beviskedja.assessment.recorded.v1',
  kind: 'result',
  title: 'A result of an assessment',
  data,
  examine: (examiner) => {
    const { data: result, happened, distinct } = examiner
    happened(result?.at, 'at')
    distinct(result?.forms ?? [], ['forms'], 'form')
    distinct(result?.outcomes ?? [], ['outcomes'], 'outcome')
    distinct(result?.scorers?.map(refKey) ?? [], ['scorers'], 'scorer')
    distinct(result?.items?.map((entry) => entry?.id) ?? [], ['items'], 'item')
    examinePassMark(examiner)
    for (const index of (result?.items ?? []).keys()) examineItem(examiner, result, index)
  },
})

function examinePassMark({ report, stated }: Examiner): void {
  if (stated('items') && !stated('passMark'))
    report('pass-mark-missing', ['passMark'], {
      detail: 'is missing although there are items',
      advice: 'give the share of points needed, 0–1',
    })
  if (stated('passMark') && !stated('items'))
    report('items-missing', ['items'], {
      detail: 'are missing although there is a pass mark',
      advice: 'give the items with their scores, or leave out passMark',
    })
}

function examineItem({ report, distinct }: Examiner, result: Data, index: number): void {
  const entry = result?.items?.[index]
  const where = ['items', index]
  const declared = result?.outcomes
  for (const [position, outcome] of (entry?.outcomes ?? []).entries()) {
    if (outcome === undefined || declared === undefined || declared.includes(outcome)) continue
    report('outcome-not-declared', [...where, 'outcomes', position], {
      detail: 'is not among the outcomes of the result',
      advice: 'name it in /data/outcomes, or correct the id',
    })
  }
  distinct(entry?.outcomes ?? [], [...where, 'outcomes'], 'outcome')
  distinct(entry?.scores?.map((score) => refKey(score?.scorer)) ?? [], [...where, 'scores'], 'scorer')
  for (const [position, score] of (entry?.scores ?? []).entries())
    examineScore({ report }, { score, scorers: result?.scorers, most: entry?.maxPoints }, [
      ...where,
      'scores',
      position,
    ])
}

interface ScoreView {
  readonly score: Sketch<z.input<typeof item>['scores'][number]>
  readonly scorers: Sketch<z.input<typeof data>['scorers']>
  readonly most: number | undefined
}

function examineScore({ report }: Pick<Examiner, 'report'>, view: ScoreView, where: (string | number)[]): void {
  const { score, scorers, most } = view
  if (score?.points !== undefined && most !== undefined && score.points > most)
    report('points-above-maximum', [...where, 'points'], {
      detail: 'is more than the item’s maxPoints',
      advice: 'correct the points or maxPoints',
    })
  const scorer = refKey(score?.scorer)
  if (scorer === undefined || scorers === undefined || scorers.some((each) => refKey(each) === scorer)) return
  report('scorer-not-listed', [...where, 'scorer'], {
    detail: 'is not among the scorers of the result',
    advice: 'name everybody who scored in /data/scorers, under the same reference',
  })
}
