/** The difference between two registers as people read it. */
import type { FieldChange, RegisterDiff } from '#db/register-diff.ts'
import { registerMends } from './failures.ts'
import type { Ink, Output } from './output.ts'

const signs = { added: ['+', 'green'], changed: ['~', 'yellow'], removed: ['-', 'red'] } as const satisfies Record<
  string,
  readonly [string, Ink]
>

export function registerDiffText(diff: RegisterDiff, id: string, paint: Output['paint']): string {
  const { revision, declaration, items, people, conflicts } = diff
  const head = revision === 0 ? `${id} has no register yet` : `compared with revision ${revision} of ${id}`
  const lines = [
    ...(declaration.length === 0 ? [] : [`${paint('yellow', '~')} institution`, ...declaration.map(fieldText)]),
    ...items.flatMap(({ change, kind, id: item, fields, personal }) => {
      const [sign, ink] = signs[change]
      const told = [...fields.map(fieldText), ...(personal ? ['    name or birth date (not shown)'] : [])]
      return [`${paint(ink, sign)} ${kind} ${item}`, ...told]
    }),
    ...(people.length === 0 ? [] : [`${paint('yellow', '~')} references of ${people.join(', ')}`]),
    ...conflicts.flatMap(({ code, about }) => [
      paint('red', `✖ ${code}: ${about.join(', ')}`),
      `    → ${registerMends[code]}`,
    ]),
  ]
  return [...lines, ...(lines.length === 0 ? [] : ['']), `${summary(diff)}; ${head}.`].join('\n')
}

export function isSame({ revision, declaration, items, people, conflicts }: RegisterDiff): boolean {
  return revision > 0 && [declaration, items, people, conflicts].every((list) => list.length === 0)
}

function summary(diff: RegisterDiff): string {
  if (isSame(diff)) return 'No difference'
  const count = (change: string) => diff.items.filter((item) => item.change === change).length
  const counts = `${count('added')} added, ${count('changed')} changed, ${count('removed')} removed`
  const refused = diff.conflicts.length === 0 ? '' : '; it would be refused as it is'
  return `${counts}${refused}`
}

function fieldText({ pointer, before, after }: FieldChange): string {
  return `    ${pointer}  ${shown(before)} → ${shown(after)}`
}

/** One line, so that a long description does not fill the screen; `--json` has all of it. */
function shown(value: unknown): string {
  const text = value === undefined ? '(nothing)' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
