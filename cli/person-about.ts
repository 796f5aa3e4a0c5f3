/** How commands say whom something is about, in one way for all of them. */
import { usage } from './cli-error.ts'

export const aboutOptions = {
  case: { value: '<case id>', says: 'about the learner of this case' },
  person: { value: '<person id>', says: 'about this person, by the id a case shows' },
  reference: { value: '<scheme:value>', says: 'about whoever is meant by it, as an emitter would say' },
  only: { value: 'case', says: 'this case alone; absent, everything about the person' },
} as const

type AboutValues = { readonly [Name in keyof typeof aboutOptions]?: string }

/** As the API takes it. @throws CliError of usage where it is said in no way, or in several */
export function aboutOf({ case: caseId, person, reference, only }: AboutValues): object {
  const ways = [caseId, person, reference].filter((way) => way !== undefined)
  if (ways.length !== 1)
    throw usage('about', 'nobody is named, or more than one', 'give one of --case, --person, --reference')
  if (only !== undefined && (only !== 'case' || caseId === undefined)) {
    throw usage('only', '--only says what nobody understands', 'write --only case beside --case <case id>')
  }
  const narrowed = only === undefined ? {} : { only }
  if (reference === undefined) return { ...(caseId === undefined ? { person } : { case: caseId }), ...narrowed }
  const [scheme = '', ...rest] = reference.split(':')
  if (rest.length === 0) throw usage('reference', '--reference has no scheme', 'write scheme:value')
  return { reference: { scheme, value: rest.join(':') } }
}
