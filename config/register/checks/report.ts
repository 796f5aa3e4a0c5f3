/** What the checks of the whole register share: where they look things up and how they report. */
import type { FileName } from '../files.ts'
import { type Path, pointerOf, type RegisterProblem, type RegisterProblemCode } from '../problems.ts'
import type { Draft } from '../read.ts'

export interface Place {
  readonly file: string
  readonly path: Path
}

export type Report = (
  code: RegisterProblemCode,
  place: Place,
  text: { readonly detail: string; readonly advice: string },
) => void

export function reporter(problems: RegisterProblem[]): Report {
  return (code, { file, path }, text) => problems.push({ file, pointer: pointerOf(path), code, ...text })
}

/** The entries of one file's list, each with its place. */
function entriesOf<Item>(file: FileName, list: string, items: readonly Item[]): (Place & { item: Item })[] {
  return items.map((item, index) => ({ item, file, path: [list, index] }))
}

/** Every entry of the register that has a place; built once for all checks. */
export function entries({ files, achievements }: Draft) {
  return {
    organisations: entriesOf('organisations.json', 'organisations', files['organisations.json'].organisations),
    units: entriesOf('units.json', 'units', files['units.json'].units),
    people: entriesOf('people.json', 'people', files['people.json'].people),
    appointments: entriesOf('appointments.json', 'appointments', files['appointments.json'].appointments),
    accreditations: entriesOf('accreditations.json', 'accreditations', files['accreditations.json'].accreditations),
    mandates: entriesOf('mandates.json', 'mandates', files['mandates.json'].mandates),
    conflicts: entriesOf('conflicts.json', 'conflicts', files['conflicts.json'].conflicts),
    emitters: entriesOf('emitters.json', 'emitters', files['emitters.json'].emitters),
    tightenings: entriesOf('tightenings.json', 'tightenings', files['tightenings.json'].tightenings),
    achievements: achievements.map(({ file, content }) => ({ item: content, file, path: [] as Path })),
  }
}
export type Entries = ReturnType<typeof entries>

export const at = ({ file, path }: Place, ...more: Path): Place => ({ file, path: [...path, ...more] })
