/** Credentials as published, sound and broken: whatever changes in the code, these are judged the same for ever. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { verifyCredential } from '#credentials/verify.ts'
import type { IssuerJwk } from '#credentials/verifying/signature.ts'

interface Vectors {
  readonly issuer: string
  readonly now: string
  readonly jwks: { readonly keys: readonly IssuerJwk[] }
  readonly statusLists: Readonly<Record<string, string>>
  readonly cases: readonly { readonly name: string; readonly jwt: string; readonly failed?: readonly string[] }[]
}

function read(name: string): Vectors {
  return JSON.parse(readFileSync(new URL(`../vectors/credentials/${name}.json`, import.meta.url), 'utf8')) as Vectors
}

function judge({ issuer, now, jwks, statusLists }: Vectors, jwt: string) {
  return verifyCredential(jwt, {
    now,
    expectedIssuer: issuer,
    resolveKeys: async (id) => (id === issuer ? { kind: 'found', value: jwks.keys } : { kind: 'not-found' }),
    resolveStatusList: async (url) => {
      const value = statusLists[url]
      return value === undefined ? { kind: 'not-found' } : { kind: 'found', value }
    },
  })
}

const valid = read('valid')
const invalid = read('invalid')

test.each(valid.cases)('sound: $name', async ({ jwt }) => {
  const report = await judge(valid, jwt)
  expect(report.checks.filter((check) => check.outcome !== 'passed')).toEqual([])
  expect(report.result).toBe('verified')
})

test.each(invalid.cases)('broken: $name', async ({ jwt, failed }) => {
  const report = await judge(invalid, jwt)
  expect(report.result).toBe('refused')
  expect(report.checks.filter((check) => check.outcome === 'failed').map((check) => check.id)).toEqual(failed)
})
