/** People: one reference is one person, nobody manages themself, units lie where they say. */
import type { FileContent } from '../files.ts'
import { at, type Entries, type Report } from './report.ts'

export function checkPeople(all: Entries, institution: FileContent<'institution.json'>, report: Report): void {
  checkReferences(all, new Set(institution.referenceSchemes.map(({ id }) => id)), report)
  const managers = new Map<string, readonly string[]>(all.people.map(({ item }) => [item.id, item.managers]))
  for (const entry of all.people) {
    if (reachesItself(entry.item.id, managers))
      report('circular-managers', at(entry, 'managers'), {
        detail: 'lead back to this person',
        advice: 'break the circle; who reports to whom has an end',
      })
    for (const [index, other] of entry.item.linked.entries())
      if (other === entry.item.id)
        report('linked-to-self', at(entry, 'linked', index), {
          detail: 'is this person',
          advice: 'name the other id of the same human being',
        })
  }
}

function checkReferences(all: Entries, schemes: ReadonlySet<string>, report: Report): void {
  const holders = new Map<string, string>()
  for (const entry of all.people)
    for (const [index, { scheme, value }] of entry.item.references.entries()) {
      const place = at(entry, 'references', index)
      if (!schemes.has(scheme))
        report('unknown-scheme', at(place, 'scheme'), {
          detail: 'is not declared',
          advice: 'add it to referenceSchemes in institution.json, or correct it',
        })
      const key = JSON.stringify([scheme, value])
      if (holders.has(key))
        report('duplicate-reference', place, {
          detail: holders.get(key) === entry.item.id ? 'is given twice' : 'leads to another person already',
          advice: 'give each reference to one person; ids of one human being are joined by `linked`',
        })
      holders.set(key, entry.item.id)
    }
}

/** Units are named `<organisation>/<unit>`, so where one belongs can be read from its id. */
export function checkUnits(all: Entries, report: Report): void {
  const parents = new Map<string, readonly string[]>(
    all.units.map(({ item }) => [item.id, item.parent === undefined ? [] : [item.parent]]),
  )
  const fits = (unit: string | undefined, organisation: string | undefined) =>
    unit === undefined || unit.split('/')[0] === organisation
  const text = { detail: 'belongs to another organisation', advice: 'name a unit of the organisation beside it' }
  for (const entry of all.units) {
    if (!fits(entry.item.parent, entry.item.id.split('/')[0])) report('unit-elsewhere', at(entry, 'parent'), text)
    if (reachesItself(entry.item.id, parents))
      report('circular-units', at(entry, 'parent'), {
        detail: 'leads back to this unit',
        advice: 'break the circle; the topmost unit has no parent',
      })
  }
  for (const entry of all.people)
    for (const [index, { unit, organisation }] of entry.item.employments.entries())
      if (!fits(unit, organisation)) report('unit-elsewhere', at(entry, 'employments', index, 'unit'), text)
  for (const entry of [...all.emitters, ...all.achievements])
    if (!fits(entry.item.owner.unit, entry.item.owner.organisation))
      report('unit-elsewhere', at(entry, 'owner', 'unit'), text)
}

function reachesItself(start: string, next: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>()
  const reach = [...(next.get(start) ?? [])]
  for (let id = reach.pop(); id !== undefined; id = reach.pop()) {
    if (id === start) return true
    if (seen.has(id)) continue
    seen.add(id)
    reach.push(...(next.get(id) ?? []))
  }
  return false
}
