/** Verification for whoever holds a credential: each check with its own answer, and nothing that defaults to "passed" (design 10). */
import { z } from '@hono/zod-openapi'
import { judgeReport } from '#credentials/demand.ts'
import { verifyCredential } from '#credentials/verify.ts'
import { credentialFormats } from '#domain/words.ts'
import type { Api } from '../dependencies.ts'
import { ownDocuments } from '../own-documents.ts'
import { answer, body, declare } from '../route.ts'
import { demandAnswer, demandOf, demandShape, judgedDemand } from '../schemas/demand.ts'
import { text } from '../schemas/words.ts'

const longestCredential = 200_000

const check = z.object({
  id: z.string(),
  outcome: z.enum(['passed', 'failed', 'could-not-check']),
  because: text,
})

const report = z
  .object({
    result: z.enum(['verified', 'refused', 'could-not-verify']),
    checks: z.array(check),
    profile: z
      .enum(credentialFormats)
      .optional()
      .openapi({ description: 'Rules it was read by: Open Badges 3.0 JWT or W3C VC-JOSE-COSE' }),
    credential: z
      .record(z.string(), z.unknown())
      .optional()
      .openapi({ description: 'The signed content, only when the signature holds' }),
    demand: judgedDemand.optional().openapi({ description: 'Where `require` was given' }),
  })
  .openapi('VerificationReport')

const verify = declare('verify', {
  method: 'post',
  path: '/v1/verify',
  summary: 'Check a credential',
  description:
    'Three-state checks: passed, failed, could not check. Keys and lists of other installations are not fetched from here; ' +
    'their credentials answer could-not-check. With `require`, whether the credential meets a demand: met, not met, could not ' +
    'check; never met unless the credential is verified.',
  tags: ['public'],
  request: {
    body: body(
      z.strictObject({
        credential: z.string().min(1).max(longestCredential).openapi({ description: 'Compact JWS' }),
        expectedIssuer: z.url().optional(),
        require: demandShape.optional(),
      }),
    ),
  },
  responses: { 200: answer('What was found', report) },
})

export function verifyRoutes(app: Api): void {
  app.openapi(verify, async (c) => {
    const { db, publicUrl } = c.var.deps
    const { credential, expectedIssuer, require } = c.req.valid('json')
    const demand = require === undefined ? undefined : demandOf(require, c.var.language)
    const found = await verifyCredential(credential.trim(), {
      ...ownDocuments(db, publicUrl),
      now: new Date().toISOString(),
      ...(expectedIssuer === undefined ? {} : { expectedIssuer }),
    })
    const { credential: payload, profile, ...said } = found
    const checks = said.checks.map(({ id, outcome, because }) => ({ id, outcome, because: { ...because } }))
    return c.json(
      {
        result: said.result,
        checks,
        ...(profile === undefined ? {} : { profile }),
        ...(payload === undefined ? {} : { credential: { ...payload } }),
        ...(demand === undefined ? {} : { demand: demandAnswer(judgeReport(demand, found)) }),
      },
      200,
    )
  })
}
