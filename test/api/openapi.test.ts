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

function operations() {
  const methods: Record<string, Record<string, never>>[] = Object.values(document.paths)
  return methods.flatMap((item) => Object.values(item)) as unknown as {
    operationId: string
    summary: string
    security: unknown
    responses: Record<string, { content: object }>
    'x-bevis-roles'?: string[]
  }[]
}
