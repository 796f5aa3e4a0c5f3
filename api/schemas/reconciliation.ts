/** How the record is told to agree with itself, or not. */
import { z } from '@hono/zod-openapi'
import { instant } from './words.ts'

export const gap = z
  .object({
    source: z.string(),
    from: z.int().openapi({ description: 'First number that is missing' }),
    until: z.int().openapi({ description: 'Last number that is missing' }),
    overdue: z.boolean().openapi({ description: 'False while they may still be on their way' }),
  })
  .openapi('SequenceGap')

export const discrepancy = z
  .object({
    kind: z.string().openapi({ description: 'What one place tells and another does not, as a code' }),
    what: z.string().openapi({ description: 'Id of the credential, case, revocation, list or entry' }),
  })
  .openapi('Discrepancy')

export const reconciliation = z
  .object({
    at: instant,
    agrees: z.boolean().openapi({ description: 'No gap is overdue and nothing differs' }),
    sources: z.array(z.object({ source: z.string(), highest: z.int(), missing: z.int() })),
    gaps: z.array(gap),
    discrepancies: z.array(discrepancy),
    more: z.boolean().openapi({ description: 'There is more than was asked for' }),
  })
  .openapi('Reconciliation')
