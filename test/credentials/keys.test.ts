/** The key store: private halves stay secret, windows decide who signs, and rotation breaks nothing signed before. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { calculateJwkThumbprint } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type KeyStore, openKeyStore } from '#credentials/signing/keys.ts'
import { base } from './sample.ts'

const secret = new Uint8Array(32).fill(7)
const t1 = '2026-01-01T00:00:00.000Z'
const t2 = '2026-06-01T00:00:00.000Z'
const later = '2026-07-01T00:00:00.000Z'

let dir: string
let keys: KeyStore

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bevis-keys-'))
  keys = openKeyStore({ dir, secret, base })
})
afterEach(() => rm(dir, { recursive: true }))

async function onlyFile(): Promise<string> {
  const [name = ''] = await readdir(join(dir, 'norrsken'))
  return join(dir, 'norrsken', name)
}

describe('a new key', () => {
  test('is named by its thumbprint under the institution’s address', async () => {
    const row = await keys.createKey('norrsken', t1)
    expect(row.kid).toBe(`${base}/institutions/norrsken/keys/${await calculateJwkThumbprint(row.jwk)}`)
    expect(await keys.publicKeys()).toEqual([row])
  })

  test('is readable by its owner only and never in the clear', async () => {
    await keys.createKey('norrsken', t1)
    const path = await onlyFile()
    const stored = JSON.parse(await readFile(path, 'utf8'))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(stored.jwk).not.toHaveProperty('d')
    expect(Object.keys(stored.sealed)).toEqual(['enc', 'iv', 'ciphertext', 'tag'])
    expect(stored.sealed.ciphertext).not.toContain(Buffer.from('"d"').toString('base64url'))
  })

  test('signs from its first moment on, not before', async () => {
    const { kid } = await keys.createKey('norrsken', t1)
    expect((await keys.activeKey('norrsken', t1))?.kid).toBe(kid)
    expect(await keys.activeKey('norrsken', '2025-12-31T23:59:59.999Z')).toBeUndefined()
    expect(await keys.activeKey('sodersol', t1)).toBeUndefined()
  })

  test('can be opened again with the same secret only', async () => {
    await keys.createKey('norrsken', t1)
    const again = openKeyStore({ dir, secret, base })
    const wrong = openKeyStore({ dir, secret: new Uint8Array(32), base })
    expect((await again.activeKey('norrsken', t2))?.alg).toBe('ES256')
    await expect(wrong.activeKey('norrsken', t2)).rejects.toThrow('key-secret-wrong')
    expect((await wrong.publicKeys()).length).toBe(1)
  })

  test('cannot be published under another public half', async () => {
    const { jwk } = await keys.createKey('norrsken', t1)
    const path = await onlyFile()
    const stored = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...stored, jwk: { ...jwk, x: jwk.x.toUpperCase() } }))
    await expect(keys.activeKey('norrsken', t2)).rejects.toThrow('key-file-damaged')
  })

  test('cannot be moved to another institution or name', async () => {
    await keys.createKey('norrsken', t1)
    const path = await onlyFile()
    const stored = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...stored, kid: `${base}/institutions/sodersol/keys/x` }))
    await expect(keys.activeKey('norrsken', t2)).rejects.toThrow('key-secret-wrong')
    await writeFile(path, JSON.stringify({ ...stored, institution: 'sodersol' }))
    await expect(keys.activeKey('norrsken', t2)).rejects.toThrow('key-file-damaged')
  })
})

describe('rotation', () => {
  test('ends the old key where the new one begins, and both stay published', async () => {
    const old = await keys.createKey('norrsken', t1)
    const fresh = await keys.rotate('norrsken', t2)
    const rows = await keys.publicKeys()
    expect(rows.find((row) => row.kid === old.kid)).toMatchObject({ until: t2, status: 'retiring' })
    expect(rows.find((row) => row.kid === fresh.kid)).toMatchObject({ from: t2, status: 'active' })
    expect((await keys.activeKey('norrsken', later))?.kid).toBe(fresh.kid)
  })

  test('lets a document dated before it still be signed with the key of its day', async () => {
    const old = await keys.createKey('norrsken', t1)
    await keys.rotate('norrsken', t2)
    expect((await keys.activeKey('norrsken', '2026-05-31T23:59:59.999Z'))?.kid).toBe(old.kid)
  })

  test('publishes each key with its window in seconds', async () => {
    const old = await keys.createKey('norrsken', t1)
    await keys.rotate('norrsken', t2)
    const published = (await keys.jwks('norrsken')).keys.find((key) => key.kid === old.kid)
    expect(published).toEqual({
      ...old.jwk,
      kid: old.kid,
      alg: 'ES256',
      use: 'sig',
      nbf: Date.parse(t1) / 1000,
      exp: Date.parse(t2) / 1000,
    })
  })
})

test('a retired key is published and can never sign again', async () => {
  const { kid } = await keys.createKey('norrsken', t1)
  await keys.retire('norrsken', kid)
  expect(await keys.activeKey('norrsken', t2)).toBeUndefined()
  expect(await keys.publicKeys()).toMatchObject([{ kid, status: 'retired' }])
  expect(await readFile(await onlyFile(), 'utf8')).not.toContain('sealed')
})

test('a store refuses a short secret, an unknown key and an institution that is a path', async () => {
  expect(() => openKeyStore({ dir, secret: new Uint8Array(31), base })).toThrow('key-secret-length')
  await expect(keys.retire('norrsken', 'x')).rejects.toThrow('key-unknown')
  await expect(keys.createKey('../norrsken', t1)).rejects.toThrow('institution-id-malformed')
  expect(await openKeyStore({ dir: join(dir, 'none'), secret, base }).publicKeys()).toEqual([])
})
