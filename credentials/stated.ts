/** What a credential says of its levels, as a demand is held against it; without it a foreign document with a likely word would count. */
import { isObject } from '#credentials/bytes.ts'
import { vocabulary } from '#credentials/formats/context.ts'
import type { Statements } from '#domain/credential/demand.ts'
import { bands } from '#domain/words.ts'

/**
 * Reads credited LoA, SeQF level and band from a signed payload, in the form `credentials/formats` writes. A word counts only where
 * the document itself defines it as ours: another issuer's `creditedLoa` could mean anything. What is said twice, differently, is
 * not said.
 */
export function statementsOf(payload: Readonly<Record<string, unknown>>): Statements {
  const types = listOf(payload['type'])
  const test = types.includes('TestCredential')
  if (!defines(payload, ['AssuranceRecord', 'creditedLoa', 'assuranceLevel'])) return { test }
  const seqf = wholeNumber(only(seqfCodes(payload)), 1, 8)
  const loa = wholeNumber(only(evidenceValues(payload, 'identity', 'creditedLoa')), 0, 4)
  const band = bands.find((one) => one === only(evidenceValues(payload, 'level', 'assuranceLevel')))
  return {
    test,
    ...(seqf === undefined ? {} : { seqf }),
    ...(loa === undefined ? {} : { loa }),
    ...(band === undefined ? {} : { band }),
  }
}

/** The last definition of a word in an inline context wins (JSON-LD 1.1 §4.1). */
function defines(payload: Readonly<Record<string, unknown>>, words: readonly string[]): boolean {
  const contexts = listOf(payload['@context']).filter(isObject)
  return words.every((word) => {
    const definition = contexts.findLast((context) => Object.hasOwn(context, word))?.[word]
    const id = isObject(definition) ? definition['@id'] : definition
    return id === `${vocabulary}${word}`
  })
}

/** SeQF is told as an alignment whose framework and type both say so. */
function seqfCodes(payload: Readonly<Record<string, unknown>>): unknown[] {
  const subject = payload['credentialSubject']
  const achievement = isObject(subject) ? subject['achievement'] : undefined
  return (isObject(achievement) ? listOf(achievement['alignment']) : [])
    .filter(isObject)
    .filter((one) => one['targetType'] === 'ext:SeQF' && one['targetFramework'] === 'SeQF')
    .map((one) => one['targetCode'])
}

function evidenceValues(payload: Readonly<Record<string, unknown>>, genre: string, name: string): unknown[] {
  return listOf(payload['evidence'])
    .filter(isObject)
    .filter((item) => item['genre'] === genre && listOf(item['type']).includes('AssuranceRecord'))
    .map((item) => item[name])
}

function only(values: readonly unknown[]): unknown {
  const distinct = new Set(values)
  return distinct.size === 1 ? values[0] : undefined
}

function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === 'string' && /^[0-9]$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
    ? number
    : undefined
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}
