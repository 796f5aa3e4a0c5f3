/** Every id leads somewhere, and to one thing only. */
import type { FileContent } from '../files.ts'
import { at, type Entries, type Place, type Report } from './report.ts'

type Pointing = Place & { readonly id: string | undefined }

export function checkIds(all: Entries, institution: FileContent<'institution.json'>, report: Report): void {
  for (const list of [all.organisations, all.units, all.people, all.appointments, all.accreditations] as const)
    checkUnique(list, report)
  for (const list of [all.mandates, all.emitters, all.tightenings] as const) checkUnique(list, report)
  checkConflicts(all, report)
  checkUnique(
    institution.referenceSchemes.map((item, index) => ({
      item,
      file: 'institution.json',
      path: ['referenceSchemes', index],
    })),
    report,
  )
  const home = { file: 'institution.json', path: ['organisation'], id: institution.organisation }
  lookUp('organisation', [home, ...organisationsNamed(all)], { known: idsOf(all.organisations), report })
  lookUp('unit', unitsNamed(all), { known: idsOf(all.units), report })
  lookUp('person', personsNamed(all), { known: idsOf(all.people), report })
  lookUp('achievement', achievementsNamed(all), { known: idsOf(all.achievements), report })
}

function idsOf(list: readonly { readonly item: { readonly id: string } }[]): ReadonlySet<string> {
  return new Set(list.map(({ item }) => item.id))
}

function checkUnique(list: readonly (Place & { readonly item: { readonly id: string } })[], report: Report): void {
  const seen = new Set<string>()
  for (const entry of list) {
    if (seen.has(entry.item.id))
      report('duplicate-id', at(entry, 'id'), {
        detail: 'is the id of an earlier entry',
        advice: 'give each entry an id of its own',
      })
    seen.add(entry.item.id)
  }
}

/** A conflict has no id: its persons and its moment name it. */
function checkConflicts({ conflicts }: Entries, report: Report): void {
  const seen = new Set<string>()
  for (const entry of conflicts) {
    const { person, learner = '', declaredAt } = entry.item
    const key = [person, learner, declaredAt].join(' ')
    if (seen.has(key))
      report('duplicate-id', entry, { detail: 'is declared twice', advice: 'declare each conflict once' })
    seen.add(key)
  }
}

function lookUp(
  what: string,
  named: readonly Pointing[],
  { known, report }: { readonly known: ReadonlySet<string>; readonly report: Report },
): void {
  for (const { id, ...place } of named) {
    if (id === undefined || known.has(id)) continue
    report('unknown-id', place, {
      detail: `names no ${what} of this register`,
      advice: `declare the ${what}, or correct the id`,
    })
  }
}

function organisationsNamed(all: Entries): Pointing[] {
  return [
    ...all.units.map((entry) => ({ ...at(entry, 'id'), id: entry.item.id.split('/')[0] })),
    ...all.people.flatMap((entry) =>
      entry.item.employments.map((one, index) => ({
        ...at(entry, 'employments', index, 'organisation'),
        id: one.organisation,
      })),
    ),
    ...[...all.appointments, ...all.accreditations].map((entry) => ({ ...at(entry, 'by'), id: entry.item.by })),
    ...[...all.accreditations, ...all.mandates].map((entry) => ({
      ...at(entry, 'organisation'),
      id: entry.item.organisation,
    })),
    ...[...all.emitters, ...all.achievements].map((entry) => ({
      ...at(entry, 'owner', 'organisation'),
      id: entry.item.owner.organisation,
    })),
    ...all.achievements.flatMap((entry) => [
      ...(['trains', 'examines', 'awards'] as const).map((member) => ({
        ...at(entry, member),
        id: entry.item[member],
      })),
      { ...at(entry, 'syllabus', 'establishedBy'), id: entry.item.syllabus?.establishedBy },
      { ...at(entry, 'contractEducation', 'commissioner'), id: entry.item.contractEducation?.commissioner },
    ]),
  ]
}

function unitsNamed(all: Entries): Pointing[] {
  return [
    ...all.units.map((entry) => ({ ...at(entry, 'parent'), id: entry.item.parent })),
    ...all.people.flatMap((entry) =>
      entry.item.employments.map((one, index) => ({ ...at(entry, 'employments', index, 'unit'), id: one.unit })),
    ),
    ...[...all.emitters, ...all.achievements].map((entry) => ({
      ...at(entry, 'owner', 'unit'),
      id: entry.item.owner.unit,
    })),
  ]
}

function personsNamed(all: Entries): Pointing[] {
  return [
    ...all.people.flatMap((entry) => [
      ...entry.item.managers.map((id, index) => ({ ...at(entry, 'managers', index), id })),
      ...entry.item.linked.map((id, index) => ({ ...at(entry, 'linked', index), id })),
    ]),
    ...[...all.appointments, ...all.conflicts].map((entry) => ({ ...at(entry, 'person'), id: entry.item.person })),
    ...all.conflicts.map((entry) => ({ ...at(entry, 'learner'), id: entry.item.learner })),
  ]
}

function achievementsNamed(all: Entries): Pointing[] {
  return [...all.appointments, ...all.accreditations, ...all.mandates, ...all.emitters].flatMap((entry) =>
    (entry.item.achievements ?? []).map((id, index) => ({ ...at(entry, 'achievements', index), id })),
  )
}
