/** Who is asked to decide: drawn from the decided list by a rule that is written down with the draw (contracts §5, separation). */
import { eligibility } from '#domain/approver.ts'
import type { ApproverRole, CaseInput } from '#domain/case.ts'
import { filledSlots } from '#domain/gates/rows/approvers.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { computeLevel, reliedBand } from '#domain/level.ts'
import { samePerson } from '#domain/people.ts'
import type { Plan } from '#domain/plan.ts'
import type { PersonId } from '#domain/words.ts'

/** Name of the rule; a change of the rule is a new name. */
export const drawRule = 'draw.rotation/1'

export interface Refused {
  readonly person: PersonId
  readonly because: readonly Finding[]
}

export type Draw =
  | {
      readonly kind: 'drawn'
      readonly person: PersonId
      readonly role: ApproverRole
      readonly rule: string
      readonly refused: readonly Refused[]
    }
  | { readonly kind: 'nobody'; readonly roles: readonly ApproverRole[]; readonly refused: readonly Refused[] }

/** The next decision that is needed, or undefined when every slot is filled. Slots are filled in the profile's order. */
export function nextSlot(input: CaseInput): readonly ApproverRole[] | undefined {
  return filledSlots(planOf(input)).find(({ by }) => by === undefined)?.roles
}

/**
 * The first eligible person of the list, which starts at a place given by the case, so that the work is spread and nobody
 * chooses their own examiner.
 */
export function drawApprover(input: CaseInput, roles: readonly ApproverRole[], exclude: readonly PersonId[]): Draw {
  const plan = planOf(input)
  const refused: Refused[] = []
  const deciders = filledSlots(plan).flatMap(({ by }) => (by === undefined ? [] : [by.person]))
  const shut = [...exclude, ...deciders]
  for (const role of roles) {
    for (const person of rotated(candidates(input, role), input.case.id)) {
      if (shut.some((other) => samePerson(input.register, other, person))) continue
      const because = eligibility(plan, person, role).filter(({ outcome }) => outcome !== 'passed')
      if (because.length === 0) return { kind: 'drawn', person, role, rule: drawRule, refused }
      refused.push({ person, because })
    }
  }
  return { kind: 'nobody', roles, refused }
}

/** Why this person may or may not decide here, now. Empty when nothing speaks against it. */
export function separationOf(input: CaseInput, person: PersonId, role: ApproverRole): Finding[] {
  return eligibility(planOf(input), person, role).filter(({ outcome }) => outcome !== 'passed')
}

function planOf(input: CaseInput): Plan {
  const level = computeLevel(input, 'assumed')
  return level.byBand[reliedBand(level, input.case.promised)].plan
}

/** The decided list of a role: its appointments by order, then id. */
function candidates({ register, achievement }: CaseInput, role: ApproverRole): PersonId[] {
  const list = register.appointments
    .filter((one) => one.role === role && (one.achievements === undefined || one.achievements.includes(achievement.id)))
    .toSorted((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))
  return [...new Set(list.map(({ person }) => person))]
}

function rotated(list: readonly PersonId[], seed: string): PersonId[] {
  if (list.length === 0) return []
  const start =
    Array.from(seed).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 7) % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
