/** The auditors' checklist as data: its shape, and the pages that are made of it. Without it "we meet the standard" would be an opinion. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { entryTypes } from '#audit/entry-types.ts'
import { rights } from '#db/rights.ts'

const text = z.strictObject({ sv: z.string().min(3), en: z.string().min(3) })

const item = z.strictObject({
  id: z.string().regex(/^[A-K][1-9][0-2]?$/),
  text,
  /** Standard and clause. */
  source: z.string().min(3),
  /** P property or automatic test, E end-to-end test, D document; several where more than one is asked for. */
  kind: z.string().regex(/^[PED]([/]([PED]|fuzz))?$/),
  status: z.enum(['met', 'partly', 'not-met']),
  /** Tests that show it, or the part of it that holds. */
  shown: z.array(z.strictObject({ file: z.string(), name: z.string() })),
  /** Commands that show it and take too long for `npm test`. */
  byHand: z.array(z.string()).optional(),
  /** What is missing, where the status is not `met`. */
  reason: z.string().optional(),
})

const checklist = z.strictObject({ edition: z.string(), items: z.array(item) })
export type ChecklistItem = z.infer<typeof item>

export const pathTo = (name: string) => fileURLToPath(new URL(`../docs/conformance/${name}`, import.meta.url))

/** @throws ZodError when the file has another shape */
export function readChecklist(): z.infer<typeof checklist> {
  return checklist.parse(JSON.parse(readFileSync(pathTo('audit-checklist.json'), 'utf8')))
}

const sections: Readonly<Record<string, z.infer<typeof text>>> = {
  A: { sv: 'Vad varje post säger', en: 'What every record says' },
  B: { sv: 'Oförvanskat, ordnat, fullständigt', en: 'Integrity, order, completeness' },
  C: { sv: 'Tid', en: 'Time' },
  D: { sv: 'Underskrifter och vem som handlar', en: 'Signatures and who acts' },
  E: { sv: 'Åtskillnad och opartiskhet', en: 'Separation and impartiality' },
  F: { sv: 'Identitet och prövning', en: 'Identity and assessment' },
  G: { sv: 'Livscykel, överklagande, uppföljning', en: 'Life cycle, appeals, surveillance' },
  H: { sv: 'Åtkomst och integritet', en: 'Access, privacy, disclosure' },
  I: { sv: 'Bevarande och kontinuitet', en: 'Retention and continuity' },
  J: { sv: 'Granskning och rapporter', en: 'Review and reporting' },
  K: { sv: 'Nycklar och validering', en: 'Keys and validation' },
}

const words = { met: 'met', partly: 'partly', 'not-met': '**not met**' } as const

function rowOf({ id, text: said, source, kind, status, shown, byHand = [], reason }: ChecklistItem): string {
  const byFile = new Map<string, string[]>()
  for (const { file, name } of shown)
    byFile.set(file, [...(byFile.get(file) ?? []), `*${name.replaceAll('|', '\\|')}*`])
  const tests = [...byFile].map(([file, names]) => `\`${file}\` › ${names.join(', ')}`)
  const commands = byHand.map((command) => `by hand \`${command}\``)
  const lacks = reason === undefined ? [] : [`${status === 'partly' ? 'lacks' : 'because'}: ${reason}`]
  return `| ${id} | ${said.en}<br>${said.sv} | ${source} | ${kind} | ${words[status]} | ${[...tests, ...commands, ...lacks].join('; ')} |`
}

/** The whole page about the checklist. */
export function checklistPage(): string {
  const { edition, items } = readChecklist()
  const counted = (status: ChecklistItem['status']) => items.filter((one) => one.status === status).length
  const parts = Object.entries(sections).map(([letter, name]) => {
    const rows = items.filter(({ id }) => id.startsWith(letter)).map(rowOf)
    const head = '| id | requirement | source | kind | status | shown by |\n|---|---|---|---|---|---|'
    return `## ${letter} ${name.en} / ${name.sv}\n\n${head}\n${rows.join('\n')}`
  })
  return `# Auditors' checklist

Generated from \`audit-checklist.json\`, edition ${edition}, by \`tools/generate-checklist.ts\`. A test demands of every requirement a test that is there, or a
reason why it is not met. Of ${items.length} requirements ${counted('met')} are met, ${counted('partly')} partly, ${counted('not-met')} not met. The wording is ours; the
sources are named for whoever knows them. P: property or automatic test, E: end-to-end test, D: document.

${parts.join('\n\n')}
`
}

const readers = (table: string) =>
  Object.entries(rights[table] ?? {})
    .filter(([, granted]) => /select(?! \()/.test(granted))
    .map(([role]) => `\`bevis_${role}\``)
    .join(', ')

/** The inventory of what can stand in a trail. */
export function entryTypesPage(): string {
  const rows = Object.entries(entryTypes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { actors, data, reason, digests }]) => {
      const members = [...data, ...(reason ? ['*reason*'] : []), ...(digests > 0 ? ['*salted digest*'] : [])]
      return `| \`${name}\` | ${actors.join(', ')} | ${members.join(', ') || '–'} |`
    })
  return `# Entry types

Generated from \`audit/entry-types.ts\` and \`db/rights.ts\` by \`tools/generate-checklist.ts\`. Every entry also has time, trail, number, the hash of the one
before, who acted in what role, what it meant and how it ended ([0069](../decisions/0069-a-trail-that-ends-is-sealed.md) on seals).

- **Where.** Leaves in \`audit.entry\`, salted values behind their digests encrypted in \`audit.disclosure\`, positions in \`audit.leaf\`; the leaves once more in the bundles of the
  log's files. What concerns a case stands in the case's trail, all else in the institution's own.
- **Who reads.** Leaves: ${readers('audit.entry')}. Values: ${readers('audit.disclosure')}. People through the API alone, officers
  and whoever is appointed to the case; each look leaves an entry.
- **How long.** Leaves for ever: they hold codes and digests, and nobody. Values as long as the institution's retention says.

| type | who | must tell |
|---|---|---|
${rows.join('\n')}
`
}

export const pages: Readonly<Record<string, () => string>> = {
  'audit-checklist.md': checklistPage,
  'entry-types.md': entryTypesPage,
}

/** The committed text of a page. */
export function committed(name: string): string {
  return readFileSync(pathTo(name), 'utf8')
}
