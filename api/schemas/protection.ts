/** A protected identity as it is marked and shown, and what the mark hides. */
import { z } from '@hono/zod-openapi'
import { about } from './erasure.ts'
import { code, instant, personId, registryReference } from './words.ts'

export const protectionRequest = z
  .strictObject({ ...about, reason: code.openapi({ example: 'sekretessmarkering' }), decision: registryReference })
  .openapi('ProtectionRequest')

export const protectionEnd = z.strictObject({ decision: registryReference }).openapi('ProtectionEnd')

export const protection = z
  .object({
    person: personId,
    reason: z.string(),
    decision: z.string(),
    markedBy: personId,
    markedAt: instant,
    endedBy: personId.optional(),
    endedAt: instant.optional(),
    endDecision: z.string().optional(),
  })
  .openapi('Protection')

export const identity = z
  .object({
    person: personId,
    protected: z.boolean(),
    name: z.string().optional(),
    birthDate: z.string().optional(),
    offering: z.string(),
    occasion: z.string().optional(),
    group: z.string().optional(),
  })
  .openapi('Identity')
