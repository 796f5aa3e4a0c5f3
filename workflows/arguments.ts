/** What a workflow may be started with; anything else, as a stranger may send it, ends at once instead of failing its task for ever. */
import { ApplicationFailure } from '@temporalio/workflow'

const slug = /^[a-z0-9][a-z0-9-]{0,62}$/
const caseId = /^case_[a-z2-7]{20,40}$/
/** contracts §6. */
const mostInCohort = 200

/** @throws ApplicationFailure `ArgumentRefused`; a payload that is not in our encoding arrives as undefined */
export function mustBeCase(input: unknown): void {
  if (!has(input, 'institution', slug) || !has(input, 'caseId', caseId)) throw refusal('case')
}

/** One institution and at most 200 cases, each once. @throws ApplicationFailure `ArgumentRefused` */
export function mustBeCohort(input: unknown): void {
  if (!has(input, 'institution', slug) || !areCases(Reflect.get(Object(input), 'cases'))) throw refusal('cohort')
}

function areCases(list: unknown): boolean {
  if (!Array.isArray(list) || list.length === 0 || list.length > mostInCohort) return false
  return new Set(list).size === list.length && list.every((one) => typeof one === 'string' && caseId.test(one))
}

/** @throws ApplicationFailure `ArgumentRefused` */
export function mustBeRevocation(request: unknown): void {
  const isRevocation = has(request, 'institution', slug) && has(request, 'revocationId', /^[a-z0-9_]{1,80}$/)
  if (!isRevocation) throw refusal('revocation')
}

/** @throws ApplicationFailure `ArgumentRefused` */
export function mustBeErasure(request: unknown): void {
  const isErasure = has(request, 'institution', slug) && has(request, 'erasureId', /^eras_[a-z0-9]{1,80}$/)
  if (!isErasure) throw refusal('erasure')
}

function has(value: unknown, member: string, shape: RegExp): boolean {
  if (typeof value !== 'object' || value === null) return false
  const found: unknown = Reflect.get(value, member)
  return typeof found === 'string' && shape.test(found)
}

function refusal(what: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`not a ${what}`, 'ArgumentRefused')
}
