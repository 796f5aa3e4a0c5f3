/** Signing keys of institutions: which there are, and a new one. Private halves are never shown. */
import { readSigningSecret } from '#config/secrets.ts'
import { type KeyStore, openKeyStore } from '#credentials/signing/keys.ts'
import { signingAlgs } from '#credentials/signing/public-key.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { keySettings } from '../settings.ts'
import { table } from '../table.ts'
import { localTime } from '../times.ts'

export const list = command({
  takes: '[institution]',
  args: [0, 1],
  options: {},
  examples: [['bevis keys list', 'all keys with their windows; run it where the signing process runs']],
  run: async ({ args: [institution], out }) => {
    const rows = (await openKeys().publicKeys()).filter(
      (row) => institution === undefined || row.institution === institution,
    )
    const text = () =>
      table(
        rows,
        [
          { head: 'INSTITUTION', cell: (row) => row.institution, shrinks: true },
          { head: 'KEY', cell: ({ kid }) => kid.slice(kid.lastIndexOf('/') + 1) },
          { head: 'ALG', cell: ({ alg }) => alg },
          { head: 'STATUS', cell: ({ status }) => status },
          { head: 'FROM', cell: ({ from }) => localTime(from) },
          { head: 'UNTIL', cell: ({ until }) => localTime(until) },
        ],
        'No keys yet; the signing process makes an institution’s first.',
      )
    out.data(text, { keys: rows })
    return 'ok'
  },
})

export const rotate = command({
  takes: '<institution>',
  args: [1, 1],
  options: {
    alg: { value: `<${signingAlgs.join('|')}>`, says: 'kind of the new key; that of the present one when left out' },
  },
  examples: [
    ['bevis keys rotate norrsken', 'sign with a new key from now on; what the old one signed goes on verifying'],
  ],
  run: async ({ args: [institution = ''], values, out }) => {
    const alg = signingAlgs.find((one) => one === values.alg)
    if (values.alg !== undefined && alg === undefined)
      throw usage('alg', `${values.alg} is no kind of key we sign with`, `give one of ${signingAlgs.join(', ')}`)
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(institution))
      throw usage('institution', 'that is no institution id', 'see bevis keys list')
    const keys = openKeys()
    if (!(await keys.publicKeys()).some((row) => row.institution === institution)) throw unknown(institution)
    const fresh = await keys.rotate(institution, new Date().toISOString(), alg)
    out.data(
      () => `New key ${fresh.kid}\nvalid from ${localTime(fresh.from)}; earlier keys only verify from then on.`,
      fresh,
    )
    if (!out.json) out.note('The signing process publishes it before it first signs with it.')
    return 'ok'
  },
})

function openKeys(): KeyStore {
  const { signingKeysDir, signingSecretFile, publicUrl } = keySettings()
  return openKeyStore({ dir: signingKeysDir, secret: readSigningSecret(signingSecretFile), base: publicUrl })
}

function unknown(institution: string): CliError {
  const mend = 'see bevis keys list; the signing process makes an institution’s first key once its register is applied'
  return new CliError({ exit: 'not-found', code: 'keys/none', what: `${institution} has no key to rotate`, mend })
}
