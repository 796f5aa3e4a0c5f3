/** A verified package as people read it: the verdict first, then each check, then who did what. */
import { type Check, type PackageReport, packageChecks, type TrailReport, trailChecks } from '#verifier/report.ts'
import type { Ink, Output } from './output.ts'

type Paint = Output['paint']

type Mark = readonly [mark: string, ink: Ink, result: string]

const marks: Readonly<Record<'failed' | 'could-not-check' | NonNullable<PackageReport['shows']>, Mark>> = {
  judgements: ['✔', 'green', 'Result: GENUINE and unchanged.'],
  entries: ['◐', 'yellow', 'Result: ENTRIES GENUINE and unchanged.'],
  part: ['◐', 'yellow', 'Result: WHAT WAS CHECKED HOLDS.'],
  failed: ['✘', 'red', 'Result: REFUSED.'],
  'could-not-check': ['?', 'yellow', 'Result: COULD NOT VERIFY.'],
}
const words: Readonly<Record<Check['outcome'], readonly [word: string, ink: Ink]>> = {
  passed: ['passed', 'green'],
  failed: ['FAILED', 'red'],
  'could-not-check': ['could not check', 'yellow'],
}
const width = Math.max(...[...packageChecks, ...trailChecks].map((id) => id.length))

export function packageText(file: string, report: PackageReport, paint: Paint): string {
  const [mark, ink, result] = marks[report.outcome === 'passed' ? (report.shows ?? 'part') : report.outcome]
  const { stated, proved } = report
  return [
    `${paint(ink, mark)} ${paint('bold', plain(file))}  ${plain(report.verdict.en)}`,
    ...(proved === undefined ? [] : [`  log ${proved.log}, ${proved.size} entries, root ${proved.root}`]),
    ...(proved?.witnesses ?? []).map(({ name, time }) => `  seen by ${plain(name)} at ${time}`),
    ...report.checks.map((check) => checkLine(check, paint)),
    ...report.trails.flatMap((trail) => trailLines(trail, paint)),
    ...(stated === undefined
      ? []
      : [
          `Stated by whoever exported it, not proved: made ${stated.made} for ${plain(stated.purpose)} by ${plain(stated.requester)}, profile ${stated.profile}.`,
        ]),
    paint(ink, `${result} ${openText(report)}`.trim()),
  ].join('\n')
}

function checkLine({ id, outcome, because }: Check, paint: Paint): string {
  const [word, ink] = words[outcome]
  return `  ${id.padEnd(width)} ${paint(ink, word.padEnd(15))}  ${plain(because.en)}`
}

function trailLines(
  { trail, case: about, checks, timeline, duties, pairs, criteria }: TrailReport,
  paint: Paint,
): string[] {
  const first = timeline[0]
  const last = timeline.at(-1)
  return [
    `${paint('bold', plain(about))}  trail ${trail}, ${timeline.length} entries`,
    ...(first === undefined || last === undefined ? [] : [`  from ${first.at} to ${last.at}${bracketText(timeline)}`]),
    ...checks.map((check) => checkLine(check, paint)),
    ...duties.map(({ says, who }) => `  ${who.map(plain).join(', ')} ${says.en}`),
    ...pairs.map(
      ({ pair, holds, demanded, because }) =>
        `  ${pair} ${held[holds]}${demanded ? '' : ' (not demanded)'}: ${because.en}`,
    ),
    `  F3 criteria before the assessment: ${held[criteria.holds]}: ${criteria.because.en}`,
  ]
}

const held = { yes: 'holds', no: 'does NOT hold', unknown: 'unknown' } as const

function bracketText(timeline: TrailReport['timeline']): string {
  const after = timeline[0]?.bracket.after
  const before = timeline.at(-1)?.bracket.before
  if (after === undefined && before === undefined) return ''
  const bounds = [after === undefined ? '' : `after ${after}`, before === undefined ? '' : `before ${before}`]
  return `; by outside time ${bounds.filter(Boolean).join(' and ')}`
}

function openText({ checks, trails }: PackageReport): string {
  const all = [...checks, ...trails.flatMap((trail) => trail.checks)]
  const open = [...new Set(all.filter(({ outcome }) => outcome === 'could-not-check').map(({ id }) => id))]
  return open.length === 0 ? '' : `Not checked: ${open.join(', ')}.`
}

/** Texts from a package must not move the cursor. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
}
