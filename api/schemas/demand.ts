/** A demand on a credential, as a caller writes it and as it is answered. */
import { z } from '@hono/zod-openapi'
import { type Clause, type Demand, highest, type JudgedDemand } from '#domain/credential/demand.ts'
import { demandPattern, longestDemand, readDemand } from '#domain/credential/demand-text.ts'
import { bands } from '#domain/words.ts'
import type { Language } from '../language.ts'
import { Problem } from '../problem.ts'
import { band, text } from './words.ts'

const structured = z
  .strictObject({
    seqf: z.int().min(1).max(highest.seqf).optional().openapi({ description: 'SeQF level, at least' }),
    loa: z.int().min(1).max(highest.loa).optional().openapi({ description: 'Credited level of assurance, at least' }),
    bands: z.array(band).min(1).max(bands.length).optional().openapi({ description: 'One of these bands' }),
  })
  .refine((members) => Object.values(members).some((value) => value !== undefined), 'demands nothing')
  .openapi({ minProperties: 1 })

export const demandShape = z.union([
  z
    .string()
    .min(1)
    .max(longestDemand)
    .openapi({ pattern: demandPattern, example: 'SeQF >= 6, LoA >= 3, bands {A, B-C1}' }),
  structured,
])

const met = z.enum(['met', 'not-met', 'could-not-check'])

export const judgedDemand = z
  .object({
    required: z.string().openapi({ description: 'The demand as it was understood' }),
    result: met.openapi({
      description:
        '`met` only when the credential is verified and every clause is met; `not-met` when a clause is not met, the credential ' +
        'was refused or is a test; else `could-not-check`',
    }),
    because: text,
    clauses: z.array(
      z.object({
        member: z.enum(['seqf', 'loa', 'bands']),
        required: z.string(),
        stated: z.string().optional().openapi({ description: 'What the credential says' }),
        result: met,
        because: text,
      }),
    ),
  })
  .openapi('JudgedDemand')

/** @throws Problem `invalid_request` with every fault of a demand in words, its place told in characters from 0 */
export function demandOf(given: z.output<typeof demandShape>, language: Language): Demand {
  if (typeof given !== 'string') return clausesOf(given)
  const read = readDemand(given)
  if (read.kind === 'demand') return read.demand
  throw new Problem('invalid_request', {
    errors: read.problems.map(({ code, position, what, mend }) => ({
      in: 'body',
      pointer: '/require',
      code,
      detail: `${what[language]} (${position})`,
      hint: mend[language],
    })),
  })
}

function clausesOf({ seqf, loa, bands: among }: z.output<typeof structured>): Demand {
  const clauses: Clause[] = []
  if (seqf !== undefined) clauses.push({ member: 'seqf', least: seqf })
  if (loa !== undefined) clauses.push({ member: 'loa', least: loa })
  if (among !== undefined) clauses.push({ member: 'bands', among: bands.filter((one) => among.includes(one)) })
  return clauses
}

/** The answer as plain, mutable members. */
export function demandAnswer({ required, result, because, clauses }: JudgedDemand): z.input<typeof judgedDemand> {
  return {
    required,
    result,
    because: { ...because },
    clauses: clauses.map((clause) => ({ ...clause, because: { ...clause.because } })),
  }
}
