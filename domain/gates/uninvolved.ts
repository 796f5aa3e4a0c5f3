/**
 * Officers who act on what others did: appointed now, partial to nobody, and none of those whom the case names. Without it whoever
 * decided could undo the decision, or uphold it (ISO/IEC 17024 9.5, 9.8, 9.9).
 */
import type { CaseInput } from '#domain/case.ts'
import type { Evidence, IdentityCheck } from '#domain/evidence.ts'
import { passed, short, text } from '#domain/gates/finding.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { actsAreVoid, isAmong, isUnknown, isValidAt, samePerson } from '#domain/people.ts'
import type { PersonId, Text } from '#domain/words.ts'

export interface Acting {
  /** Facts, approvals, register and moment, as every gate reads them. */
  readonly case: CaseInput
  readonly person: PersonId
  /** The finding's name. */
  readonly rule: string
  /** The person in the sentence: "Who approves". */
  readonly who: Text
}

export function officerWords(who: Text): Text {
  return text(
    `${who.sv} är utsedd handläggare nu och utan jäv`,
    `${who.en} is an appointed officer now, without a conflict of interest`,
  )
}

/** Appointed officer now, known, and free of conflict with the learner: nobody acts on themself. */
export function officerNow({ case: input, person, rule, who }: Acting): Finding {
  const missing = officerWords(who)
  const { register, now, case: it } = input
  if (isUnknown(person)) {
    const because = text(`${who.sv} är inte känd`, `${who.en} is not known`)
    return short(rule, { outcome: 'could-not-check', because, missing })
  }
  const isAppointed = register.appointments.some(
    (one) => one.role === 'officer' && samePerson(register, one.person, person) && isValidAt(one, now),
  )
  if (!isAppointed) {
    const because = text(`${who.sv} är inte utsedd handläggare nu`, `${who.en} is not an appointed officer now`)
    return short(rule, { outcome: 'failed', because, missing })
  }
  if (actsAreVoid(register, person, it.learner)) {
    const because = text(`${who.sv} är den lärande eller jävig`, `${who.en} is the learner or has a conflict`)
    return short(rule, { outcome: 'failed', because, missing })
  }
  return passed(rule, missing)
}

/**
 * `acted`: appointed to the case or decided on it, whatever came of it; the facts do not tell. A person in the facts whom nobody is known
 * by could be this one; unknown never satisfies.
 */
export function notNamed({ case: input, person, rule, who }: Acting, acted: readonly PersonId[]): Finding {
  const says = text(`${who.sv} är inte nämnd i ärendet`, `${who.en} is not named in the case`)
  const named = [...namedIn(input), ...acted]
  if (isAmong(input.register, person, named)) {
    const because = text(`${who.sv} är nämnd i ärendet`, `${who.en} is named in the case`)
    return short(rule, { outcome: 'failed', because, missing: says })
  }
  if (!named.some(isUnknown)) return passed(rule, says)
  return short(rule, {
    outcome: 'could-not-check',
    because: text('En person i ärendet är inte känd', 'A person in the case is not known'),
    missing: text(`${says.sv}; registrera den okända`, `${says.en}; register the unknown person`),
  })
}

/** Everybody the case names, also in facts that were taken back: learner, teachers, scorers, invigilators, checkers, confirmers, approvers. */
export function namedIn({ case: it, evidence, approvals }: CaseInput): PersonId[] {
  return [it.learner, ...evidence.flatMap(namedBy), ...approvals.map(({ person }) => person)]
}

function namedBy(fact: Evidence): PersonId[] {
  switch (fact.kind) {
    case 'completion':
    case 'withdrawal':
      return []
    case 'identity':
      return [...checkerOf(fact.check), ...some(fact.liveMatch?.by)]
    case 'participation':
      return [...(fact.teaching?.teachers ?? []), ...some(fact.attendance?.confirmedBy)]
    case 'result':
      return [...fact.scorers, ...(fact.items ?? []).flatMap(({ scores }) => scores.map(({ scorer }) => scorer))]
    case 'proctoring':
      return [
        ...fact.invigilators,
        ...(fact.identity === undefined ? [] : [...some(fact.identity.checker), ...checkerOf(fact.identity.check)]),
        ...fact.incidents.flatMap(({ finding }) => some(finding?.by)),
      ]
  }
}

function checkerOf(check: IdentityCheck): PersonId[] {
  return check.route === 'document' ? some(check.check.checker) : []
}

function some(person: PersonId | undefined): PersonId[] {
  return person === undefined ? [] : [person]
}
