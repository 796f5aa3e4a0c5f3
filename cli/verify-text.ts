/** A verification as people read it: one sentence first, then each check with its own answer; never by colour alone. */
import type { VerifyReport } from '#credentials/verify.ts'
import type { JudgedDemand, Met } from '#domain/credential/demand.ts'
import type { Ink, Output } from './output.ts'

type Result = VerifyReport['result']
type Check = VerifyReport['checks'][number]

const marks: Readonly<Record<Result, readonly [mark: string, ink: Ink]>> = {
  verified: ['✔', 'green'],
  refused: ['✘', 'red'],
  'could-not-verify': ['?', 'yellow'],
}
const inks: Readonly<Record<Check['outcome'], Ink>> = { passed: 'green', failed: 'red', 'could-not-check': 'yellow' }
const outcomes: Readonly<Record<Check['outcome'], string>> = {
  passed: 'passed',
  failed: 'FAILED',
  'could-not-check': 'could not check',
}

const metInks: Readonly<Record<Met, Ink>> = { met: 'green', 'not-met': 'red', 'could-not-check': 'yellow' }
const metWords: Readonly<Record<Met, string>> = {
  met: 'met',
  'not-met': 'NOT MET',
  'could-not-check': 'could not check',
}

interface Told extends VerifyReport {
  readonly file: string
  readonly demand?: JudgedDemand
}

export function verdictText(report: Told, paint: Output['paint']): string {
  const [mark, ink] = marks[report.result]
  const title = titleOf(report)
  const more = [title, report.profile === undefined ? '' : `(${report.profile})`].filter(Boolean)
  const head = [`${paint(ink, mark)} ${paint('bold', report.file)}`, ...more].join('  ')
  const checks = shown(report).map((check) => checkLine(check, paint))
  return [head, ...checks, paint(ink, sentence(report)), ...demandLines(report.demand, paint)].join('\n')
}

/** How many of each, after many. */
export function summaryText(reports: readonly Told[]): string {
  const count = (result: Result) => reports.filter((one) => one.result === result).length
  const genuine = `${count('verified')} genuine, ${count('refused')} refused, ${count('could-not-verify')} could not be verified`
  const demanded = reports.filter(({ demand }) => demand !== undefined)
  const met = (result: Met) => demanded.filter(({ demand }) => demand?.result === result).length
  const demand = `; demand met by ${met('met')}, not by ${met('not-met')}, unsure for ${met('could-not-check')}`
  return `${reports.length} credentials: ${genuine}${demanded.length === 0 ? '' : demand}.`
}

function demandLines(demand: JudgedDemand | undefined, paint: Output['paint']): readonly string[] {
  if (demand === undefined) return []
  const { required, result, because, clauses } = demand
  const width = Math.max(...clauses.map((clause) => clause.required.length))
  const lines = clauses.map(
    (clause) =>
      `  ${clause.required.padEnd(width)}  ${paint(metInks[clause.result], metWords[clause.result].padEnd(15))}  ${plain(clause.because.en)}`,
  )
  return [
    `Demand: ${required}`,
    ...lines,
    paint(metInks[result], `Demand: ${metWords[result].toUpperCase()}. ${because.en}`),
  ]
}

/** After a signature that does not hold, nothing else in the document is worth a line. */
function shown({ checks, credential }: VerifyReport): readonly Check[] {
  return credential === undefined
    ? checks.filter(({ id, outcome }) => outcome === 'failed' || structural.has(id))
    : checks
}

const structural: ReadonlySet<string> = new Set(['structure', 'algorithm', 'key', 'signature'])

function checkLine({ id, outcome, because }: Check, paint: Output['paint']): string {
  return `  ${id.padEnd(13)} ${paint(inks[outcome], outcomes[outcome].padEnd(15))}  ${plain(because.en)}`
}

function sentence({ result, checks }: VerifyReport): string {
  if (result === 'verified') return 'Result: GENUINE and in force.'
  if (result === 'refused') {
    const first = checks.find(({ outcome }) => outcome === 'failed')
    return `Result: REFUSED. ${plain(first?.because.en ?? '')}`
  }
  const open = checks.filter(({ outcome }) => outcome === 'could-not-check').length
  return `Result: COULD NOT VERIFY; ${open} ${open === 1 ? 'check was' : 'checks were'} not made.`
}

/** Name of the achievement, once the signature holds; the holder's never. */
function titleOf({ credential }: VerifyReport): string {
  let name: unknown = credential
  for (const member of ['credentialSubject', 'achievement', 'name'])
    name = typeof name === 'object' && name !== null ? Reflect.get(name, member) : undefined
  return typeof name === 'string' ? plain(name).slice(0, 80) : ''
}

/** Texts from a document must not move the cursor. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}
