/** What a credential says about its own making, read from the evidence; typed in by hand it would be worth what its seller says. */
import type { Approval, ApproverRole, CaseInput } from '#domain/case.ts'
import {
  type Form,
  formTexts,
  joined,
  mandateTexts,
  notAssessed,
  type Purpose,
  purposeTexts,
  roleTexts,
  type Setting,
  sentence,
  settingTexts,
} from '#domain/credential/wording.ts'
import type { AssessmentResult, Evidence } from '#domain/evidence.ts'
import { type Facts, standing } from '#domain/facts.ts'
import { actsAreVoid, isAmong, isUnknown, isValidAt } from '#domain/people.ts'
import type { Achievement, Mandate, RegisterView } from '#domain/register.ts'
import type { EvidenceId, Instant, OrganisationId, PersonId, Text } from '#domain/words.ts'

/** Annex I, element 9. */
export interface AssessmentContent {
  /** False at D–E and E, whatever was tested: an intyg vouches for taking part. */
  readonly assessed: boolean
  readonly types: readonly { readonly purpose: Purpose; readonly forms: readonly Form[] }[]
  readonly text: Text
}

/** Purposes and forms of the results the level stands on. */
export function assessmentOf(results: readonly AssessmentResult[]): AssessmentContent {
  const purposes: readonly Purpose[] = ['summative', 'formative', 'ipsative']
  const types = purposes
    .map((purpose) => ({ purpose, forms: formsOf(results.filter((result) => result.purpose === purpose)) }))
    .filter((type) => type.forms.length > 0)
  if (types.length === 0) return unassessed
  const texts = types.map(({ purpose, forms }) => {
    const [name, list] = [
      purposeTexts[purpose],
      joined(
        forms.map((form) => formTexts[form]),
        ', ',
      ),
    ]
    return { sv: `${name.sv} (${list.sv})`, en: `${name.en} (${list.en})` }
  })
  return { assessed: true, types, text: sentence(joined(texts, '; ')) }
}

export const unassessed: AssessmentContent = { assessed: false, types: [], text: notAssessed }

function formsOf(results: readonly AssessmentResult[]): readonly Form[] {
  const order: readonly Form[] = ['practical', 'written', 'oral', 'portfolio']
  return order.filter((form) => results.some((result) => result.forms.includes(form)))
}

/** Annex I, element 10: where the learner took part, as reported; several settings are blended. */
export function participationOf(facts: Facts): { readonly form: Setting; readonly text: Text } | undefined {
  const settings = new Set(facts.participations.flatMap((fact) => fact.attendance?.setting ?? []))
  const [first] = settings
  if (first === undefined) return undefined
  const form = settings.size === 1 ? first : 'blended'
  return { form, text: settingTexts[form] }
}

/** One leg the quality assurance stands on, with where to check it. */
export type QualityBasis =
  | { readonly kind: 'mandate'; readonly basis: Mandate['basis']; readonly reference: string; readonly text: Text }
  | {
      readonly kind: 'accreditation'
      readonly by: OrganisationId
      readonly standard: string
      readonly reference: string
      readonly text: Text
    }
  | { readonly kind: 'syllabus'; readonly by: OrganisationId; readonly reference: string; readonly text: Text }
  | { readonly kind: 'approved-as'; readonly reference: string; readonly text: Text }

/** Annex I, element 11: mandates, accreditations and decisions valid now that cover the achievement. */
export function qualityOf({ achievement, register, now }: CaseInput): readonly QualityBasis[] {
  const covers = (one: { readonly achievements?: readonly string[] }) =>
    one.achievements === undefined || one.achievements.includes(achievement.id)
  const mandates = register.mandates
    .filter((mandate) => mandate.organisation === achievement.awards && covers(mandate) && isValidAt(mandate, now))
    .map(({ basis, reference }): QualityBasis => {
      const name = mandateTexts[basis]
      return { kind: 'mandate', basis, reference, text: { sv: `Mandat: ${name.sv}`, en: `Mandate: ${name.en}` } }
    })
  const bodies = [achievement.awards, achievement.examines]
  const accreditations = register.accreditations
    .filter((one) => bodies.includes(one.organisation) && covers(one) && isValidAt(one, now))
    .map(
      ({ by, standard, reference }): QualityBasis => ({
        kind: 'accreditation',
        by,
        standard,
        reference,
        text: { sv: `Ackreditering: ${standard}`, en: `Accreditation: ${standard}` },
      }),
    )
  return [
    ...mandates,
    ...accreditations,
    ...established(achievement, register, now),
    ...approvedAs(achievement.approvedAs?.reference),
  ]
}

/** A syllabus established by a known body carries C2–D without a further mandate (levels.md). */
function established({ syllabus }: Achievement, register: RegisterView, now: Instant): readonly QualityBasis[] {
  if (syllabus === undefined || syllabus.establishedAt > now) return []
  const { establishedBy, reference } = syllabus
  if (!register.organisations.some((body) => body.id === establishedBy)) return []
  return [
    { kind: 'syllabus', by: establishedBy, reference, text: { sv: 'Fastställd kursplan', en: 'Established syllabus' } },
  ]
}

function approvedAs(reference: string | undefined): readonly QualityBasis[] {
  if (reference === undefined) return []
  return [
    { kind: 'approved-as', reference, text: { sv: 'Godkänd som mikromerit', en: 'Approved as a micro-credential' } },
  ]
}

export interface ExaminerContent {
  readonly independent: boolean
  /** In which role; absent where nobody independent took part. */
  readonly role?: 'external-reviewer' | 'examiner' | 'scorer'
  readonly text: Text
}

/** Who decided and who scored, as far as it counts. */
interface Acted {
  readonly approvals: readonly Approval[]
  readonly results: readonly AssessmentResult[]
}

/** Whether somebody who certainly did not teach the learner judged: reviewer, examiner or, failing them, a scorer. */
export function examinerOf(input: CaseInput, facts: Facts, acted: Acted): ExaminerContent {
  const { approvals, results } = acted
  const candidates: readonly (readonly [ExaminerContent['role'], readonly PersonId[]])[] = [
    ['external-reviewer', approvals.filter((one) => one.role === 'external-reviewer').map((one) => one.person)],
    ['examiner', approvals.filter((one) => one.role === 'examiner').map((one) => one.person)],
    ['scorer', results.filter((result) => result.purpose === 'summative').flatMap(scorersOf)],
  ]
  const [role] = candidates.find(([, persons]) => persons.some((person) => isApart(input, facts, person))) ?? []
  if (role === undefined)
    return { independent: false, text: { sv: 'Ingen oberoende examinator', en: 'No independent examiner' } }
  const name = roleTexts[role]
  return { independent: true, role, text: { sv: `Oberoende: ${name.sv}`, en: `Independent: ${name.en}` } }
}

function scorersOf({ items, scorers }: AssessmentResult): readonly PersonId[] {
  return items === undefined ? scorers : items.flatMap((item) => item.scores.map((score) => score.scorer))
}

/** Unknown teachers separate nobody from anybody (levels.md). */
function isApart({ register, case: it }: CaseInput, { teachers }: Facts, person: PersonId): boolean {
  if (!teachers.known || isUnknown(person) || actsAreVoid(register, person, it.learner)) return false
  return !isAmong(register, person, teachers.persons)
}

/** Of approvals only roles and moments are told, earliest first. */
export function approvalsOf(
  approvals: readonly Approval[],
): readonly { readonly role: ApproverRole; readonly at: Instant }[] {
  return approvals.map(({ role, at }) => ({ role, at })).toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

/** The facts the level stands on, of one kind. */
export function reliedResults(input: CaseInput, relied: readonly EvidenceId[]): readonly AssessmentResult[] {
  return standing(input).filter(
    (fact): fact is AssessmentResult & Evidence => fact.kind === 'result' && relied.includes(fact.id),
  )
}
