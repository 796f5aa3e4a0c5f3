/** One case as a page of text: what was judged, what is missing, who decides. */
import type { z } from 'zod'
import type { caseDetail } from '#api/schemas/case.ts'
import { isEnd } from '#domain/issuance/state.ts'
import type { Output } from './output.ts'
import { pairs, table } from './table.ts'
import { localTime } from './times.ts'
import { waitingText } from './waiting-text.ts'

type Detail = z.infer<typeof caseDetail>
type Judgement = Detail['judgements'][number]
type Finding = Judgement['findings'][number]

export interface CaseTextOptions {
  readonly paint: Output['paint']
  /** Every finding of every gate, and all that each higher band lacks; else only what stands in the way. */
  readonly all: boolean
}

export function caseText(detail: Detail, options: CaseTextOptions): string {
  return [
    head(detail),
    judgements(detail, options),
    higher(detail, options),
    people(detail),
    credentials(detail),
    seen(detail),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function head(detail: Detail): string {
  const { achievement, offering, attempt, occasion, waiting, test } = detail
  return pairs([
    ['Case', `${detail.id}${test ? '  (TEST)' : ''}`],
    ['Achievement', `${achievement.id}@${achievement.version}, promises ${detail.promised}`],
    ['Offering', `${offering}, attempt ${attempt}${occasion === undefined ? '' : `, occasion ${occasion}`}`],
    ['Learner', `${detail.learner.id}${detail.learner.protected ? '  (protected identity)' : ''}`],
    ['State', `${detail.state}, step ${detail.step}`],
    ['Waits for', waiting === undefined ? undefined : waitingText(waiting)],
    [
      'Evidence',
      `${detail.evidence.length === 1 ? 'one fact' : `${detail.evidence.length} facts`}, version ${detail.evidenceVersion}; carries ${detail.evidenceLevel ?? 'not judged yet'}`,
    ],
    ['Level', detail.level],
    ['Opened', localTime(detail.openedAt)],
    ['Changed', localTime(detail.changedAt)],
    ['Trace', detail.traceId],
  ])
}

function judgements({ judgements: judged }: Detail, { paint, all }: CaseTextOptions): string {
  const worthShowing = (gate: string, { outcome }: Finding) => all || (outcome !== 'passed' && gate !== summing)
  return judged
    .flatMap((one) => [
      verdict(one, paint),
      ...one.findings.filter((found) => worthShowing(one.gate, found)).map((found) => finding(found, paint)),
    ])
    .join('\n')
}

/** This gate repeats what the others found. */
const summing = 'evidence-level'

function verdict({ gate, outcome, band, at }: Judgement, paint: Output['paint']): string {
  return `${paint('bold', gate.padEnd(summing.length))}  ${inked(outcome, paint)}  band ${band}, ${localTime(at)}`
}

function finding({ rule, outcome, because, missing }: Finding, paint: Output['paint']): string {
  const lacks = missing === undefined ? '' : `\n      missing: ${missing.en}`
  return `  ${inked(outcome, paint)}  ${rule}\n      ${because.en}${lacks}`
}

const inks = {
  pass: 'green',
  passed: 'green',
  fail: 'red',
  failed: 'red',
  missing: 'yellow',
  'could-not-check': 'yellow',
} as const

function inked(outcome: keyof typeof inks, paint: Output['paint']): string {
  return paint(inks[outcome], outcome.padEnd('could-not-check'.length))
}

function higher({ higher: bands }: Detail, { all }: CaseTextOptions): string {
  if (bands.length === 0) return ''
  if (!all) {
    const counts = bands.map(({ band, lacks }) => `${band} lacks ${lacks.length}`)
    return `Higher bands: ${counts.join(', ')}. What, tells --all.`
  }
  const lines = bands.flatMap(({ band, lacks }) => [
    `  ${band} lacks`,
    ...lacks.map((lack) => `    ${lack.missing?.en ?? lack.because.en}  (${lack.rule})`),
  ])
  return ['Higher bands', ...lines].join('\n')
}

function people({ deciders, decisions }: Detail): string {
  const appointed = deciders.map(({ role, person, since }) => `  ${role}  ${person}, since ${localTime(since)}`)
  const decided = decisions.map(
    ({ outcome, role, person, reason, at }) => `  ${outcome}  by ${person} as ${role}, ${reason}, ${localTime(at)}`,
  )
  return [
    ...(appointed.length === 0 ? [] : ['Appointed', ...appointed]),
    ...(decided.length === 0 ? [] : ['Decided', ...decided]),
  ].join('\n')
}

function credentials({ credentials: issued }: Detail): string {
  if (issued.length === 0) return ''
  return table(
    issued,
    [
      { head: 'CREDENTIAL', cell: ({ id }) => id },
      { head: 'FORMAT', cell: ({ format }) => format },
      { head: 'ISSUED', cell: ({ issuedAt }) => localTime(issuedAt) },
    ],
    '',
  )
}

/** A decision stands on exactly what was shown, so its mark is handed over by whoever read it. */
function seen({ id, state, seen: mark }: Detail): string {
  if (isEnd(state)) return ''
  return `To decide on what you see here:\n  bevis case decide ${id} <outcome> --reason <code> --seen ${seenMark(mark)}`
}

/** `<evidence version>:<digest>`, as `--seen` takes it. */
export function seenMark({ evidenceVersion, digest }: Detail['seen']): string {
  return `${evidenceVersion}:${digest}`
}
