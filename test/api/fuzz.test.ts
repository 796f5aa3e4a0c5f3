import { randomUUID } from 'node:crypto'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { document, holesOf, hostileText, type Operation, operations, pathOf, values } from './operations.ts'
import { type Planted, plant } from './planted.ts'
import { type ApiWorld, createApiWorld, institution, type Somebody } from './world.ts'

/** The same every time; another seed is tried with `BEVIS_FUZZ_SEED=… BEVIS_FUZZ_RUNS=…`. */
const seed = Number(process.env['BEVIS_FUZZ_SEED'] ?? 20260401)
const numRuns = Number(process.env['BEVIS_FUZZ_RUNS'] ?? 25)

let w: ApiWorld
let planted: Planted
const tokens = new Map<Somebody, string>()
beforeAll(async () => {
  w = await createApiWorld({ temporal: true })
  planted = await plant(w, institution)
  for (const who of ['officer', 'operator', 'privacy', 'reviewer'] as const) tokens.set(who, await w.token(who))
})
afterAll(() => w.dispose())

const ajv = addFormats.default(new Ajv2020({ strict: false }))
ajv.addSchema({ $id: 'https://api.example/openapi', components: document.components })

interface Attempt {
  readonly who: Somebody
  readonly spoilt: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly raw: string | undefined
}

/** A header is visible ASCII on the wire; whatever else a client cannot even send. */
const headerText = fc.stringMatching(/^[\x21-\x7e]{0,40}$/)

function attempts(operation: Operation): fc.Arbitrary<Attempt> {
  const optional = (where: 'query' | 'header') =>
    operation.parameters.filter((one) => one.in === where).map((one) => [one.name, values(one.schema)] as const)
  const [body] = Object.values(operation.bodies)
  const rare = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 8, nil: undefined })
  return fc.record({
    who: fc.constantFrom<Somebody>('officer', 'operator', 'privacy', 'reviewer'),
    spoilt: fc.record(Object.fromEntries(holesOf(operation).map(({ kind }) => [kind, rareText])), {
      requiredKeys: [],
    }) as fc.Arbitrary<Record<string, string>>,
    query: fc.record(Object.fromEntries(optional('query')), { requiredKeys: [] }),
    headers: fc.record(Object.fromEntries(optional('header').map(([name]) => [name, headerText])), {
      requiredKeys: [],
    }) as fc.Arbitrary<Record<string, string>>,
    body: body === undefined ? fc.constant(undefined) : values(body.schema),
    raw: body === undefined ? fc.constant(undefined) : rare(hostileText).map((text) => text ?? undefined),
  })
}

/** Has no UTF-8, so it cannot stand in a URL. */
const loneSurrogate = /\p{Surrogate}/u

const rareText = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: hostileText })

async function send(operation: Operation, attempt: Attempt): Promise<Response> {
  const [media] = Object.keys(operation.bodies)
  const spoilt = Object.entries(attempt.spoilt).filter(([, text]) => text !== '' && !loneSurrogate.test(text))
  const ids = { ...planted, ...Object.fromEntries(spoilt) }
  const query = Object.entries(attempt.query).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value ?? null),
  ])
  const body = attempt.raw ?? (attempt.body === undefined ? undefined : JSON.stringify(attempt.body))
  return fetch(`${w.api.url}${pathOf(operation, ids)}?${new URLSearchParams(query).toString()}`, {
    method: operation.method,
    headers: {
      authorization: `Bearer ${tokens.get(attempt.who)}`,
      'idempotency-key': randomUUID(),
      ...attempt.headers,
      ...(media === undefined ? {} : { 'content-type': media }),
    },
    ...(media === undefined || body === undefined ? {} : { body }),
  })
}

/** Made before anything is asked: while one is made, nobody would notice that the server has closed an idle connection. */
const prepared = operations.map((operation) => ({ ...operation, tried: attempts(operation) }))

test.each(prepared)('$id answers nothing but what the document tells', async ({ tried, ...operation }) => {
  await fc.assert(
    fc.asyncProperty(tried, async (attempt) => {
      await expectDocumented(operation, await send(operation, attempt))
    }),
    { seed, numRuns, endOnFailure: true },
  )
})

async function expectDocumented(operation: Operation, response: Response): Promise<void> {
  const { status } = response
  const text = await response.text()
  expect(status, text).toBeLessThan(500)
  const documented = operation.responses[String(status)]
  const isProblem = status >= 400
  expect(documented !== undefined || isProblem, `${status} is not in the document: ${text}`).toBe(true)
  const answer = documented ?? operation.responses['default']
  const media = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
  if (answer?.content === undefined) return expect(text).toBe('')
  expect(Object.keys(answer.content)).toContain(media)
  const schema = answer.content[media]?.schema
  if (schema === undefined || !media.endsWith('json')) return
  const validate = ajv.compile(pointedAtDocument(schema) as object)
  expect(validate(JSON.parse(text)), `${ajv.errorsText(validate.errors)}: ${text}`).toBe(true)
}

/** Local references, seen from outside the document. */
function pointedAtDocument(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"https://api.example/openapi#/'))
}
