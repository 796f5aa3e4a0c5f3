/** The W3C VC-API as a small adapter, so that public suites can try our formats. For tests alone: it signs whatever is well formed. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { isObject } from '#credentials/bytes.ts'
import type { Format } from '#credentials/signing/compact.ts'
import type { Throwaway } from '#credentials/signing/throwaway.ts'
import { depthOf } from '../limits.ts'
import { issueCredential } from './issue.ts'
import { type Answer, verifyObject, verifyPresentation } from './verify.ts'

export interface VcApiOptions {
  readonly own: Throwaway
  readonly format: Format
  readonly now: () => Date
}

const largestBody = 1024 * 1024
const deepestJson = 40

/** `POST /credentials/issue`, `/credentials/verify`, `/presentations/verify` and `GET /issuer`; no state, no network. */
export function createVcApi({ own, format, now }: VcApiOptions): Hono {
  const app = new Hono()
  app.use(bodyLimit({ maxSize: largestBody, onError: () => problem(413, ['the body is larger than 1 MiB']) }))
  app.get('/issuer', (c) => c.json({ id: own.issuer }))
  app.post('/credentials/issue', async (c) => {
    const credential = await memberOf(c.req.raw, 'credential')
    if ('errors' in credential) return problem(400, credential.errors)
    const outcome = await issueCredential(credential.value, own, format)
    return outcome.kind === 'issued' ? c.json(outcome.envelope, 201) : problem(400, outcome.errors)
  })
  app.post('/credentials/verify', async (c) => {
    const given = await memberOf(c.req.raw, 'verifiableCredential')
    if ('errors' in given) return problem(400, given.errors)
    return tell(await verifyObject(given.value, now().toISOString()))
  })
  app.post('/presentations/verify', async (c) => {
    const given = await memberOf(c.req.raw, 'verifiablePresentation')
    if ('errors' in given) return problem(400, given.errors)
    const { challenge, domain } = given.options
    const asked = {
      ...(typeof challenge === 'string' ? { challenge } : {}),
      ...(typeof domain === 'string' ? { domain } : {}),
    }
    return tell(await verifyPresentation(given.value, { ...asked, now: now().toISOString() }))
  })
  app.notFound(() =>
    problem(404, ['there are POST /credentials/issue, /credentials/verify, /presentations/verify and GET /issuer']),
  )
  return app
}

function tell({ errors, warnings }: Answer): Response {
  return errors.length > 0
    ? problem(400, errors)
    : Response.json({ verified: true, checks: ['proof'], warnings, errors: [] })
}

/** RFC 9457, with every error at once. */
function problem(status: number, errors: readonly string[]): Response {
  const title = status === 400 ? 'Not valid' : status === 413 ? 'Too large' : 'Not found'
  const body = { type: 'about:blank', title, status, detail: errors[0], verified: false, errors }
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })
}

type Given =
  | { readonly value: Readonly<Record<string, unknown>>; readonly options: Readonly<Record<string, unknown>> }
  | { readonly errors: readonly string[] }

async function memberOf(request: Request, name: string): Promise<Given> {
  const text = await request.text()
  if (depthOf(text) > deepestJson) return { errors: ['the JSON is nested too deep'] }
  const body = parse(text)
  const value = isObject(body) ? body[name] : undefined
  if (!isObject(body) || !isObject(value))
    return { errors: [`the body must be a JSON object with an object "${name}"`] }
  return { value, options: isObject(body['options']) ? body['options'] : {} }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
