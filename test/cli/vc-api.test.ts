/** `bevis vc-api` as whoever runs a public suite starts it: no settings, no servers, and it says what it is for. */
import { expect, test } from 'vitest'
import { bevis, startBevis } from './run-bevis.ts'

test('starts with nothing, signs and verifies, and ends when told', async () => {
  const running = startBevis(['vc-api', '--port', '0', '--alg', 'EdDSA'])
  await running.says('listening on http://127.0.0.1:')
  expect(running.stderr()).toContain('For test suites only')
  const [url = ''] = /(?<=listening on )http:\/\/127\.0\.0\.1:\d+/.exec(running.stderr()) ?? []
  const { id } = (await (await fetch(`${url}/issuer`)).json()) as { id: string }
  const post = (path: string, body: object) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  const credential = {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiableCredential'],
    issuer: id,
    credentialSubject: { id: 'did:example:subject' },
  }
  const verifiableCredential: unknown = await (await post('/credentials/issue', { credential })).json()
  expect((await post('/credentials/verify', { verifiableCredential })).status).toBe(200)
  running.kill('SIGTERM')
  const { code, stdout } = await running.ended
  expect([code, stdout]).toEqual([0, expect.stringContaining(`Issuer ${id}`)])
})

test.each([
  ['--port', '70000', 'usage/port'],
  ['--alg', 'RS256', 'usage/alg'],
  ['--profile', 'sd-jwt', 'usage/profile'],
])('refuses %s %s with what would do', async (option, value, code) => {
  const { code: exit, stderr } = await bevis(['vc-api', option, value])
  expect([exit, stderr]).toEqual([2, expect.stringContaining(code)])
})
