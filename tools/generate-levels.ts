/** Writes the tables of docs/levels.md from the level table itself; `--check` only says whether they are fresh. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Row, rows } from '#domain/gates/verdict.ts'
import { levels } from '#domain/policy/levels.ts'
import { bands, type Text } from '#domain/words.ts'

const page = fileURLToPath(new URL('../docs/levels.md', import.meta.url))
const [begin, end] = ['<!-- generated: tools/generate-levels.ts -->', '<!-- end of generated part -->']

const rowNames: Readonly<Record<Row, Text>> = {
  loa: { sv: 'Tillitsnivå', en: 'LoA' },
  separation: { sv: 'Åtskillnad', en: 'Separation' },
  assessment: { sv: 'Bedömning', en: 'Assessment' },
  supervision: { sv: 'Övervakning', en: 'Supervision' },
  identity: { sv: 'Identitet vid tillfället', en: 'Identity at the occasion' },
  premises: { sv: 'Lokal och utrustning', en: 'Premises and equipment' },
  attendance: { sv: 'Närvarokontroll', en: 'Attendance' },
  coverage: { sv: 'Spårbarhet', en: 'Coverage' },
  definition: { sv: 'Definition av kompetens', en: 'Definition' },
  mandate: { sv: 'Mandat', en: 'Mandate' },
  approvers: { sv: 'Granskare', en: 'Approvers' },
}

/** The generated part: one table per row of the decision table, one line per band. */
export function generatedTables(): string {
  const terms = bands.map((band) => `${band} ${levels.byBand[band].term}`).join(' · ')
  const tables = rows.map((row) => {
    const lines = bands.map((band) => {
      const { rule, source, text } = levels.byBand[band][row]
      return `| ${band} | ${text.sv} | ${text.en} | ${source} | \`${rule}\` |`
    })
    const head = '| band | svenska | English | source | rule |\n| --- | --- | --- | --- | --- |'
    return `### ${rowNames[row].sv} / ${rowNames[row].en}\n\n${head}\n${lines.join('\n')}`
  })
  return [`Version of the table: ${levels.version}. Term: ${terms}.`, ...tables].join('\n\n')
}

/** The page with its generated part brought up to date. @throws TypeError when the markers are gone */
export function freshPage(old: string): string {
  const [from, until] = [old.indexOf(begin), old.indexOf(end)]
  if (from < 0 || until < from) throw new TypeError(`docs/levels.md has lost its markers ${begin} … ${end}`)
  return `${old.slice(0, from + begin.length)}\n\n${generatedTables()}\n\n${old.slice(until)}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const old = readFileSync(page, 'utf8')
  const fresh = freshPage(old)
  if (fresh === old) process.stdout.write('docs/levels.md is fresh\n')
  else if (process.argv.includes('--check')) {
    process.stderr.write('docs/levels.md is stale; run node tools/generate-levels.ts\n')
    process.exitCode = 1
  } else writeFileSync(page, fresh)
}
