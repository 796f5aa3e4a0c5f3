import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { type Access, access, type OperationId } from '#api/access.ts'
import { apiDocument } from '#api/document.ts'

const committed = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))
const document = JSON.parse(JSON.stringify(apiDocument()))

test('the committed OpenAPI document is the one the routes give (node tools/generate-openapi.ts)', () => {
  expect(committed).toEqual(document)
})

test('is OpenAPI 3.1, and every operation says who may call it and how it fails', () => {
  expect(document.openapi).toMatch(/^3\.1\./)
  for (const operation of operations()) {
    expect(operation.operationId).toEqual(expect.any(String))
    expect(operation.summary).toEqual(expect.any(String))
    const failures = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)
    expect(failures.map(([status]) => status)).toEqual(expect.arrayContaining(['400', '406', '500', '503']))
    for (const [, { content }] of failures) expect(Object.keys(content)).toEqual(['application/problem+json'])
    const { who }: Access = access[operation.operationId as OperationId]
    const demanded = who === 'anyone' ? [] : [who === 'emitter' ? { emitter: [] } : { login: [] }]
    expect(operation.security).toEqual(demanded)
    expect(operation['x-bevis-roles']).toEqual(typeof who === 'string' ? undefined : who)
  }
})

test('every schema in it compiles as JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'https://api.example/openapi', components: document.components })
  for (const name of Object.keys(document.components.schemas)) {
    expect(() => ajv.compile({ $ref: `https://api.example/openapi#/components/schemas/${name}` }), name).not.toThrow()
  }
})

test('tells what the code asks of every request: closed bodies, texts that can be stored, the headers a change needs', () => {
  const bodies = operations().flatMap(({ operationId, requestBody }) =>
    Object.entries(requestBody?.content ?? {}).flatMap(([media, { schema }]) =>
      media === 'application/json' ? [[operationId, referred(schema)] as const] : [],
    ),
  )
  expect(bodies.length).toBeGreaterThan(10)
  for (const [id, schema] of bodies) expect(schema, id).toMatchObject({ additionalProperties: false })
  const open = textsIn(document).filter(
    (schema) => !['pattern', 'format', 'enum', 'const'].some((one) => one in schema),
  )
  expect(open).toEqual([])
  const decide = operations().find(({ operationId }) => operationId === 'decide')
  expect(decide?.parameters.filter((one) => one.in === 'header')).toMatchObject([
    { name: 'idempotency-key', required: true },
    { name: 'if-match', required: true },
  ])
})

test('has each event whole: its frame with its type, and what it says by reference', () => {
  const { IdentityEvent, IdentityEventInBatch, IdentityData } = document.components.schemas
  expect(IdentityEvent.properties.type).toEqual({ type: 'string', const: 'org.beviskedja.identity.checked.v1' })
  expect(IdentityEvent.properties.sequence.maximum).toBe(Number.MAX_SAFE_INTEGER)
  expect(IdentityEvent.properties.data).toEqual({ $ref: '#/components/schemas/IdentityData' })
  expect(IdentityData.required).toContain('learner')
  const more = Object.keys(IdentityEventInBatch.properties).filter((name) => !(name in IdentityEvent.properties))
  expect(more).toEqual(['bevissignature'])
})

function referred(schema: { $ref?: string }): object {
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : document.components.schemas[name]
}

function textsIn(node: unknown): object[] {
  if (typeof node !== 'object' || node === null) return []
  const below = Object.entries(node).flatMap(([name, value]) => (name === 'example' ? [] : textsIn(value)))
  return 'type' in node && node.type === 'string' ? [node, ...below] : below
}

function operations() {
  const methods: Record<string, Record<string, never>>[] = Object.values(document.paths)
  return methods.flatMap((item) => Object.values(item)) as unknown as {
    operationId: string
    summary: string
    security: unknown
    responses: Record<string, { content: object }>
    parameters: { name: string; in: string; required: boolean }[]
    requestBody?: { content: Record<string, { schema: { $ref?: string } }> }
    'x-bevis-roles'?: string[]
  }[]
}
