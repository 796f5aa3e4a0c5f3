import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError } from '#config/config-error.ts'
import { readNatsSeed, readSecrets, readSigningSecret } from '#config/secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-secrets-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function fileWith(text: string): string {
  files += 1
  const path = join(folder, `${files}`)
  writeFileSync(path, text)
  return path
}

const key = () => randomBytes(32).toString('base64url')

describe('the secrets file', () => {
  test('gives three keys of 32 bytes', () => {
    const text = { kek: key(), hmac: key(), codec: key() }
    const secrets = readSecrets(fileWith(JSON.stringify(text)))
    for (const name of ['kek', 'hmac', 'codec'] as const)
      expect(Buffer.from(secrets[name]).toString('base64url')).toBe(text[name])
  })

  const good = { kek: key(), hmac: key(), codec: key() }
  test.each([
    ['a missing key', JSON.stringify({ ...good, codec: undefined }), /codec/],
    ['a short key', JSON.stringify({ ...good, hmac: 'c2hvcnQ' }), /hmac is not 32 bytes/],
    ['a key of zeros', JSON.stringify({ ...good, kek: Buffer.alloc(32).toString('base64url') }), /kek is not random/],
    ['one key for two purposes', JSON.stringify({ ...good, codec: good.hmac }), /one key for two purposes/],
    ['keys nobody knows', JSON.stringify({ ...good, signing: key() }), /nobody knows/],
    ['no JSON', `${good.kek} ${good.hmac}`, /not JSON/],
  ])('is refused with %s, and no value is quoted', (_what, text, expected) => {
    const message = refusalOf(() => readSecrets(fileWith(text)))
    expect(message).toMatch(expected)
    for (const value of Object.values(good)) expect(message).not.toContain(value)
  })

  test('that is not there is told with its path', () => {
    expect(refusalOf(() => readSecrets(join(folder, 'absent.json')))).toContain('absent.json')
  })
})

describe('single secrets', () => {
  test('the signing secret is one key, its line end ignored', () => {
    const text = key()
    expect(Buffer.from(readSigningSecret(fileWith(`${text}\n`))).toString('base64url')).toBe(text)
    expect(refusalOf(() => readSigningSecret(fileWith('changeme')))).toContain('BEVIS_SIGNING_SECRET_FILE')
  })

  test('a NATS seed must be the seed of a user, not of an account', () => {
    const seed = `SU${'A'.repeat(56)}`
    expect(readNatsSeed(fileWith(`${seed}\n`))).toBe(seed)
    expect(refusalOf(() => readNatsSeed(fileWith(`SA${'A'.repeat(56)}`)))).toContain('BEVIS_NATS_SEED_FILE')
  })
})

function refusalOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}
