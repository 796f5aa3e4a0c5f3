/** The documented examples, for several tests. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { as, type Instant } from '#domain/words.ts'
import type { IncomingEvent, IncomingEventOf, IncomingType } from '#events/catalogue.ts'
import { parseEvent } from '#events/parse.ts'

const folder = fileURLToPath(new URL('../../docs/events/examples/', import.meta.url))

/** Later than everything in the examples, except what is meant to be ahead. */
export const now = as<Instant>('2026-11-24T00:00:00.000Z')

export interface Example {
  readonly name: string
  readonly bytes: Uint8Array
}

export const validExamples = examplesIn('')
export const invalidExamples = examplesIn('invalid/')

function examplesIn(part: string): Example[] {
  return readdirSync(folder + part)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name: name.replace('.json', ''), bytes: readFileSync(`${folder}${part}${name}`) }))
}

export function exampleBytes(name: string): Uint8Array {
  const example = validExamples.find((each) => each.name === name)
  if (example === undefined) throw new Error(`no example ${name}`)
  return example.bytes
}

/** An example as plain JSON, free to be changed. */
export function exampleJson(name: string): { [member: string]: unknown; data: { [member: string]: unknown } } {
  return JSON.parse(new TextDecoder().decode(exampleBytes(name))) as ReturnType<typeof exampleJson>
}

export function parsed(value: unknown): IncomingEvent {
  const answer = parseEvent(new TextEncoder().encode(JSON.stringify(value)), now)
  if (answer.kind === 'invalid') throw new Error(JSON.stringify(answer.problems))
  return answer.event
}

/** A parsed example that must be of the type. */
export function example<Type extends IncomingType>(name: string, type: Type): IncomingEventOf<Type> {
  const event = parsed(exampleJson(name))
  if (event.type !== type) throw new Error(`${name} is no ${type}`)
  return event as IncomingEventOf<Type>
}
