/** A trail as it leaves the house: bytes first, because only bytes can be checked (audit-log §4). */
import { z } from '@hono/zod-openapi'
import { instant, neighbours } from './words.ts'

/** Why somebody looks; stands in the log for ever, so it is a code. */
export const purpose = z.enum(['case-work', 'appeal', 'audit', 'support', 'revocation']).default('case-work')

/** Whole, as files have it; the API gives a page of it. */
export const trail = z.object({
  log: z.string().openapi({ description: 'Origin of the institution’s log' }),
  trail: z.uuid(),
  entries: z.array(
    z.object({
      n: z.int(),
      leaf: z.string().openapi({ description: 'The entry’s exact bytes, base64url' }),
      leafHash: z.string().openapi({ description: 'SHA-256(0x00 ‖ leaf), base64url' }),
      at: instant,
      entry: z.record(z.string(), z.unknown()).openapi({ description: 'The same bytes, parsed' }),
    }),
  ),
  disclosures: z
    .array(z.object({ n: z.int(), digest: z.string(), disclosure: z.string() }))
    .openapi({ description: 'What stands behind salted digests (RFC 9901); for officers, empty for others' }),
  withheld: z
    .array(z.object({ n: z.int(), digest: z.string(), why: z.enum(['erased', 'role', 'protected']) }))
    .openapi({
      description:
        'Digests without a disclosure: what stood behind them is erased, not for this role, or about a protected person',
    }),
})

export const trailPage = trail.extend(neighbours).openapi('TrailPage')
