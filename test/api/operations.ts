/** The operations as the OpenAPI document tells them, and requests made from nothing else: what new routes are tested by. */
import fc from 'fast-check'
import { type Access, access, type OperationId } from '#api/access.ts'
import { apiDocument } from '#api/document.ts'

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly example?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}

export interface Operation {
  readonly id: OperationId
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly bodies: Readonly<Record<string, { readonly schema: Schema }>>
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >
}

interface Described {
  readonly operationId: OperationId
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Operation['bodies'] }
  readonly responses: Operation['responses']
}

export const document = JSON.parse(JSON.stringify(apiDocument())) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export const operations: readonly Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, said]) => ({
    id: said.operationId,
    method: method.toUpperCase(),
    path,
    parameters: said.parameters ?? [],
    bodies: said.requestBody?.content ?? {},
    responses: said.responses,
  })),
)

export function ruleOf({ id }: Operation): Access {
  return access[id]
}

/** Names of an object in a path by the segment before it: `/cases/{id}` → `cases`. */
export function holesOf({ path }: Operation): { readonly kind: string; readonly name: string }[] {
  const segments = path.split('/')
  return segments.flatMap((segment, index) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    return name === undefined ? [] : [{ kind: segments[index - 1] ?? '', name }]
  })
}

/** The path with these ids in its holes, percent-encoded. */
export function pathOf(operation: Operation, ids: Readonly<Record<string, string>>): string {
  return holesOf(operation).reduce((path, { kind, name }) => {
    const id = ids[kind]
    if (id === undefined) throw new Error(`${operation.id}: no recipe for the id after /${kind}/`)
    return path.replace(`{${name}}`, encodeURIComponent(id))
  }, operation.path)
}

export function resolved(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  const found = document.components.schemas[schema.$ref.split('/').at(-1) ?? '']
  if (found === undefined) throw new Error(`nothing at ${schema.$ref}`)
  return resolved(found)
}

/** The least a schema asks for; `known` gives values for members by name. */
export function least(schema: Schema, known: Readonly<Record<string, unknown>> = {}): unknown {
  const it = resolved(schema)
  if (it.example !== undefined) return it.example
  if (it.const !== undefined) return it.const
  if (it.enum !== undefined) return it.enum[0]
  const either = it.oneOf?.[0] ?? it.anyOf?.[0]
  if (either !== undefined) return least(either, known)
  switch (typeOf(it)) {
    case 'object':
      return Object.fromEntries(
        (it.required ?? []).map((name) => [name, known[name] ?? least(it.properties?.[name] ?? {}, known)]),
      )
    case 'array':
      return Array.from({ length: it.minItems ?? 0 }, () => least(it.items ?? {}, known))
    case 'integer':
    case 'number':
      return Math.max(it.minimum ?? 1, 1)
    case 'boolean':
      return true
    default:
      return it.format === 'uri' ? 'https://example.org/' : 'x'.repeat(Math.max(it.minLength ?? 1, 1))
  }
}

/** `any` where the schema says nothing. */
function typeOf({ type, properties }: Schema): string {
  if (typeof type === 'string') return type
  return type?.find((one) => one !== 'null') ?? (properties === undefined ? 'any' : 'object')
}

/** What has broken programs before. */
const hostile = [
  '',
  ' ',
  '0',
  '-1',
  '1e400',
  'NaN',
  'null',
  '[]',
  '../../etc',
  "' or 1=1 --",
  '\u0000',
  'a\u0000b',
  '%00',
  '\ud800',
  '\u202e',
  '𝒳'.repeat(100),
  'x'.repeat(3_000),
  '9'.repeat(40),
  '__proto__',
  'constructor',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:60+14:00',
  '{"a":1}',
]
export const hostileText = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 40 }))

/** Values a schema allows, now and then spoilt. */
export function values(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const it = resolved(schema)
  const spoilt = fc.oneof(hostileText, fc.jsonValue({ maxDepth: 2 }))
  return fc.oneof({ weight: 9, arbitrary: allowed(it, depth) }, { weight: 1, arbitrary: spoilt })
}

function allowed(it: Schema, depth: number): fc.Arbitrary<unknown> {
  if (it.const !== undefined) return fc.constant(it.const)
  if (it.enum !== undefined) return fc.constantFrom(...it.enum)
  const either = it.oneOf ?? it.anyOf
  if (either !== undefined) return fc.oneof(...either.map((one) => values(one, depth)))
  switch (typeOf(it)) {
    case 'object':
      return objects(it, depth)
    case 'array':
      return fc.array(depth > 4 ? fc.constant(null) : values(it.items ?? {}, depth + 1), {
        minLength: Math.min(it.minItems ?? 0, 3),
        maxLength: 3,
      })
    case 'integer':
      return fc.integer({ min: Math.max(it.minimum ?? -5, -(2 ** 31)), max: Math.min(it.maximum ?? 10, 2 ** 31 - 1) })
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'boolean':
      return fc.boolean()
    case 'string':
      return texts(it)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objects(it: Schema, depth: number): fc.Arbitrary<unknown> {
  const members = Object.entries(it.properties ?? {}).map(([name, one]) => [name, values(one, depth + 1)] as const)
  const record = fc.record(Object.fromEntries(members), { requiredKeys: [...(it.required ?? [])] as never[] })
  return fc.oneof(
    { weight: 9, arbitrary: record },
    { weight: 1, arbitrary: fc.dictionary(fc.string(), fc.jsonValue()) },
  )
}

/** By pattern: to make one takes long, and the same ones come back in every event. */
const matchers = new Map<string, fc.Arbitrary<string>>()

function matching(pattern: string): fc.Arbitrary<string> {
  const known = matchers.get(pattern)
  if (known !== undefined) return known
  const made = fc.stringMatching(new RegExp(pattern), { maxLength: 60 })
  matchers.set(pattern, made)
  return made
}

function texts(it: Schema): fc.Arbitrary<unknown> {
  const plain = fc.string({ minLength: it.minLength ?? 0, maxLength: Math.min(it.maxLength ?? 30, 60) })
  const shaped = [
    ...(it.example === undefined ? [] : [fc.constant(it.example)]),
    ...(it.pattern === undefined ? [] : [matching(it.pattern)]),
    ...(it.format === 'date-time' ? [fc.date({ noInvalidDate: true }).map((date) => date.toISOString())] : []),
  ]
  return fc.oneof(...shaped, ...(shaped.length === 0 ? [plain] : []), hostileText)
}
