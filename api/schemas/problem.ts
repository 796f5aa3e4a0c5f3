/** The shape of every error answer (RFC 9457), so that clients can read ours with one reader. */
import { z } from '@hono/zod-openapi'

const error = z.object({
  in: z.enum(['body', 'query', 'path', 'header']),
  // Names in it are the caller's, NUL and all.
  pointer: z
    .string()
    .openapi({ description: 'JSON Pointer into the body, or `/` and the name of the parameter', pattern: '^' }),
  code: z.string(),
  detail: z.string(),
  hint: z.string().optional(),
})

export const problem = z
  .looseObject({
    type: z.url(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().openapi({ description: 'Stable; never translated' }),
    errors: z.array(error).optional(),
    traceId: z.string(),
  })
  .openapi('Problem')
