/** A verification as people read it: one sentence first, then each check with its own answer; never by colour alone. */
import type { VerifyReport } from '#credentials/verify.ts'
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

export function verdictText(report: VerifyReport & { readonly file: string }, paint: Output['paint']): string {
  const [mark, ink] = marks[report.result]
  const title = titleOf(report)
  const head = `${paint(ink, mark)} ${paint('bold', report.file)}${title === '' ? '' : `  ${title}`}`
  return [head, ...shown(report).map((check) => checkLine(check, paint)), paint(ink, sentence(report))].join('\n')
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
