/** Our signatures are the ones everybody else makes and checks; a library that shares no code with ours says so. */
import { CompactSign, compactVerify, exportJWK, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { b64url } from '#credentials/bytes.ts'
import { signPayload } from '#credentials/signing/compact.ts'
import { publicJwk, type SigningAlg, signingAlgs } from '#credentials/signing/public-key.ts'
import { isSignatureOver, signatureOver } from '#credentials/signing/signature.ts'

const payload = Buffer.from(JSON.stringify({ name: 'Sårvård – “wound care”' }))

async function pairOf(alg: SigningAlg) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { publicKey, signing: { institution: 'norrsken', kid: 'https://x.example/keys/1', alg, key: privateKey } }
}

describe.each(signingAlgs)('under %s', (alg) => {
  test.each(['ob3-jwt', 'w3c-jose'] as const)('a credential in %s holds for another library', async (format) => {
    const { signing, publicKey } = await pairOf(alg)
    const compact = await signPayload(payload, signing, format)
    const read = await compactVerify(compact, publicKey, { algorithms: [alg] })
    expect(Buffer.from(read.payload)).toEqual(payload)
    const kind = format === 'w3c-jose' ? { typ: 'vc+jwt', cty: 'vc' } : {}
    expect(read.protectedHeader).toEqual({ alg, kid: signing.kid, ...kind })
  })

  test('what another library signed holds for us, and a letter more or less of anything does not', async () => {
    const { signing, publicKey } = await pairOf(alg)
    const compact = await new CompactSign(payload).setProtectedHeader({ alg, kid: 'k' }).sign(signing.key)
    const [input, signature] = [compact.slice(0, compact.lastIndexOf('.')), compact.split('.')[2] ?? '']
    const key = { alg, key: publicKey }
    expect(await isSignatureOver(input, signature, key)).toBe(true)
    const wrong: readonly (readonly [string, string])[] = [
      [`${input}A`, signature],
      [input.slice(0, -1), signature],
      [input, signature.slice(0, -4)],
      [input, `${signature}AAAA`],
      [input, `${signature}=`],
      [input, ''],
      [input, b64url(new Uint8Array(64))],
    ]
    for (const one of wrong) expect(await isSignatureOver(...one, key)).toBe(false)
  })

  test('a key of another kind is no key for it', async () => {
    const other = alg === 'ES256' ? 'EdDSA' : 'ES256'
    const { signing, publicKey } = await pairOf(other)
    await expect(signatureOver('a.b', { alg, key: signing.key })).rejects.toThrow(DOMException)
    await expect(isSignatureOver('a.b', b64url(new Uint8Array(64)), { alg, key: publicKey })).rejects.toThrow()
    expect(publicJwk(await exportJWK(publicKey))?.crv).toBe(other === 'ES256' ? 'P-256' : 'Ed25519')
  })
})

test('an Ed25519 signature is the same to the letter', async () => {
  const { signing } = await pairOf('EdDSA')
  const header = { alg: 'EdDSA', kid: signing.kid }
  const theirs = await new CompactSign(payload).setProtectedHeader(header).sign(signing.key)
  expect(await signPayload(payload, signing, 'ob3-jwt')).toBe(theirs)
})
