/** Who the institution's register says the caller is; a client asks this before it offers what would be refused. */
import { z } from '@hono/zod-openapi'
import type { Api } from '../dependencies.ts'
import { answer, declare } from '../route.ts'
import { inInstitutionPath, instant, personId } from '../schemas/words.ts'

const me = z
  .object({
    person: personId,
    roles: z.array(z.enum(['officer', 'operator', 'approver', 'privacy'])),
    appointed: z.array(
      z.enum(['examiner', 'external-reviewer', 'decision-maker', 'officer', 'operator', 'privacy-officer']),
    ),
    loa: z.int().min(0).max(4),
    authTime: instant,
  })
  .openapi('Caller')

const route = declare('whoAmI', {
  method: 'get',
  path: '/v1/institutions/{institution}/me',
  summary: 'Who am I here?',
  tags: ['service'],
  request: { params: inInstitutionPath },
  responses: { 200: answer('Person, roles and level of assurance of this login', me) },
})

export function callerRoutes(app: Api): void {
  app.openapi(route, (c) => {
    const { person, roles, appointed, loa, authTime } = c.var.caller
    return c.json({ person, roles: [...roles], appointed: [...appointed], loa, authTime }, 200)
  })
}
