/** The demo people who can log in: without a list the development provider would let anybody be anyone. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

export const LOA_PREFIX = 'http://id.elegnamnden.se/loa/1.0/loa'

const people = z.array(
  z.looseObject({
    sub: z.string().min(1),
    name: z.string().min(1),
    /** The highest level this person can log in with. */
    acr: z.enum([1, 2, 3, 4].map((level) => `${LOA_PREFIX}${level}`)),
  }),
)

export type DemoPerson = z.infer<typeof people>[number]

const DEMO_PEOPLE_FILE = fileURLToPath(new URL('register/people.json', import.meta.url))

/** Reads the list; throws where an entry lacks something. */
export function readPeople(file: string = DEMO_PEOPLE_FILE): DemoPerson[] {
  return people.parse(JSON.parse(readFileSync(file, 'utf8')))
}
