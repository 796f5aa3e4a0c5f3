/** What the kit makes is what the server reads, each with its own code; without this two readings of the contract could part. */
import { exportJWK, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { decryptPersonal } from '#connectors/platform/jwe.ts'
import { verifyDetached } from '#credentials/signing/jws.ts'
import { parseEvent } from '#events/parse.ts'
import { eventBytes } from '../../kit/event.ts'
import { sealPersonal } from '../../kit/personal.ts'
import { signWith } from '../../kit/sign.ts'
import { fact, origin } from '../../kit/test/ground.ts'

async function keys(alg: 'ES256' | 'EdDSA' | 'ECDH-ES+A256KW') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return {
    own: { ...(await exportJWK(privateKey)), kid: 'k-1' },
    open: { ...(await exportJWK(publicKey)), kid: 'k-1' },
  }
}

test.each(['ES256', 'EdDSA'] as const)('an event signed with %s holds at intake', async (alg) => {
  const { own, open } = await keys(alg)
  const payload = eventBytes(origin, 1, { ...fact('e-1'), time: '2026-11-20T15:05:00+01:00' })
  expect(parseEvent(payload)).toMatchObject({ kind: 'event', event: { id: 'e-1', sequence: 1, source: 'own-system' } })
  const signature = await (await signWith(own))(payload)
  expect(await verifyDetached(signature, payload, open)).toEqual({ kind: 'verified', kid: 'k-1', alg })
  payload[40] = (payload[40] ?? 0) ^ 1
  expect(await verifyDetached(signature, payload, open)).toMatchObject({ kind: 'refused', code: 'signature-wrong' })
})

test('a name sealed to the intake key is read with its private part, and fits where it belongs', async () => {
  const { own, open } = await keys('ECDH-ES+A256KW')
  const personal = await sealPersonal(open, { name: 'Sara Provsson', birthDate: '1991-01-01' })
  expect(await decryptPersonal(own, personal)).toEqual({ name: 'Sara Provsson', birthDate: '1991-01-01' })
  const at = '2026-11-20T15:00:00+01:00'
  const { data } = fact('e-2')
  const { learner, achievement, offering } = data
  const assertion = { issuer: 'https://idp.example', authTime: at }
  const check = { route: 'login', assertion } as const
  const draft = { type: 'org.beviskedja.identity.checked.v1', id: 'e-2' } as const
  const payload = eventBytes(origin, 2, { ...draft, data: { learner, achievement, offering, at, check, personal } })
  expect(parseEvent(payload)).toMatchObject({ kind: 'event' })
})
