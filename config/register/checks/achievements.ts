/** Achievements that could never be issued as promised are found when they are declared, not when a learner waits. */

import { mayBeListed } from '#domain/list-approval.ts'
import { levels } from '#domain/policy/levels.ts'
import type { DefinitionDemand } from '#domain/policy/profile.ts'
import type { Achievement, OrganisationRole } from '#domain/register.ts'
import type { DeclaredInstitution, DeclaredOrganisation } from '../files.ts'
import { at, type Entries, type Report } from './report.ts'

export function checkAchievements(all: Entries, institution: DeclaredInstitution, report: Report): void {
  const home = institution.organisation
  const organisations = new Map<string, DeclaredOrganisation>(all.organisations.map(({ item }) => [item.id, item]))
  checkRoles(all, organisations, report)
  const seen = new Set<string>()
  for (const entry of all.achievements) {
    const { item } = entry
    const key = `${item.id}@${item.version}`
    if (seen.has(key))
      report('duplicate-version', at(entry, 'version'), {
        detail: 'is declared in another file too',
        advice: 'raise the version for what is new; a version is frozen once a case used it',
      })
    seen.add(key)
    if (item.awards !== home)
      report('awards-elsewhere', at(entry, 'awards'), {
        detail: 'is not the awarding body of this register',
        advice: 'name the organisation of institution.json, or declare the achievement in the other body’s register',
      })
    if (institution.sandbox === true && !item.test)
      report('sandbox-awards', at(entry, 'test'), {
        detail: 'is false, though the institution is a sandbox',
        advice: 'say `"test": true`, so that the credential says TEST, or declare it at the real institution',
      })
    if (item.listApproval === true && !mayBeListed(item.band, item))
      report('list-not-allowed', at(entry, 'listApproval'), {
        detail: `cannot be allowed in band ${item.band}: each case is decided by itself`,
        advice: 'leave it out; lists are for C2-D and below',
      })
    for (const demand of levels.byBand[item.band].definition.demand.demands)
      if (!defined[demand].holds(item))
        report('profile-incomplete', at(entry, defined[demand].member), {
          detail: `is demanded of band ${item.band} (${levels.byBand[item.band].definition.rule})`,
          advice: defined[demand].advice,
        })
    checkReachable(item, organisations, (member, detail) =>
      report('band-not-open', at(entry, member), {
        detail,
        advice: 'change the organisations, or promise another band',
      }),
    )
  }
}

function checkRoles(
  all: Entries,
  organisations: ReadonlyMap<string, { readonly roles: readonly OrganisationRole[] }>,
  report: Report,
): void {
  const demand = (id: string | undefined, role: OrganisationRole, place: Parameters<Report>[1]) => {
    const roles = id === undefined ? undefined : organisations.get(id)?.roles
    if (roles === undefined || roles.includes(role)) return
    report('wrong-role', place, {
      detail: `is an organisation without the role “${role}”`,
      advice: 'name another organisation, or add the role in organisations.json',
    })
  }
  for (const entry of all.achievements) {
    for (const role of ['trains', 'examines', 'awards'] as const) demand(entry.item[role], role, at(entry, role))
    const commissioner = entry.item.contractEducation?.commissioner
    demand(commissioner, 'commissions', at(entry, 'contractEducation', 'commissioner'))
  }
  for (const entry of all.accreditations) demand(entry.item.by, 'accredits', at(entry, 'by'))
}

/** What no fact of a case could mend. */
function checkReachable(
  { band, trains, examines, awards }: Achievement,
  organisations: ReadonlyMap<string, DeclaredOrganisation>,
  tell: (member: 'trains' | 'awards', detail: string) => void,
): void {
  const { mandate, separation } = levels.byBand[band]
  if (mandate.demand.higherEducation && organisations.get(awards)?.higherEducation === false)
    tell('awards', `is no higher education institution, which band ${band} demands`)
  const ownerOf = (id: string) => organisations.get(id)?.ownerGroup ?? id
  const trainsItself = trains === awards || trains === examines
  const sameGroup = ownerOf(trains) === ownerOf(awards) || ownerOf(trains) === ownerOf(examines)
  if (separation.demand.organisations && (trainsItself || sameGroup))
    tell('trains', `also certifies or issues, itself or by its owner group, which band ${band} forbids`)
}

interface Defined {
  readonly member: keyof Achievement
  readonly advice: string
  readonly holds: (achievement: Achievement) => boolean
}

/** The demands of the row "definition" (levels.md), as far as a declaration can meet them whatever the date. */
const defined: Readonly<Record<DefinitionDemand, Defined>> = {
  'outcomes-structured': {
    member: 'outcomes',
    advice: 'give verifiable outcomes in SeQF form, and say `structured: true`',
    holds: ({ structured, outcomes }) => structured && outcomes.length > 0,
  },
  standard: { member: 'standard', advice: 'name the industry standard and its version', holds: has('standard') },
  'placement-or-approval': {
    member: 'placement',
    advice: 'give a placement that is not self-referenced, or `approvedAs`',
    holds: ({ placement, approvedAs }) =>
      (placement !== undefined && placement.basis !== 'self-referenced') || approvedAs !== undefined,
  },
  method: { member: 'method', advice: 'describe the method of assessment', holds: has('method') },
  'credits-or-level': {
    member: 'credits',
    advice: 'give credits, a placement or the workload',
    holds: ({ credits, placement, workloadHours }) =>
      credits !== undefined || placement !== undefined || workloadHours > 0,
  },
  eligibility: { member: 'eligibility', advice: 'say what it gives eligibility for', holds: has('eligibility') },
  creditable: { member: 'creditable', advice: 'say on what basis it can be credited', holds: has('creditable') },
  syllabus: { member: 'syllabus', advice: 'name the established syllabus', holds: has('syllabus') },
  outcomes: { member: 'outcomes', advice: 'give the outcomes', holds: ({ outcomes }) => outcomes.length > 0 },
  'course-description': {
    member: 'courseDescription',
    advice: 'name the course description',
    holds: has('courseDescription'),
  },
  'course-or-event-description': {
    member: 'eventDescription',
    advice: 'describe the event or project, or name the course description',
    holds: ({ courseDescription, eventDescription }) =>
      courseDescription !== undefined || eventDescription !== undefined,
  },
  'knowledge-content': {
    member: 'knowledgeContent',
    advice: 'describe the knowledge content',
    holds: ({ knowledgeContent, outcomes }) => knowledgeContent !== undefined || outcomes.length > 0,
  },
  resource: { member: 'resource', advice: 'name the resource', holds: has('resource') },
}

function has(member: keyof Achievement): (achievement: Achievement) => boolean {
  return (achievement) => achievement[member] !== undefined
}
