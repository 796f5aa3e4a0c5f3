/** The demo register as files for an institution of the API's tests, with the people who log in there. */
import { readFileSync } from 'node:fs'
import { filesOf } from '#config/register/read.ts'
import type { InstitutionId } from '#domain/words.ts'
import { registerOf } from './world.ts'

const folder = new URL('../../dev/register/norrsken', import.meta.url).pathname

/** Path → text; the people of `registerOf` keep their roles, except those whose id no file may hold. */
export function registerFiles(institution: InstitutionId): Record<string, string> {
  const paths = [...(filesOf(folder)?.keys() ?? [])]
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(`${folder}/${path}`, 'utf8')]))
  const { items: all, references } = registerOf(institution)
  const items = all.filter((item) => !JSON.stringify(item.body).includes('pers_second-'))
  const people = items.flatMap(({ kind, id, personal }) =>
    kind === 'person'
      ? [
          {
            id,
            name: personal?.name,
            references: references
              .filter(({ person }) => person === id)
              .map(({ scheme, value }) => ({ scheme, value })),
          },
        ]
      : [],
  )
  const appointments = items.filter(({ kind }) => kind === 'appointment').map(({ body }) => body)
  edit(files, 'institution.json', (declared) => ({ ...declared, id: institution, host: 'bevis.example' }))
  edit(files, 'people.json', (declared) => ({ ...declared, people: [...(declared['people'] as []), ...people] }))
  edit(files, 'appointments.json', (declared) => ({
    ...declared,
    appointments: [...(declared['appointments'] as []), ...appointments],
  }))
  return files
}

type Declared = Readonly<Record<string, unknown>>

/** Changes one file in place. */
export function edit(files: Record<string, string>, name: string, change: (declared: Declared) => Declared): void {
  files[name] = JSON.stringify(change(JSON.parse(files[name] ?? '{}') as Declared))
}
