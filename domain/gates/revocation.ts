/**
 * May this credential be taken back? Two officers, a reason and a text; without this gate one person alone could undo what
 * several decided (ISO/IEC 17024 9.5: nobody who took part in the certification decides on it).
 */
import type { CaseInput } from '#domain/case.ts'
import { passed, short, text } from '#domain/gates/finding.ts'
import { notNamed, officerNow, officerWords } from '#domain/gates/uninvolved.ts'
import type { Finding, Verdict } from '#domain/gates/verdict.ts'
import { outcomeOf } from '#domain/gates/worst.ts'
import { isUnknown, samePerson } from '#domain/people.ts'
import type { CredentialId, PersonId, Text } from '#domain/words.ts'

/** The fixed list; a credential's status tells the code, never the text beside it. */
export const revocationReasons = [
  'issued-in-error',
  'identity-wrong',
  'assessment-invalid',
  'fraud',
  'separation-broken',
  'holder-request',
  'key-compromise',
  'superseded',
] as const
export type RevocationReason = (typeof revocationReasons)[number]

export const revocationReasonTexts: Readonly<Record<RevocationReason, Text>> = {
  'issued-in-error': text('Utfärdat av misstag', 'Issued in error'),
  'identity-wrong': text('Fel person identifierad', 'The wrong person was identified'),
  'assessment-invalid': text('Bedömningen är ogiltig', 'The assessment is not valid'),
  fraud: text('Fusk eller förfalskning', 'Cheating or forgery'),
  'separation-broken': text('Åtskillnaden höll inte', 'Separation did not hold'),
  'holder-request': text('På innehavarens begäran', 'At the request of the holder'),
  'key-compromise': text('Signeringsnyckeln kan ha röjts', 'The signing key may have been disclosed'),
  superseded: text('Ersatt av ett nytt', 'Superseded by a new one'),
}

/** Shortest explanation, in characters after trimming, that the next reader can act on. */
export const revocationTextLength = 10

export interface RevocationInput {
  /** Facts, approvals, register and moment, as every gate reads them. */
  readonly case: CaseInput
  readonly reason: string
  readonly text: string
  /** What is named as standing in its place. */
  readonly successor?: CredentialId
  /** Credentials of the same learner and achievement that were issued after it and stand. */
  readonly successors: readonly CredentialId[]
  readonly proposer: PersonId
  /** Absent while nobody has approved yet. */
  readonly approver?: PersonId
  /** Appointed to the case or decided on it, whatever came of it; the facts do not tell. */
  readonly acted?: readonly PersonId[]
}

export type RevocationVerdict = Pick<Verdict, 'outcome' | 'findings'>

/** Judges a proposal, with its approval once there is one. `pass` only when every finding passed. */
export function judgeRevocation(input: RevocationInput): RevocationVerdict {
  const findings = [reason(input), explanation(input), successor(input), officer(input, 'proposer'), ...approval(input)]
  return { outcome: outcomeOf(findings), findings }
}

function reason(input: RevocationInput): Finding {
  const rule = 'revocation.reason'
  const known = revocationReasons.find((one) => one === input.reason)
  if (known !== undefined) return passed(rule, revocationReasonTexts[known])
  return short(rule, {
    outcome: 'failed',
    because: text('Skälet finns inte på listan', 'The reason is not on the list'),
    missing: text('Ett skäl ur den fasta listan', 'A reason from the fixed list'),
  })
}

function explanation(input: RevocationInput): Finding {
  const rule = 'revocation.text'
  const says = text(
    `En förklaring på minst ${revocationTextLength} tecken`,
    `An explanation of at least ${revocationTextLength} characters`,
  )
  if (Array.from(input.text.trim()).length >= revocationTextLength) return passed(rule, says)
  return short(rule, {
    outcome: 'failed',
    because: text('Förklaringen saknas eller är för kort', 'The explanation is missing or too short'),
    missing: says,
  })
}

/** Nothing takes another's place in silence: what stands in for it is named, if it is there, and nothing else is (audit-log §12, G6). */
function successor({ reason: why, successor: named, successors }: RevocationInput): Finding {
  const rule = 'revocation.successor'
  const says = text('Det bevis som har trätt i stället anges', 'The credential that has taken its place is named')
  if (
    named === undefined
      ? why !== 'superseded' || successors.length === 0
      : why === 'superseded' && successors.includes(named)
  )
    return passed(rule, says)
  if (named === undefined) {
    return short(rule, {
      outcome: 'failed',
      because: text('Ett nytt bevis är utfärdat och anges inte', 'A new credential is issued and is not named'),
      missing: text(`Ett av ${successors.join(', ')}`, `One of ${successors.join(', ')}`),
    })
  }
  return short(rule, {
    outcome: 'failed',
    because: text('Det angivna beviset kan inte träda i stället', 'The credential named cannot take its place'),
    missing: text(
      'Skälet superseded, och ett giltigt bevis för samma innehavare och bevisslag, utfärdat senare',
      'The reason superseded, and a valid credential of the same holder and achievement, issued later',
    ),
  })
}

const officerNames: Readonly<Record<'proposer' | 'approver', Text>> = {
  proposer: text('Den som föreslår', 'Who proposes'),
  approver: text('Den som godkänner', 'Who approves'),
}

function officer({ case: it, ...input }: RevocationInput, role: 'proposer' | 'approver'): Finding {
  const rule = `revocation.${role}`
  const who = officerNames[role]
  const person = input[role]
  if (person !== undefined) return officerNow({ case: it, person, rule, who })
  const because = text('Ingen har godkänt än', 'Nobody has approved yet')
  return short(rule, { outcome: 'missing', because, missing: officerWords(who) })
}

function approval(input: RevocationInput): Finding[] {
  const { approver } = input
  const known = officer(input, 'approver')
  if (approver === undefined) return [known]
  const { case: it, acted = [] } = input
  const acting = { case: it, person: approver, rule: 'revocation.not-named', who: officerNames.approver }
  return [known, twoPersons(input, approver), notNamed(acting, acted)]
}

function twoPersons({ case: it, proposer }: RevocationInput, approver: PersonId): Finding {
  const rule = 'revocation.two-persons'
  const says = text('Två olika människor', 'Two different human beings')
  if (isUnknown(proposer) || isUnknown(approver)) {
    return short(rule, {
      outcome: 'could-not-check',
      because: text('En av de två är inte känd', 'One of the two is not known'),
      missing: says,
    })
  }
  if (!samePerson(it.register, proposer, approver)) return passed(rule, says)
  return short(rule, {
    outcome: 'failed',
    because: text('Samma människa föreslår och godkänner', 'The same human being proposes and approves'),
    missing: says,
  })
}
