/** What appeals and complaints have in common on the wire. */
import { z } from '@hono/zod-openapi'
import { usualHandlingDays } from '#domain/handling.ts'
import { instant, pageQuery, personId, registryReference } from './words.ts'

/** A step as it stands. */
export const done = z.object({ reference: z.string(), by: personId.optional(), at: instant })

/** Open: not closed. Overdue: open for more than `days` since the day it came. */
export const matterQuery = <State extends string>(states: readonly [State, ...State[]]) =>
  pageQuery.extend({
    state: z.enum([...states, 'open', 'overdue'] as const).optional(),
    days: z.coerce
      .number()
      .int()
      .min(0)
      .max(3_650)
      .default(usualHandlingDays)
      .openapi({ description: 'Open for more days than this is overdue' }),
  })

export const overdue = z.boolean().openapi({ description: 'Open for more than `days`' })

export const acknowledging = z
  .strictObject({ reference: registryReference.openapi({ description: 'Of the answer that it came' }) })
  .openapi('Acknowledging')
