/** The AsyncAPI document: valid by the official schema, fresh, and true about subjects. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { families } from '#events/catalogue.ts'
import { outgoingFamilies } from '#events/outgoing.ts'
import { parseCompletionsSubject, parseIssuanceSubject } from '#events/subjects.ts'
import { asyncApiText, committedAsyncApi } from '../../tools/generate-asyncapi.ts'

interface Document {
  readonly channels: Readonly<Record<string, { readonly address: string; readonly messages: Record<string, object> }>>
  readonly components: { readonly messages: Record<string, { readonly name: string }> }
}

const official = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0.json'), 'utf8'),
) as object
const document = JSON.parse(committedAsyncApi()) as Document

/** The official schema brings its own copy of draft-07, and names formats that only say what a text looks like. */
const validate = new Ajv({
  meta: false,
  validateSchema: false,
  strict: false,
  validateFormats: false,
  allErrors: true,
}).compile(official)

test('docs/asyncapi.json is the one the code makes: node tools/generate-asyncapi.ts', () => {
  expect(committedAsyncApi()).toBe(asyncApiText())
})

test('it is valid by the official JSON Schema of AsyncAPI 3, which refuses a planted fault', () => {
  expect(validate(document), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true)
  expect(
    validate({ ...document, operations: { odd: { action: 'shout', channel: { $ref: '#/channels/completions' } } } }),
  ).toBe(false)
})

test('every reference leads somewhere', () => {
  const pointers = [...committedAsyncApi().matchAll(/"\$ref": "#([^"]+)"/g)].map(([, pointer]) => pointer ?? '')
  expect(pointers.length).toBeGreaterThan(20)
  for (const pointer of pointers) {
    const found = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document)
    expect([pointer, typeof found]).toEqual([pointer, 'object'])
  }
})

test('it has every event, in and out, on a subject that the code reads back', () => {
  const names = Object.values(document.components.messages).map(({ name }) => name)
  expect(names).toEqual([...families, ...outgoingFamilies].map(({ type }) => type))
  const addresses = Object.values(document.channels).map(({ address }) =>
    address.replace('{institution}', 'sandbox').replace('{source}', 'first-steps'),
  )
  expect(addresses.map((address) => parseCompletionsSubject(address) ?? parseIssuanceSubject(address))).toEqual([
    { institution: 'sandbox', source: 'first-steps' },
    ...outgoingFamilies.map(({ topic }) => ({ institution: 'sandbox', topic })),
  ])
})
