import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { ConnectorError } from '#connectors/connector-error.ts'
import { decryptPersonal, encryptPersonal } from '#connectors/platform/jwe.ts'

const alg = 'ECDH-ES+A256KW'

async function keyPair(crv = 'P-256'): Promise<{ open: JWK; closed: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { crv, extractable: true })
  return { open: { ...(await exportJWK(publicKey)), kid: 'intake-1' }, closed: await exportJWK(privateKey) }
}

describe('a personal value', () => {
  test.each(['P-256', 'X25519'])('opens with the private %s key alone', async (crv) => {
    const { open, closed } = await keyPair(crv)
    const value = { name: 'Åsa Berg', born: '1970-01-01' }
    const jwe = await encryptPersonal(open, value)
    expect(jwe.split('.')).toHaveLength(5)
    expect(Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString()).toContain('"kid":"intake-1"')
    expect(await decryptPersonal(closed, jwe)).toEqual(value)
  })

  test('does not open with another key, nor when changed', async () => {
    const { open, closed } = await keyPair()
    const jwe = await encryptPersonal(open, 'Åsa')
    const [head, key, iv, , tag] = jwe.split('.')
    const { closed: other } = await keyPair()
    expect(await refusalOf(decryptPersonal(other, jwe))).toBe('jwe/undecipherable')
    expect(await refusalOf(decryptPersonal(closed, [head, key, iv, 'AAAA', tag].join('.')))).toBe('jwe/undecipherable')
  })

  test.each(['', 'text', 'a.b.c', 'a.b.c.d.e', 'e30.AA.AA.AA.AA', 'å.b.c.d.e'])('is not %j', async (text) => {
    const { closed } = await keyPair()
    expect(await refusalOf(decryptPersonal(closed, text))).toBe('jwe/malformed')
  })

  test('in other algorithms is not accepted, though the key would fit', async () => {
    const { open, closed } = await keyPair()
    const weaker = await sealed(open, { alg: 'ECDH-ES', enc: 'A128GCM' }, '"x"')
    expect(await refusalOf(decryptPersonal(closed, weaker))).toBe('jwe/malformed')
  })

  test('that is no JSON is malformed, and the error does not quote it', async () => {
    const { open, closed } = await keyPair()
    const attempt = decryptPersonal(closed, await sealed(open, { alg, enc: 'A256GCM' }, 'Åsa Berg'))
    await expect(attempt).rejects.toMatchObject({ code: 'jwe/malformed' })
    await expect(attempt).rejects.not.toThrow(/Berg/)
  })
})

async function sealed(jwk: JWK, header: { alg: string; enc: string }, text: string): Promise<string> {
  const key = await importJWK(jwk, header.alg)
  return await new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(key)
}

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
  } catch (error) {
    if (error instanceof ConnectorError) return error.code
    throw error
  }
  return 'accepted'
}
