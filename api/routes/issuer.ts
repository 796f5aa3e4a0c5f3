/** The public documents of an institution as an issuer, at the very addresses that stand in its credentials (contracts §2). */
import { z } from '@hono/zod-openapi'
import { etag } from 'hono/etag'
import { inInstitution } from '#db/client.ts'
import { findInstitution } from '#db/institution.ts'
import { intakeKey } from '#db/intake-key.ts'
import { publishedList } from '#db/status-lists.ts'
import type { Api } from '../dependencies.ts'
import { issuerId, issuerProfile as profileOf, publishedKeys } from '../issuer.ts'
import { openToAll } from '../limits.ts'
import { Problem } from '../problem.ts'
import { answer, declare } from '../route.ts'
import { intakeKeySet, issuerProfile, jwk, jwks } from '../schemas/document.ts'
import { inInstitutionPath, institutionId } from '../schemas/words.ts'

const tags = ['public']

const profile = declare('issuerProfile', {
  method: 'get',
  path: '/institutions/{institution}',
  summary: 'Issuer profile (Open Badges 3.0 Profile)',
  tags,
  request: { params: inInstitutionPath },
  responses: { 200: answer('Who issues', issuerProfile) },
})

const keys = declare('issuerKeys', {
  method: 'get',
  path: '/institutions/{institution}/keys',
  summary: 'All keys the institution ever signed with, with their windows (RFC 7517)',
  tags,
  request: { params: inInstitutionPath },
  responses: { 200: answer('Key set', jwks) },
})

const key = declare('issuerKey', {
  method: 'get',
  path: '/institutions/{institution}/keys/{kid}',
  summary: 'One key: what a credential’s kid leads to (Open Badges 3.0 §8.2.3)',
  tags,
  request: { params: z.object({ institution: institutionId, kid: z.string().max(100) }) },
  responses: { 200: answer('Key', jwk) },
})

const intake = declare('intakeKeys', {
  method: 'get',
  path: '/institutions/{institution}/intake-keys',
  summary: 'The key to which emitters seal names and birth dates: `personal` of an identity event',
  tags,
  request: { params: inInstitutionPath },
  responses: { 200: answer('Key set; the first is the one to use', intakeKeySet) },
})

const list = declare('statusList', {
  method: 'get',
  path: '/institutions/{institution}/status-lists/{list}',
  summary: 'Signed status list (Bitstring Status List 1.0 as VC-JWT)',
  tags,
  request: { params: z.object({ institution: institutionId, list: z.string().max(100) }) },
  responses: {
    200: { description: 'Compact JWS', content: { 'application/vc+jwt': { schema: z.string() } } },
    304: { description: 'Unchanged since the ETag in If-None-Match' },
  },
})

/** Keys and profile change seldom and old ones stay, so an hour is safe; a revocation must show within seconds. */
const seldom = 'public, max-age=3600'
const often = 'public, max-age=15, must-revalidate'

export function issuerRoutes(app: Api): void {
  app.use('/institutions/*', openToAll, etag())

  app.openapi(profile, async (c) => {
    const { deps, institution } = c.var
    const found = await inInstitution(deps.db, institution, (tx) => profileOf(tx, deps.publicUrl))
    c.header('cache-control', seldom)
    return c.json(found ?? missing(), 200)
  })

  app.openapi(keys, async (c) => {
    const { deps, institution } = c.var
    const found = await inInstitution(deps.db, institution, publishedKeys)
    c.header('cache-control', seldom)
    return c.json({ keys: found ?? missing() }, 200)
  })

  app.openapi(key, async (c) => {
    const { deps, institution } = c.var
    const kid = `${issuerId(deps.publicUrl, institution)}/keys/${c.req.valid('param').kid}`
    const found = await inInstitution(deps.db, institution, publishedKeys)
    c.header('cache-control', seldom)
    return c.json(found?.find((one) => one.kid === kid) ?? missing(), 200)
  })

  app.openapi(intake, async (c) => {
    const { deps, institution } = c.var
    if ((await inInstitution(deps.db, institution, findInstitution)) === undefined) missing()
    c.header('cache-control', seldom)
    return c.json({ keys: [intakeKey(deps.db.keys, institution).open] }, 200)
  })

  app.openapi(list, async (c) => {
    const { deps, institution } = c.var
    const found = await inInstitution(deps.db, institution, (tx) => publishedList(tx, c.req.valid('param').list))
    const { signed } = found ?? missing()
    return c.body(signed, 200, { 'content-type': 'application/vc+jwt', 'cache-control': often })
  })
}

function missing(): never {
  throw new Problem('not_found')
}
