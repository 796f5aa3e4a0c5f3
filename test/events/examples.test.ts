/** The documented examples mean what they say: without this the documents would teach events that we refuse. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { families } from '#events/catalogue.ts'
import { outgoingFamilies, outgoingSchema } from '#events/outgoing.ts'
import { parseEvent } from '#events/parse.ts'
import { problemCodes, problemMeanings } from '#events/problems.ts'
import { schemaPath } from '../../tools/generate-schemas.ts'
import { invalidExamples, now, validExamples } from './examples.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const types = [...families, ...outgoingFamilies].map(({ type }) => type)
const isOutgoing = (name: string) => name.startsWith('case.') || name.startsWith('credential.')

/** A second reader of the same contract, one that many senders use. */
function ajvFor(type: string): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true })
  addFormats.default(ajv)
  return ajv.compile(JSON.parse(readFileSync(root + schemaPath(type), 'utf8')) as object)
}

const byAjv = new Map(types.map((type) => [type as string, ajvFor(type)]))

function json(bytes: Uint8Array): { type: string } {
  return JSON.parse(new TextDecoder().decode(bytes)) as { type: string }
}

describe('valid examples', () => {
  test('none carries a sealed name: no key stands behind it, so intake would refuse what the documents show', () => {
    for (const { name, bytes } of [...validExamples, ...invalidExamples])
      expect(new TextDecoder().decode(bytes), name).not.toContain('"personal"')
  })

  test('there is one of every type', () => {
    expect(new Set(validExamples.map(({ bytes }) => json(bytes).type))).toEqual(new Set(types))
  })

  test.each(validExamples.filter(({ name }) => !isOutgoing(name)))('$name is parsed', ({ bytes }) => {
    expect(parseEvent(bytes, now)).toMatchObject({ kind: 'event', jcsReady: json(bytes) })
  })

  test.each(validExamples.filter(({ name }) => isOutgoing(name)))('$name has the shape we send', ({ bytes }) => {
    const family = outgoingFamilies.find(({ type }) => type === json(bytes).type)
    expect(family && outgoingSchema(family).safeParse(json(bytes)).success).toBe(true)
  })

  test.each(validExamples)('$name satisfies the published JSON Schema', ({ bytes }) => {
    const validate = byAjv.get(json(bytes).type)
    expect(validate?.(json(bytes)), JSON.stringify(validate?.errors)).toBe(true)
  })
})

/** What no JSON Schema can say; the published schema accepts these and only the parser refuses them. */
const beyondSchema = [
  'time-order',
  'time-in-future',
  'duplicate-id',
  'pass-mark-missing',
  'items-missing',
  'points-above-maximum',
  'outcome-not-declared',
  'scorer-not-listed',
  'nothing-stated',
  'refers-to-itself',
]

/** Not JSON documents at all, or too large to keep: see parse.test.ts. */
const ofBytes = ['too-large', 'not-utf8', 'not-json', 'duplicate-member', 'too-deep', 'more-problems']

describe('invalid examples', () => {
  test('there is one for every problem code that a JSON document can show', () => {
    expect(invalidExamples.map(({ name }) => name).toSorted()).toEqual(
      problemCodes.filter((code) => !ofBytes.includes(code)).toSorted(),
    )
  })

  test.each(invalidExamples)('$name is refused for that and nothing else', ({ name, bytes }) => {
    const answer = parseEvent(bytes, now)
    expect(answer.kind === 'invalid' && answer.problems.map(({ code }) => code)).toEqual([name])
  })

  test.each(invalidExamples)('$name is told without quoting a value, with advice', ({ bytes }) => {
    const answer = parseEvent(bytes, now)
    const problems = answer.kind === 'invalid' ? answer.problems : []
    for (const { pointer, detail, advice } of problems) {
      expect(pointer).toMatch(/^(?:\/[^/]+)*$/)
      expect(detail).not.toBe('')
      expect(advice).not.toBe('')
    }
    expect(problems).toHaveLength(1)
  })

  test.each(invalidExamples.filter(({ name }) => name !== 'unknown-type' && name !== 'not-an-object'))(
    '$name is refused by the published schema exactly when a schema can tell',
    ({ name, bytes }) => {
      expect(byAjv.get(json(bytes).type)?.(json(bytes))).toBe(beyondSchema.includes(name))
    },
  )
})

test('the page for senders names every type and every code', () => {
  const page = readFileSync(`${root}docs/events/README.md`, 'utf8')
  for (const type of types) expect(page).toContain(`\`${type}\``)
  for (const [code, meaning] of Object.entries(problemMeanings)) expect(page).toContain(`| \`${code}\` | ${meaning} |`)
})
