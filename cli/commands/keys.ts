/** Signing keys of institutions: which there are, a new one, the end of an old one. Private halves are never shown. */
import { readSigningSecret } from '#config/secrets.ts'
import { type KeyStore, openKeyStore, type PublicKeyRow, presentKey } from '#credentials/signing/keys.ts'
import { signingAlgs } from '#credentials/signing/public-key.ts'
import { inInstitution } from '#db/client.ts'
import { casesToSignWith } from '#db/credentials.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
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
          { head: 'KEY', cell: ({ kid }) => lastPart(kid) },
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

const dryRun = { 'dry-run': { says: 'only tell what would happen; change nothing' } } as const

export const rotate = command({
  takes: '<institution>',
  args: [1, 1],
  options: {
    alg: { value: `<${signingAlgs.join('|')}>`, says: 'kind of the new key; that of the present one when left out' },
    ...dryRun,
  },
  examples: [
    ['bevis keys rotate norrsken', 'sign with a new key from now on; what the old one signed goes on verifying'],
    ['bevis keys rotate norrsken --alg EdDSA --dry-run', 'which key would end, and what kind would come'],
  ],
  run: async ({ args: [institution = ''], values, out }) => {
    const alg = signingAlgs.find((one) => one === values.alg)
    if (values.alg !== undefined && alg === undefined)
      throw usage('alg', `${values.alg} is no kind of key we sign with`, `give one of ${signingAlgs.join(', ')}`)
    const keys = openKeys()
    const rows = await keysOf(keys, institution)
    if (values['dry-run'] === true) {
      const ends = rows.filter(({ until }) => until === undefined).map(({ kid }) => kid)
      const next = alg ?? presentKey(rows)?.alg ?? 'ES256'
      const lines = ends.map((kid) => `${kid} would only verify.`)
      out.data(() => [...lines, `A new ${next} key would sign. Nothing was changed.`].join('\n'), { ends, alg: next })
      return 'ok'
    }
    const fresh = await keys.rotate(institution, new Date().toISOString(), alg)
    out.data(
      () => `New key ${fresh.kid}\nvalid from ${localTime(fresh.from)}; earlier keys only verify from then on.`,
      fresh,
    )
    if (!out.json) out.note('The signing process publishes it before it first signs with it.')
    return 'ok'
  },
})

export const retire = command({
  takes: '<institution> <key>',
  args: [2, 2],
  options: dryRun,
  examples: [
    [
      'bevis keys retire norrsken hJm7WbKpWdI8j0gJkHnYdiRKKXBtJZTmzZrbJB0vF1k',
      'destroy the private half of a key that was rotated away; what it signed goes on verifying',
    ],
  ],
  run: async ({ args: [institution = '', named = ''], values, out }) => {
    const keys = openKeys()
    const row = (await keysOf(keys, institution)).find(({ kid }) => kid === named || lastPart(kid) === named)
    if (row === undefined) {
      const mend = `see bevis keys list ${institution}`
      throw new CliError({ exit: 'not-found', code: 'keys/unknown', what: `${institution} has no key ${named}`, mend })
    }
    if (row.until === undefined) {
      const mend = `bevis keys rotate ${institution} first; a key that signs is never retired`
      throw new CliError({ exit: 'conflict', code: 'keys/signs', what: `${named} is the key that signs now`, mend })
    }
    if (row.status !== 'retired') await refuseWhileItSigns(row, row.until)
    if (values['dry-run'] === true) {
      out.data(() => `The private half of ${row.kid} would be destroyed. Nothing was changed.`, row)
      return 'ok'
    }
    const retired = await keys.retire(institution, row.kid)
    out.data(() => `${retired.kid} has no private half any more; what it signed goes on verifying.`, retired)
    return 'ok'
  },
})

/** Longer than anything that is begun with a key takes, so that whatever was begun before the rotation stands in the database. */
const settlingMs = 10 * 60_000
const shown = 5

/**
 * What was to be signed with a key can be signed with no other (its moment lies in that key's window): without the private half
 * such a case could never be issued.
 * @throws CliError `keys/just-rotated`, `keys/still-to-sign`
 */
async function refuseWhileItSigns({ institution, kid }: PublicKeyRow, until: string): Promise<void> {
  const name = lastPart(kid)
  const settled = Date.parse(until) + settlingMs
  if (Date.now() < settled) {
    const mend = `what was begun with it may still be under way: retire it after ${localTime(new Date(settled).toISOString())}`
    throw new CliError({ exit: 'conflict', code: 'keys/just-rotated', what: `${name} signed until just now`, mend })
  }
  const waiting = await withDatabase({ config: keySettings() }, (db) =>
    inInstitution(db, as<InstitutionId>(institution), (tx) => casesToSignWith(tx, kid, shown + 1)),
  )
  if (waiting.length === 0) return
  const more = waiting.length > shown ? ' and more' : ''
  const what = `${name} has still to sign for ${waiting.slice(0, shown).join(', ')}${more}`
  const mend =
    'see that they are issued or end (bevis case show <case>, and that bevis work signing runs), then retire it'
  throw new CliError({ exit: 'conflict', code: 'keys/still-to-sign', what, mend })
}

const lastPart = (kid: string) => kid.slice(kid.lastIndexOf('/') + 1)

/** @throws CliError `usage/institution`, `keys/none` */
async function keysOf(keys: KeyStore, institution: string): Promise<PublicKeyRow[]> {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(institution))
    throw usage('institution', 'that is no institution id', 'see bevis keys list')
  const rows = (await keys.publicKeys()).filter((row) => row.institution === institution)
  if (rows.length > 0) return rows
  const mend = 'see bevis keys list; the signing process makes an institution’s first key once its register is applied'
  throw new CliError({ exit: 'not-found', code: 'keys/none', what: `${institution} has no keys`, mend })
}

function openKeys(): KeyStore {
  const { signingKeysDir, signingSecretFile, publicUrl } = keySettings()
  return openKeyStore({ dir: signingKeysDir, secret: readSigningSecret(signingSecretFile), base: publicUrl })
}
