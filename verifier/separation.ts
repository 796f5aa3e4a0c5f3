/** Who did what in which role, and which duties were kept apart, in words (audit-log §12, E1–E4; G2). */
import { tookPart } from '#audit/appeal.ts'
import type { Entry } from '#audit/entry.ts'
import { roleWords } from '#audit/package/words.ts'
import type { Approval, CaseInput } from '#domain/case.ts'
import { type Duties, type Duty, separationOfDuties } from '#domain/duties.ts'
import { samePerson } from '#domain/people.ts'
import type { PersonId, Text } from '#domain/words.ts'
import type { People } from '#verifier/people.ts'
import { type Answer, couldNotCheck, type DutyLine, failed, type PairLine, passed, text } from '#verifier/report.ts'

export interface Separation {
  readonly answer: Answer
  readonly duties: readonly DutyLine[]
  readonly pairs: readonly PairLine[]
}

const dutyWords: Readonly<Record<Duty, Text>> = {
  taught: text('undervisade', 'taught'),
  scored: text('bedömde', 'scored'),
  invigilated: text('var provvakt', 'supervised the examination'),
  examiner: text('beslutade som examinator', 'decided as examiner'),
  'external-reviewer': text('godkände som extern granskare', 'approved as external examiner'),
  'decision-maker': text('beslutade som beslutsfattare', 'decided as decision-maker'),
}

/** From the facts that were judged, where the package holds them; from the entries alone what they can tell. */
export function judgeSeparation(entries: readonly Entry[], input: CaseInput | undefined, people: People): Separation {
  const byEntries = [...revocation(entries, people), ...appeal(entries, people)]
  if (input === undefined) {
    const pairs = [...unknownPairs, ...byEntries]
    return { answer: answerOf(pairs), duties: actors(entries, people), pairs }
  }
  const told = unrecorded(entries, input)
  if (told !== undefined) return { answer: told, duties: [], pairs: byEntries }
  const named = (person: PersonId) => {
    const ref = refOf(entries, input, person)
    return people.nameOfPerson(person) ?? people.nameOfRef(ref) ?? ref ?? person
  }
  const { duties, pairs: judged } = separationOfDuties(input)
  const pairs = [...judged.map(({ persons, ...pair }) => ({ ...pair, who: persons.map(named) })), ...byEntries]
  return { answer: answerOf(pairs), duties: dutyLines(duties, named), pairs }
}

function dutyLines(duties: Duties, named: (person: PersonId) => string): DutyLine[] {
  return Object.entries(duties).flatMap(([duty, persons]) =>
    persons.length === 0 ? [] : [{ duty, says: dutyWords[duty as Duty], who: persons.map(named) }],
  )
}

/** Every approval that was judged is a decision in the trail, by one and the same person under one and the same pseudonym. */
function unrecorded(entries: readonly Entry[], { approvals, register }: CaseInput): Answer | undefined {
  const refs = approvals.map((approval) => ({ approval, entry: decisionOf(entries, approval) }))
  const missing = refs.find(({ entry }) => entry === undefined)
  if (missing !== undefined) {
    const { id } = missing.approval
    return failed(`Godkännandet ${id} finns inte i kedjan.`, `The approval ${id} is not in the trail.`)
  }
  const mixed = refs.some((one) =>
    refs.some((other) => {
      const isOne = one.approval.person === other.approval.person
      const isSame = isOne || samePerson(register, one.approval.person, other.approval.person)
      const sameRef = one.entry?.actor.ref === other.entry?.actor.ref
      return (isOne && !sameRef) || (sameRef && !isSame)
    }),
  )
  return mixed
    ? failed(
        'En person står under flera namn, eller flera under ett.',
        'One person stands under several names, or several under one.',
      )
    : undefined
}

/** The entry by which a trail tells of an approval: a person's, the same decision over the same facts. */
export function decisionOf(
  entries: readonly Entry[],
  { id, role, outcome, evidenceVersion }: Approval,
): Entry | undefined {
  return entries.find(
    ({ type, actor, data = {} }) =>
      type === 'decision.recorded/1' &&
      actor.kind === 'human' &&
      data['decision'] === id &&
      data['role'] === role &&
      data['outcome'] === outcome &&
      data['evidenceVersion'] === evidenceVersion,
  )
}

/** What the log calls a person who decided. */
function refOf(entries: readonly Entry[], { approvals }: CaseInput, person: PersonId): string | undefined {
  const approval = approvals.find((one) => one.person === person)
  return approval === undefined ? undefined : decisionOf(entries, approval)?.actor.ref
}

/** People's own entries, where the facts are withheld. */
function actors(entries: readonly Entry[], people: People): DutyLine[] {
  const decisions = entries.filter(({ type, actor }) => type === 'decision.recorded/1' && actor.kind === 'human')
  const byRole = new Map<string, Set<string>>()
  for (const { actor } of decisions) {
    const known = byRole.get(actor.role) ?? new Set()
    byRole.set(actor.role, known.add(people.nameOfRef(actor.ref) ?? actor.ref))
  }
  return [...byRole].map(([role, who]) => ({
    duty: role,
    says: text(`beslutade som ${roleWords(role).sv}`, `decided as ${roleWords(role).en}`),
    who: [...who].toSorted(),
  }))
}

const withheld = text(
  'Underlaget om vem som undervisat och bedömt är undanhållet',
  'The facts about who taught and scored are withheld',
)
const unknownPairs: readonly PairLine[] = (['E1', 'E2', 'E3'] as const).map((pair) => ({
  pair,
  holds: 'unknown',
  demanded: true,
  because: withheld,
  who: [],
}))

/** E4: who proposes a revocation does not approve it. Not told where none was proposed. */
function revocation(entries: readonly Entry[], people: People): PairLine[] {
  const byOne = (type: string) => entries.filter((entry) => entry.type === type)
  const approved = byOne('revocation.approved/1')
  if (approved.length === 0) return []
  const alone = approved.filter((approval) =>
    byOne('revocation.proposed/1').some(
      (proposal) =>
        proposal.data?.['revocation'] === approval.data?.['revocation'] && proposal.actor.ref === approval.actor.ref,
    ),
  )
  const because =
    alone.length > 0
      ? text('Samma person föreslog och godkände återkallelsen', 'The same person proposed and approved the revocation')
      : text('Två personer återkallade tillsammans', 'Two persons revoked together')
  return [pairLine('E4', { broken: alone, because, people })]
}

/** E5: who decides an appeal has taken no part in the case before (ISO/IEC 17024 9.8). Not told where none was decided. */
function appeal(entries: readonly Entry[], people: People): PairLine[] {
  const decided = entries.filter(({ type }) => type === 'appeal.decided/1')
  if (decided.length === 0) return []
  const involved = decided.filter(({ actor, data }) => tookPart(entries, String(data?.['appeal'])).has(actor.ref))
  const because =
    involved.length > 0
      ? text(
          'Den som avgjorde överklagandet hade själv haft del i ärendet',
          'Who decided the appeal had taken part in the case',
        )
      : text(
          'Den som avgjorde överklagandet hade ingen del i det som kedjan berättar om ärendet',
          'Who decided the appeal had no part in what the trail tells of the case',
        )
  return [pairLine('E5', { broken: involved, because, people })]
}

interface OfEntries {
  readonly broken: readonly Entry[]
  readonly because: Text
  readonly people: People
}

/** What the entries alone decide. */
function pairLine(pair: PairLine['pair'], { broken, because, people }: OfEntries): PairLine {
  const who = broken.map(({ actor }) => people.nameOfRef(actor.ref) ?? actor.ref)
  return { pair, holds: broken.length > 0 ? 'no' : 'yes', demanded: true, because, who }
}

function answerOf(pairs: readonly PairLine[]): Answer {
  const broken = pairs.filter(({ holds, demanded }) => demanded && holds === 'no')
  const open = pairs.filter(({ holds, demanded }) => demanded && holds === 'unknown')
  if (broken.length > 0) {
    const sv = broken.map(({ pair, because }) => `${pair}: ${because.sv}`).join('; ')
    const en = broken.map(({ pair, because }) => `${pair}: ${because.en}`).join('; ')
    return failed(`${sv}.`, `${en}.`)
  }
  if (open.length > 0) {
    const names = open.map(({ pair }) => pair).join(', ')
    return couldNotCheck(
      `${names}: ${open[0]?.because.sv.toLowerCase() ?? ''}.`,
      `${names}: ${open[0]?.because.en.toLowerCase() ?? ''}.`,
    )
  }
  return passed(
    'De uppgifter som reglerna skiljer åt har hållits åtskilda.',
    'The duties that the rules keep apart were kept apart.',
  )
}
