/** The values that several events share; without this file the same field would have two limits. */
import { z } from 'zod'
import { as, type OrganisationId } from '#domain/words.ts'
import { instant } from './instant.ts'

/** A name that also stands in subjects, file names and addresses. */
export const slugPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
export const slug = z.string().min(2).max(60).regex(slugPattern, 'write lower-case letters, digits and single hyphens')

/** An id of the sender's own; ASCII only, because å has two spellings in Unicode and ids must join. */
export const code = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$/, 'write ASCII letters, digits and . _ : / @ + -')

/** A text for readers. */
export const line = (longest = 200) =>
  z
    .string()
    .min(1)
    .max(longest)
    // \p{Cc} spelt out: not every language's regular expressions know the name.
    // oxlint-disable-next-line no-control-regex
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/u, 'leave out control characters')

/** How a sender names a person: never a name, never to be guessed from (contracts §3). */
export const personRef = z
  .strictObject({
    scheme: slug.describe('what kind of reference it is, as the register declares it: eppn, ladok, canvas …'),
    value: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[!-~]+$/, 'write visible ASCII without spaces'),
  })
  .describe('A reference to a person')
export type PersonRef = Readonly<z.output<typeof personRef>>

export const personRefs = (most: number) => z.array(personRef).max(most)

export const organisationId = slug.transform((text) => as<OrganisationId>(text))
export const share = z.number().min(0).max(1).describe('a share, 0–1')

/** Compact JWE to the institution's intake key (contracts §10). */
export const personal = z
  .string()
  .min(60)
  .max(8_192)
  .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){4}$/, 'encrypt to the institution’s intake key as compact JWE')
  .describe('compact JWE of {name, birthDate}; personal values never travel in plain')

/** What the data of every event says: whom and what it is about (contracts §3). */
export const common = {
  learner: personRef,
  achievement: slug.describe('id of the achievement in the register'),
  offering: code.describe('course occasion'),
  attempt: z.int().min(1).max(99).default(1),
  occasion: code.exactOptional().describe('examination occasion'),
  group: code.exactOptional().describe('what belongs together: a sitting, a course, a webinar'),
}

export { instant }
