/** `bevis vc-api`: our formats behind the W3C's VC-API, for public test suites. No servers, no settings, nothing kept. */
import { startVcApi } from '#api/vc-api/serve.ts'
import { type SigningAlg, signingAlgs } from '#credentials/signing/public-key.ts'
import { throwawayKey } from '#credentials/signing/throwaway.ts'
import { type CredentialFormat, credentialFormats } from '#domain/words.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { live, untilEnd } from '../processes/life.ts'

export const vcApi = command({
  takes: '',
  args: [0, 0],
  options: {
    port: { value: '<number>', says: 'port on this machine; 0 or left out takes a free one' },
    host: { value: '<address>', says: 'address to listen on; this machine only when left out' },
    alg: { value: `<${signingAlgs.join('|')}>`, says: 'kind of key; ES256 when left out' },
    profile: { value: `<${credentialFormats.join('|')}>`, says: 'profile to issue under; w3c-jose when left out' },
  },
  examples: [
    ['bevis vc-api --port 4010', 'answer test suites on http://127.0.0.1:4010 until Ctrl-C, with a key made now'],
    ['bevis vc-api --port 4010 --alg EdDSA --profile ob3-jwt', 'badges, signed with Ed25519'],
  ],
  run: async ({ values, out }) => {
    const port = portIn(values.port ?? '0')
    const alg = oneOf<SigningAlg>('alg', values.alg ?? 'ES256', signingAlgs)
    const format = oneOf<CredentialFormat>('profile', values.profile ?? 'w3c-jose', credentialFormats)
    const settings = { process: 'vc-api', logLevel: 'info', env: 'development' } as const
    await live({ ...settings, host: undefined, opsPort: undefined }, async (life) => {
      life.needs(() => [])
      const own = await throwawayKey(alg)
      const server = await startVcApi(
        { own, format, now: () => new Date() },
        { port, host: values.host ?? '127.0.0.1' },
      )
      life.closing('the adapter', () => server.close())
      out.note('For test suites only: it signs whatever is well formed, with a key that is gone when it ends.')
      out.data(() => `Listening on ${server.url}\nIssuer ${own.issuer}`, {
        url: server.url,
        issuer: own.issuer,
        alg,
        profile: format,
      })
      life.log('info', `listening on ${server.url}`)
      await untilEnd(life.ending)
    })
    return 'ok'
  },
})

function portIn(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw usage('port', `${text} is no port`, 'give a number from 0 to 65535')
  return port
}

function oneOf<Word extends string>(option: string, given: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === given)
  if (word === undefined) throw usage(option, `${given} is not possible`, `give one of ${words.join(', ')}`)
  return word
}
