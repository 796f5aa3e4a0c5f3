/**
 * docs/conformance/mutation.md from the reports of run.ts: the score of each file, and one by one the changes that no test notices, with
 * the reason why (stay.ts). `node tools/mutation/page.ts`, after all groups have run.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Stay, stay } from './stay.ts'

interface Place {
  readonly line: number
  readonly column: number
}

/** What the page needs of a mutant (mutation-testing-report-schema). */
interface Mutant {
  readonly status: string
  readonly replacement?: string
  readonly location: { readonly start: Place; readonly end: Place }
}

interface FileReport {
  readonly source: string
  readonly mutants: readonly Mutant[]
}

const house = join(import.meta.dirname, '..', '..')
const reports = join(house, '.bevis')

function filesOf(report: string): [string, FileReport][] {
  const { files } = JSON.parse(readFileSync(join(reports, report), 'utf8')) as { files: Record<string, FileReport> }
  return Object.entries(files)
}

const byAge = (one: string, other: string) =>
  statSync(join(reports, one)).mtimeMs - statSync(join(reports, other)).mtimeMs

/** Of a file that stands in several reports the newest counts. */
const files = [
  ...new Map(
    readdirSync(reports)
      .filter((name) => /^mutation-[a-z]+\.json$/.test(name))
      .toSorted(byAge)
      .flatMap(filesOf),
  ),
].toSorted(([one], [other]) => (one < other ? -1 : 1))

const count = ({ mutants }: FileReport, ...statuses: readonly string[]) =>
  mutants.filter(({ status }) => statuses.includes(status)).length

function row([path, report]: readonly [string, FileReport]): string {
  const killed = count(report, 'Killed', 'Timeout')
  const survived = count(report, 'Survived')
  const untested = count(report, 'NoCoverage')
  const score = (100 * killed) / (killed + survived + untested)
  return `| \`${path}\` | ${killed} | ${survived} | ${untested} | ${count(report, 'Ignored')} | ${score.toFixed(1)} % |`
}

const used = new Set<Stay>()

function reasonFor(path: string, line: string, to: string): string {
  const reason = stay.find(
    (one) =>
      path === `audit/${one.file}.ts` && line.includes(one.line) && (one.to === undefined || to.includes(one.to)),
  )
  if (reason === undefined) return 'no test for it yet'
  used.add(reason)
  return reason.why
}

/** On one line and not without end. */
const short = (text: string) => {
  const flat = text.replaceAll(/\s+/g, ' ')
  return `\`${(flat.length > 70 ? `${flat.slice(0, 67)}...` : flat).replaceAll('`', 'ˋ')}\``
}

function between(lines: readonly string[], { start, end }: Mutant['location']): string {
  const some = lines.slice(start.line - 1, end.line)
  return some
    .map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === some.length - 1 ? end.column - 1 : undefined))
    .join(' ')
}

function survivors([path, { source, mutants }]: readonly [string, FileReport]): string[] {
  const lines = source.split('\n')
  return mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .toSorted((one, other) => one.location.start.line - other.location.start.line)
    .map(({ location, replacement = '' }) => {
      const line = location.start.line
      const why = reasonFor(path, lines[line - 1] ?? '', replacement)
      const to = replacement === '' ? 'nothing' : short(replacement)
      return `- \`${path}:${line}\` ${short(between(lines, location))} → ${to}: ${why}`
    })
}

const left = files.flatMap(survivors)
const idle = stay.filter((one) => !used.has(one))
if (idle.length > 0) throw new Error(`stay.ts gives reasons for nothing: ${JSON.stringify(idle, undefined, 1)}`)

const unread = readdirSync(join(house, 'audit'))
  .filter((name) => name.endsWith('.ts') && !files.some(([path]) => path === `audit/${name}`))
  .map((name) => `\`audit/${name}\``)

const page = `# Mutation testing of \`audit/\`

Generated from the reports of \`npm run mutation\` by \`tools/mutation/page.ts\`, ${new Date().toISOString().slice(0, 10)}.

\`npm run mutation [-- group …]\` changes one thing at a time in \`audit/\` (Stryker: comparisons, boundaries, arithmetic, constants,
conditions, texts, blocks) and runs the tests that are about that file; a change that no test notices has survived. A run without end counts as
noticed. Stryker has a folder and a lock file of its own (\`tools/mutation\`) and is installed only where it is run. A group takes between one and
ten minutes on two busy cores; it is no part of \`npm test\`. Groups and their tests are in \`tools/mutation/run.ts\`. Changes to what runs only while a
module loads are left out (*ignored*): they cannot be laid to one test.

| file | noticed | survived | without a test | ignored | score |
|---|---|---|---|---|---|
${files.map(row).join('\n')}

Without a report: ${unread.join(', ') || 'none'}.

## What survives

Line, what it was, what it was changed to, and why no test notices (reasons in \`tools/mutation/stay.ts\`).

${left.join('\n')}
`

writeFileSync(join(house, 'docs', 'conformance', 'mutation.md'), page)
