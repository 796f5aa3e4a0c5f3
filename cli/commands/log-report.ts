/** Indicators and exceptions of a log, for whoever has its files: nothing in it comes from a database of ours. */
import { checkLog, type LogFinding } from '#audit/check-log.ts'
import { usualHandlingDays } from '#domain/handling.ts'
import { type Durations, type Exception, type ExceptionKind, type LogReport, reportLog } from '#verifier/log-report.ts'
import type { MatterCounts } from '#verifier/matter-ledger.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { believedCheckpoint, checkpointIn, openLog, readNote } from '../log-source.ts'
import { policyIn } from '../package-trust.ts'
import { pairs, table } from '../table.ts'

const usualZone = 'Europe/Stockholm'
const usualQuick = '60'

export const report = command({
  takes: '',
  args: [0, 0],
  options: {
    url: { value: '<address>', says: 'where the log is published' },
    dir: { value: '<folder>', says: 'the log as files: a mirror, an archive' },
    policy: { value: '<file>', says: 'the log and witnesses you trust; without it the checkpoint is not judged' },
    from: { value: '<time>', says: 'count what happened from then on: a date, or RFC 3339' },
    until: { value: '<time>', says: 'and before then' },
    zone: { value: '<zone>', says: `office hours are told in this time zone; default ${usualZone}` },
    quick: { value: '<seconds>', says: `a decision so soon after it was asked for is quick; default ${usualQuick}` },
    days: {
      value: '<n>',
      says: `an appeal or a complaint that is open for more days is late; default ${usualHandlingDays}`,
    },
    places: { says: 'list where each exception stands' },
  },
  examples: [
    [
      'bevis log report --dir copies/norrsken --policy trust.policy --from 2026-01-01 --until 2026-07-01',
      'half a year in figures; exit 3 when the log is not whole, and nothing is told',
    ],
    ['bevis log report --url https://bevis.example/log/norrsken --places --json', 'every exception with its place'],
  ],
  run: async ({ values, out }) => {
    const read = openLog(values)
    const note = await readNote(read)
    const checkpoint = checkpointIn(note)
    if (values.policy !== undefined) believedCheckpoint(note, policyIn(values.policy))
    const reporter = reportLog({
      ...moment('from', values.from),
      ...moment('until', values.until),
      zone: zoneIn(values.zone ?? usualZone),
      quickSeconds: wholeIn('quick', values.quick ?? usualQuick, 'seconds'),
      handlingDays: wholeIn('days', values.days ?? String(usualHandlingDays), 'days'),
    })
    const progress = out.progress('Reading entries', checkpoint.size)
    let first: LogFinding | undefined
    await checkLog({
      read,
      size: checkpoint.size,
      root: checkpoint.root,
      tell: (finding) => {
        first ??= finding
      },
      onEntry: (leaf) => {
        reporter.next(leaf)
        return undefined
      },
      onProgress: (entries) => progress.step(entries),
    })
    progress.end()
    if (first !== undefined) throw notWhole(first)
    const found = reporter.end()
    const { origin, size } = checkpoint
    const listed = values.places === true
    out.data(() => text(found, { origin, listed, judged: values.policy !== undefined }), {
      origin,
      size,
      ...found,
      exceptions: found.exceptions.map(({ kind, count, places }) => ({ kind, count, ...(listed ? { places } : {}) })),
    })
    return 'ok'
  },
})

function notWhole({ code, path }: LogFinding): CliError {
  const what = `the log is not whole (${path}: ${code}), so its figures are nobody’s`
  const mend = 'bevis log fsck tells all that differs; take another copy'
  return new CliError({ exit: 'verification-failed', code: 'log/not-whole', what, mend })
}

function moment<Name extends 'from' | 'until'>(
  name: Name,
  text: string | undefined,
): { readonly [name in Name]?: string } {
  if (text === undefined) return {}
  const time = Date.parse(text)
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time))
    throw usage(name, `--${name} ${text} is no time`, 'give a date or an RFC 3339 time, such as 2026-05-01T12:00:00Z')
  return { [name]: new Date(time).toISOString() } as { readonly [name in Name]?: string }
}

function zoneIn(text: string): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: text }).resolvedOptions().timeZone
  } catch {
    throw usage('zone', `${text} is no time zone`, `give an IANA zone, such as ${usualZone}`)
  }
}

function wholeIn(name: string, text: string, of: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw usage(name, `--${name} ${text} is no number of ${of}`, `give whole ${of}, such as 60`)
}

const kinds: Readonly<Record<ExceptionKind, string>> = {
  'officer-decision': 'decisions by an officer instead of an approver',
  'quick-decision': 'decisions sooner than one can read',
  'criteria-late': 'cases cleared by criteria that came into the register after the assessment had begun',
  'review-action-late': 'actions of a review that were not closed in time',
  'appeal-late': 'appeals that were not closed in time',
  'complaint-late': 'complaints that were not closed in time',
  'complaint-by-concerned': 'complaints handled by somebody they were about',
  'off-hours': 'decisions, revocations and erasures out of office hours',
  'evidence-handed-in': 'evidence handed in by hand',
  'evidence-withdrawn': 'evidence withdrawn',
  'achievement-changed': 'achievement changed after the case was opened',
  'conflict-declared': 'conflicts of interest declared',
  'case-stopped': 'cases stopped',
  'case-escalated': 'cases escalated',
  'signing-refused': 'signatures refused',
  'credential-revoked': 'credentials revoked',
  'erasure-blocked': 'erasures blocked',
  'dead-letter-discarded': 'unreadable events discarded',
  'reconciliation-found': 'reconciliations that found something',
  'log-check-found': 'readings of the log that found something',
  'log-entries-found': 'times that entries waited no more for their place in the log',
  'log-succeeded': 'logs ended and followed',
  'gone-on-without': 'restores after which something was gone',
}

function text(
  found: LogReport,
  { origin, listed, judged }: { readonly origin: string; readonly listed: boolean; readonly judged: boolean },
): string {
  const { cases, credentials, exceptions, reviews } = found
  const figures = pairs([
    ['Log', origin],
    ['Signatures', judged ? 'judged by the policy' : 'not judged; give --policy'],
    ['Entries', String(found.entries)],
    [
      'Cases',
      Object.entries(cases)
        .map(([name, count]) => `${count} ${name}`)
        .join(', '),
    ],
    ['Levels', countsText(found.levels)],
    ['Credentials', `${credentials.issued} issued, ${credentials.revoked} revoked`],
    ['Decisions', countsText(found.decisions)],
    ['Most by one', found.busiest && `${found.busiest.percent} % by ${found.busiest.actor}`],
    ['Opened to issued', found.toIssued && durationText(found.toIssued)],
    ['Asked to decided', found.toDecision && durationText(found.toDecision)],
    ['Reviews', `${reviews.recorded} recorded with ${reviews.actions} to do, ${reviews.closed} closed`],
    ['Appeals', matterText(found.appeals)],
    ['Complaints', matterText(found.complaints)],
  ])
  const rows = table(
    exceptions,
    [
      { head: 'Count', cell: ({ count }) => String(count) },
      { head: 'To look at', cell: ({ kind }) => kinds[kind] },
    ],
    'Nothing to look at.',
  )
  return [figures, rows, ...(listed ? exceptions.map(placesText) : [])].join('\n\n')
}

function matterText({ begun, closed, outcomes }: MatterCounts): string {
  return [`${begun} came, ${closed} closed`, countsText(outcomes)].filter((part) => part !== undefined).join('; ')
}

function countsText(counts: Readonly<Record<string, number>>): string | undefined {
  const lines = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return lines.length === 0 ? undefined : lines.join(', ')
}

function placesText({ kind, places }: Exception): string {
  const rows = table(
    places,
    [
      { head: 'Entry', cell: ({ index }) => String(index) },
      { head: 'Time', cell: ({ at }) => at },
      { head: 'Trail', cell: ({ trail, n }) => `${trail} ${n}` },
      {
        head: 'Why',
        cell: ({ reason, seconds }) => reason ?? (seconds === undefined ? '' : `${seconds} s`),
        shrinks: true,
      },
    ],
    '',
  )
  return `${kinds[kind]}:\n${rows}`
}

function durationText({ count, p50, p95, most }: Durations): string {
  return `half within ${span(p50)}, 95 % within ${span(p95)}, longest ${span(most)} (of ${count})`
}

function span(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
  ] as const
  const [size, unit] = units.find(([least]) => seconds >= least) ?? [1, 's']
  return `${Math.round((10 * seconds) / size) / 10} ${unit}`
}
