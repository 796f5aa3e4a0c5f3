/** The words of the house as the API spells them; without it each route would check ids and times in its own way. */
import { z } from '@hono/zod-openapi'
import { as, bands, type Instant } from '#domain/words.ts'

/** Type-only brands of the domain are plain text on the wire. */
const id = (prefix: string, example: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[A-Za-z0-9_-]{1,100}$`))
    .openapi({ example })

export const institutionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
  .openapi({ example: 'norrsken' })
export const caseId = id('case', 'case_mfrggzdfmztwq2lknnwg23tpob')
export const credentialId = id('cred', 'cred_mfrggzdfmztwq2lknnwg23tpob')
export const evidenceId = id('evid', 'evid_mfrggzdfmztwq2lknnwg23tpob')
export const decisionId = id('deci', 'deci_mfrggzdfmztwq2lknnwg23tpob')
export const listId = id('list', 'list_mfrggzdfmztwq2lknnwg23tpob')
export const revocationId = id('revo', 'revo_mfrggzdfmztwq2lknnwg23tpob')
export const erasureId = id('eras', 'eras_mfrggzdfmztwq2lknnwg23tpob')
export const qualityReviewId = id('qrev', 'qrev_mfrggzdfmztwq2lknnwg23tpob')
export const appealId = id('appl', 'appl_mfrggzdfmztwq2lknnwg23tpob')
export const complaintId = id('comp', 'comp_mfrggzdfmztwq2lknnwg23tpob')
export const holdId = id('hold', 'hold_mfrggzdfmztwq2lknnwg23tpob')
export const proposalId = id('prop', 'prop_mfrggzdfmztwq2lknnwg23tpob')
export const deadLetterId = id('dead', 'dead_mfrggzdfmztwq2lknnwg23tpob')
export const personId = z.string().max(128).openapi({ example: 'pers_anna' })

export const band = z.enum(bands)
export const level = z.enum([...bands, 'none'])
export const instant = z.string().openapi({ format: 'date-time', example: '2026-03-01T10:00:00.000Z' })
/** A moment that somebody sends: RFC 3339 with offset, in a year Postgres knows; kept as UTC with milliseconds. */
export const moment = z.iso
  .datetime({ offset: true })
  .refine(
    (sent) => !Number.isNaN(Date.parse(sent)) && new Date(sent).getUTCFullYear() >= 1,
    'write RFC 3339 with offset',
  )
  .transform((sent) => as<Instant>(new Date(sent).toISOString()))
  .openapi({ type: 'string', format: 'date-time', example: '2026-03-01T10:00:00.000Z' })
/** Of a Postgres `integer`. */
export const largestInteger = 2_147_483_647
export const text = z.object({ sv: z.string(), en: z.string() }).openapi('Text')
/** A stable code. */
export const code = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/)
/** Reference of a decision in the institution's registry; it stands in the log, so no blanks and no letters beyond ASCII. */
export const registryReference = z
  .string()
  .regex(/^[!-~]{3,80}$/)
  .openapi({ example: 'STYR-2026/481' })
export const day = z.iso.date().openapi({ example: '2026-03-01' })
/** More than blanks. */
export const freeText = z.string().trim().min(1).max(4_000).openapi({ pattern: '\\S' })

/** The institution's part of a path, alone or with more. */
export const inInstitutionPath = z.object({ institution: institutionId })

/** As a page gave it; empty is the beginning, like none. */
export const cursor = z
  .string()
  .max(1_000)
  .optional()
  .openapi({ pattern: '^(?:[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]{22})?$', description: '`next` or `prev` of a page' })

/** At most so many of a list. */
export const limitQuery = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) })

/** Keyset pages: `next` is opaque and only good with the same filters. */
export const pageQuery = limitQuery.extend({ cursor })

/** Cursors are opaque, null where there is no such page. */
export const neighbours = { next: z.string().nullable(), prev: z.string().nullable() }

/** Members of every page. */
export const pageOfItems = <Item extends z.ZodType>(item: Item) => ({ items: z.array(item), ...neighbours })

const idempotencyKeyText = z.string().min(1).max(200).optional()
const keyPattern = '^[!-~]+$'

/** Its absence has a problem of its own, so the document demands it and the handler looks. */
export const idempotencyHeader = z.object({
  'idempotency-key': idempotencyKeyText.openapi({
    param: { required: true },
    pattern: keyPattern,
    description: 'A random value of your own',
  }),
})

/** Where a repetition is harmless by itself, the header still gives the same answer again. */
export const repeatableHeader = z.object({
  'idempotency-key': idempotencyKeyText.openapi({
    pattern: keyPattern,
    description: 'A random value of your own: the same request under it is answered as before, for a day',
  }),
})
