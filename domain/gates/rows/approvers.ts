/** Row "approvers": who decided, in which role, at which own level of assurance. */
import { eligibility } from '#domain/approver.ts'
import type { Approval } from '#domain/case.ts'
import { passed, short, text } from '#domain/gates/finding.ts'
import { credited } from '#domain/gates/rows/loa.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { isSampleOpened, mayBeListed } from '#domain/list-approval.ts'
import { isUnknown, samePerson } from '#domain/people.ts'
import type { Plan } from '#domain/plan.ts'
import type { Text } from '#domain/words.ts'

export type Approvals = 'assumed' | 'actual'

export function approversRow(plan: Plan, approvals: Approvals): Finding[] {
  const { demand, rule } = plan.profile.approvers
  const confirmation = demand.confirmation ? confirmations(plan) : []
  if (demand.roles.length === 0) {
    return confirmation.length > 0
      ? confirmation
      : [passed(rule, text('Bandet kräver ingen granskare', 'The band demands no approver'))]
  }
  if (approvals === 'assumed') return [passed(rule, text('Godkännande förutsatt', 'Approval assumed')), ...confirmation]
  return [...slots(plan), ...confirmation]
}

const roleNames: Readonly<Record<Approval['role'], Text>> = {
  examiner: text('examinator', 'examiner'),
  'external-reviewer': text('extern granskare', 'external reviewer'),
  'decision-maker': text('beslutsfattare', 'decision-maker'),
}

/** The slots of the profile in order, each with the approval that fills it; different persons fill different slots. */
export function filledSlots(plan: Plan): { readonly roles: readonly Approval['role'][]; readonly by?: Approval }[] {
  const { demand } = plan.profile.approvers
  const current = latestOfEach(plan)
  const used: Approval[] = []
  return demand.roles.map((roles) => {
    const by = current.find(
      (approval) =>
        approval.outcome === 'approve' &&
        roles.includes(approval.role) &&
        !used.some((other) => samePerson(plan.input.register, other.person, approval.person)) &&
        against(plan, approval).length === 0,
    )
    if (by !== undefined) used.push(by)
    return by === undefined ? { roles } : { roles, by }
  })
}

/** Each person's newest word on what is shown now; what was said of an older version no longer counts (contracts §7). */
function latestOfEach({ input }: Plan): Approval[] {
  const current = input.approvals.filter(({ evidenceVersion }) => evidenceVersion === input.case.evidenceVersion)
  const newest = current.toSorted((a, b) => (a.at > b.at ? -1 : a.at < b.at ? 1 : a.id < b.id ? -1 : 1))
  const latest = newest.filter(
    (approval, index) =>
      !newest
        .slice(0, index)
        .some((later) => later.role === approval.role && samePerson(input.register, later.person, approval.person)),
  )
  return latest.toReversed()
}

function slots(plan: Plan): Finding[] {
  const { rule } = plan.profile.approvers
  const rejected = latestOfEach(plan).find(({ outcome }) => outcome === 'reject')
  if (rejected !== undefined) {
    return [
      short(rule, {
        outcome: 'failed',
        because: text('Avslaget av granskaren', 'Rejected by the approver'),
        missing: text('Ett godkännande', 'An approval'),
      }),
    ]
  }
  return filledSlots(plan).flatMap(({ roles, by }) => {
    const cited = `${rule}.${roles[0]}`
    if (by !== undefined)
      return [passed(cited, text(`Godkänt av ${roleNames[by.role].sv}`, `Approved by the ${roleNames[by.role].en}`))]
    return [missingSlot(plan, { cited, roles }), ...refusedIn(plan, roles)]
  })
}

function missingSlot(
  { profile }: Plan,
  { cited, roles }: { cited: string; roles: readonly Approval['role'][] },
): Finding {
  const names = roles.map((role) => roleNames[role])
  const missing = text(
    `Godkännande av ${names.map(({ sv }) => sv).join(' eller ')} som får besluta`,
    `Approval by ${names.map(({ en }) => en).join(' or ')} who may decide`,
  )
  const because = text(
    `Inget godkännande som räknas i band ${profile.band}`,
    `No approval that counts in band ${profile.band}`,
  )
  return short(cited, { outcome: 'missing', because, missing })
}

/** Why approvals that were given do not count. */
function refusedIn(plan: Plan, roles: readonly Approval['role'][]): Finding[] {
  return latestOfEach(plan)
    .filter((approval) => approval.outcome === 'approve' && roles.includes(approval.role))
    .flatMap((approval) => against(plan, approval))
}

function against(plan: Plan, approval: Approval): Finding[] {
  return [
    ...eligibility(plan, approval.person, approval.role),
    ownLoa(plan, approval),
    ...inList(plan, approval),
  ].filter(({ outcome }) => outcome !== 'passed')
}

/** Given in one act with others: only where band and achievement allow it, and with the sample opened. */
function inList({ input, profile }: Plan, { list }: Approval): Finding[] {
  if (list === undefined) return []
  const rule = `${profile.approvers.rule}.list`
  const says = text(
    'Godkänt i en lista där det får ske, med stickprov öppnat',
    'Approved in a list where allowed, sample opened',
  )
  if (mayBeListed(profile.band, input.achievement) && isSampleOpened(list)) return [passed(rule, says)]
  const because = text('Godkänt i en lista som inte räknas här', 'Approved in a list that does not count here')
  return [short(rule, { outcome: 'failed', because, missing: text('Ett eget godkännande', 'An approval of its own') })]
}

function ownLoa(plan: Plan, approval: Approval): Finding {
  const { demand, rule } = plan.profile.approvers
  const cited = `${rule}.own-loa`
  const learners = credited(plan)?.loa ?? 0
  const says = text('Egen tillitsnivå minst som den lärandes', "Own LoA at least the learner's")
  if (!demand.ownLoa || approval.loa >= learners) return passed(cited, says)
  const because = text(
    `Granskaren hade ${approval.loa}, den lärande ${learners}`,
    `The approver had ${approval.loa}, the learner ${learners}`,
  )
  return short(cited, { outcome: 'failed', because, missing: says })
}

/** Routes 2 and 3 of D–E: one named person confirms the taking part, as evidence. */
function confirmations({ profile, route, participation }: Plan): Finding[] {
  if (route !== 'gathering' && route !== 'project') return []
  const rule = `${profile.approvers.rule}.confirmation`
  const by = participation?.attendance?.confirmedBy
  if (participation !== undefined && by !== undefined && !isUnknown(by)) {
    return [passed(rule, text('Bekräftat av en namngiven person', 'Confirmed by a named person'), [participation.id])]
  }
  const because = text('Ingen namngiven bekräftelse', 'No named confirmation')
  return [
    short(rule, { outcome: 'missing', because, missing: text('En namngiven bekräftelse', 'A named confirmation') }),
  ]
}
