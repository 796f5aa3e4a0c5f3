/** Who was it? An identity check of the learner at one moment; raw assertion values only, we compute the LoA (standards §9.3). */
import { z } from 'zod'
import { refKey } from './examiner.ts'
import { defineFamily, type Sketch } from './family.ts'
import { common, instant, line, personal, personRef, personRefs } from './fields.ts'

const value = line(300)
const values = z.array(value).max(50)

const loginAssertion = z
  .strictObject({
    issuer: value,
    acr: value.exactOptional().describe('the returned value, never the requested one'),
    assurance: values.exactOptional(),
    amr: values.exactOptional(),
    authTime: instant,
    method: value.exactOptional(),
    certified: values.exactOptional().describe('certifications of the issuer in the federation’s metadata'),
    connector: z.literal('eidas').exactOptional(),
    personalNumber: z.boolean().exactOptional().describe('whether one was asserted; never the number itself'),
    trustFramework: value.exactOptional(),
    assuranceLevel: value.exactOptional(),
    allowListed: z.boolean().exactOptional(),
    signatureVerified: z.boolean().exactOptional(),
    keyBinding: z.boolean().exactOptional(),
    statusValid: z.boolean().exactOptional(),
    federationContract: z.boolean().exactOptional(),
  })
  .describe('What the identity provider returned')

const documentCheck = z
  .strictObject({
    document: z.enum(['passport', 'national-identity-card', 'driving-licence', 'other']),
    country: z.string().regex(/^[A-Z]{2}$/, 'write an ISO 3166-1 alpha-2 code, for instance SE'),
    validUntil: instant,
    manner: z.enum(['on-site', 'video', 'automatic']),
    result: z.enum(['match', 'no-match', 'could-not-check']),
    matchedAgainst: z.array(z.enum(['name', 'birth-date', 'register'])).max(3),
    checker: personRef.exactOptional(),
  })
  .describe('An identity document that was shown: its kind and the result, never its number or a copy')

export const identityCheck = z.discriminatedUnion('route', [
  z.strictObject({ route: z.literal('login'), assertion: loginAssertion }),
  z.strictObject({ route: z.literal('document'), check: documentCheck }),
  z.strictObject({ route: z.literal('roster'), login: loginAssertion }),
])

type CheckSketch = Sketch<z.input<typeof identityCheck>>

/** When the login of a check happened, and where it says so; a document has no such moment. */
export function loginMoment(check: CheckSketch): { readonly at: string | undefined; readonly where: string[] } {
  if (check?.route === 'login') return { at: check.assertion?.authTime, where: ['assertion', 'authTime'] }
  if (check?.route === 'roster') return { at: check.login?.authTime, where: ['login', 'authTime'] }
  return { at: undefined, where: [] }
}

export const identity = defineFamily({
  type: 'org.beviskedja.identity.checked.v1',
  kind: 'identity',
  title: 'The learner’s identity was checked',
  data: z.strictObject({
    ...common,
    at: instant,
    check: identityCheck,
    liveMatch: z
      .strictObject({ by: personRef, manner: z.enum(['on-site', 'video']), result: z.enum(['match', 'no-match']) })
      .exactOptional(),
    alsoKnownAs: personRefs(10).exactOptional().describe('other references of the same person in the same assertion'),
    personal: personal.exactOptional(),
  }),
  examine: ({ data, happened, distinct }) => {
    happened(data?.at, 'at')
    const login = loginMoment(data?.check)
    happened(login.at, 'check', ...login.where)
    const others = data?.alsoKnownAs?.map(refKey) ?? []
    distinct([refKey(data?.learner), ...others].slice(1), ['alsoKnownAs'], 'reference')
  },
})
