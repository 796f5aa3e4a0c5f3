/** Issued credentials for officers: what was issued, what became of it, and the document itself. */
import { z } from '@hono/zod-openapi'
import { mediaTypes } from '#credentials/signing/compact.ts'
import { caseRows } from '#db/cases.ts'
import { databaseNow, inInstitution, type Tx } from '#db/client.ts'
import {
  credentialsOf,
  type IssuedSlice,
  intentions,
  listIssued,
  readCredential,
  type StoredCredential,
} from '#db/credentials.ts'
import { revocationOf, revokedAmong } from '#db/revocations.ts'
import { slotsOf } from '#db/status-lists.ts'
import { as, type CaseId, type CredentialFormat, type CredentialId, credentialFormats } from '#domain/words.ts'
import { recordViewing } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { etagOfValue, isKnown } from '../etag.ts'
import { issuerId } from '../issuer.ts'
import { demandOpen } from '../masking.ts'
import { type From, readPage } from '../pages.ts'
import { Problem } from '../problem.ts'
import { declare, page, tagged } from '../route.ts'
import { purpose } from '../schemas/trail.ts'
import {
  caseId,
  credentialId,
  inInstitutionPath,
  instant,
  institutionId,
  pageOfItems,
  pageQuery,
} from '../schemas/words.ts'

const tags = ['credentials']
const params = z.object({ institution: institutionId, id: credentialId })

const credential = z
  .object({
    id: credentialId,
    caseId,
    issuedAt: instant,
    validUntil: instant.optional(),
    status: z.enum(['valid', 'revoked', 'expired']),
    statusList: z.object({ url: z.url(), index: z.int() }).optional(),
    formats: z.array(z.object({ format: z.string(), kid: z.string(), digest: z.string() })),
  })
  .openapi('Credential')

const listed = credential.omit({ statusList: true, formats: true }).openapi('ListedCredential')

const list = declare('listCredentials', {
  method: 'get',
  path: '/v1/institutions/{institution}/credentials',
  summary: 'What was issued, latest first',
  tags,
  request: { params: inInstitutionPath, query: pageQuery.extend({ case: caseId.optional() }) },
  responses: { 200: page('A page', z.object(pageOfItems(listed))) },
})

const show = declare('showCredential', {
  method: 'get',
  path: '/v1/institutions/{institution}/credentials/{id}',
  summary: 'What was issued, and its status',
  tags,
  request: { params },
  responses: tagged('The credential without its content', credential),
})

const download = declare('downloadCredential', {
  method: 'get',
  path: '/v1/institutions/{institution}/credentials/{id}/document',
  summary: 'The signed document; downloading is logged',
  tags,
  request: { params, query: z.object({ format: z.enum(credentialFormats).optional(), purpose }) },
  fails: ['protected_identity'],
  responses: {
    200: {
      description: 'Compact JWS: application/jwt for ob3-jwt, application/vc+jwt for w3c-jose',
      content: { 'application/jwt': { schema: z.string() }, 'application/vc+jwt': { schema: z.string() } },
    },
  },
})

export function credentialRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { case: of, ...slice } = c.req.valid('query')
    const { items, ...neighbours } = await readPage(c, {
      list: ['credentials', of],
      ...slice,
      placeOf: ({ at, view }: IssuedWithStatus) => [at, view.id],
      read: (tx, { limit, from }) => {
        const ofCase = of && { caseId: as<CaseId>(of) }
        return issuedWithStatus(tx, { limit, ...ofCase, ...(from && { from: besideCredential(from) }) })
      },
    })
    return c.json({ items: items.map(({ view }) => view), ...neighbours }, 200)
  })

  app.openapi(show, async (c) => {
    const { deps, institution } = c.var
    const found = await inInstitution(deps.db, institution, (tx) =>
      describe(tx, c.req.valid('param').id as CredentialId, issuerId(deps.publicUrl, institution)),
    )
    const etag = etagOfValue(found)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(found, 200, { etag })
  })

  app.openapi(download, async (c) => {
    const { deps, institution, caller } = c.var
    const { format, purpose: why } = c.req.valid('query')
    const id = c.req.valid('param').id as CredentialId
    const document = await inInstitution(deps.db, institution, async (tx) => {
      const stored = (await stands(tx, id)).find((one) => format === undefined || one.format === format)
      const [row] = stored === undefined ? [] : await caseRows(tx, [stored.caseId])
      if (stored === undefined || row === undefined) throw new Problem('not_found')
      await demandOpen(tx, caller, [row.person])
      await recordViewing(tx, { caller, role: 'officer', caseId: row.id, purpose: why, what: 'credential', id })
      const compact = await readCredential(tx, { id, format: stored.format, subject: row.person })
      return compact === undefined ? undefined : { compact, mediaType: mediaTypes[stored.format as CredentialFormat] }
    })
    if (document === undefined) throw new Problem('not_found')
    return c.body(document.compact, 200, {
      'content-type': document.mediaType,
      'content-disposition': `attachment; filename="${id}.jwt"`,
    })
  })
}

async function stands(tx: Tx, id: CredentialId): Promise<readonly [StoredCredential, ...StoredCredential[]]> {
  const request = (await intentions(tx, [id])).get(id)
  const stored = request === undefined ? [] : await credentialsOf(tx, [request.caseId])
  const [first, ...more] = stored.filter((one) => one.id === id)
  if (first === undefined) throw new Problem('not_found')
  return [first, ...more]
}

async function describe(tx: Tx, id: CredentialId, issuer: string): Promise<z.infer<typeof credential>> {
  const stored = await stands(tx, id)
  const [{ caseId: caseOf, issuedAt, validUntil }] = stored
  const [slot] = await slotsOf(tx, [id])
  return {
    id,
    caseId: caseOf,
    issuedAt,
    ...(validUntil === undefined ? {} : { validUntil }),
    status: await statusOf(tx, id, validUntil),
    ...(slot === undefined ? {} : { statusList: { url: `${issuer}/status-lists/${slot.listId}`, index: slot.slot } }),
    formats: stored.map(({ format, kid, digest }) => ({ format, kid, digest })),
  }
}

async function statusOf(tx: Tx, id: CredentialId, validUntil: string | undefined) {
  if ((await revocationOf(tx, id))?.state === 'executed') return 'revoked'
  return validUntil !== undefined && validUntil <= (await databaseNow(tx)) ? 'expired' : 'valid'
}

/** Rows of a page with their status: four statements however many there are. */
interface IssuedWithStatus {
  readonly at: string
  readonly view: z.infer<typeof listed>
}

async function issuedWithStatus(tx: Tx, slice: IssuedSlice): Promise<IssuedWithStatus[]> {
  const rows = await listIssued(tx, slice)
  const now = await databaseNow(tx)
  const revoked = await revokedAmong(
    tx,
    rows.map(({ id }) => id),
  )
  const stored = await credentialsOf(
    tx,
    rows.map((row) => row.caseId),
  )
  return rows.map(({ id, caseId: of, issuedAt, at }) => {
    const validUntil = stored.find((one) => one.id === id)?.validUntil
    const isPast = validUntil !== undefined && validUntil <= now
    const status = revoked.has(id) ? 'revoked' : isPast ? 'expired' : 'valid'
    return { at, view: { id, caseId: of, issuedAt, ...(validUntil === undefined ? {} : { validUntil }), status } }
  })
}

function besideCredential({ place: [at = '', id = ''], backwards }: From) {
  return { at, id, backwards }
}
