/** A witness: it puts its name to one history of a log and to no second one; without it a log could show two faces (audit-log §6.3). */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { AuditError } from '#audit/errors.ts'
import { cosigner, mlDsaCosigner } from '#audit/note-key.ts'
import { readWitnessSeed } from '#config/secrets.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'

export const witness = command({
  takes: '',
  args: [0, 0],
  options: {},
  examples: [['bevis witness', 'answer logs on BEVIS_PORT, until SIGTERM (docs/witness.md)']],
  run: async () => {
    const { runWitnessProcess } = await import('../processes/witness.ts')
    await runWitnessProcess()
    return 'ok'
  },
})

export const key = command({
  takes: '<name> <file>',
  args: [2, 2],
  options: { 'ml-dsa': { says: 'a second key, of a kind that quantum computers do not break (ML-DSA-44)' } },
  examples: [
    [
      'bevis witness key witness.norrsken.example/w1 witness.key',
      'make the key if the file is not there, and print what others put into their policies',
    ],
    [
      'bevis witness key witness.norrsken.example/w1 witness.ml-dsa.key --ml-dsa',
      'the same for BEVIS_WITNESS_ML_DSA_KEY_FILE',
    ],
  ],
  run: async ({ args: [name = '', file = ''], values, out }) => {
    const made = !existsSync(file)
    // Before the file is written: a name that cannot be one must leave nothing behind.
    const seed = made ? Uint8Array.from(randomBytes(32)) : readWitnessSeed(file)
    const vkey = verifierKey(values['ml-dsa'] === true ? mlDsaCosigner : cosigner, name, seed)
    if (made) keep(file, seed)
    out.data(() => vkey, { name, file, vkey, made })
    if (!out.json)
      out.note(made ? `The key lies in ${file}, for you alone; back it up apart.` : `${file} was there already.`)
    return 'ok'
  },
})

function verifierKey(make: typeof cosigner, name: string, seed: Uint8Array): string {
  try {
    return make(name, seed).vkey
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    throw usage(
      'witness-name',
      `${name} cannot be a witness’s name`,
      'give one without spaces and plus, for instance witness.example.org/w1',
    )
  }
}

function keep(file: string, seed: Uint8Array): void {
  writeFileSync(file, seed, { mode: 0o600, flag: 'wx' })
  chmodSync(file, 0o600)
}
