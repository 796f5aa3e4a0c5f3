/** The register from the command line; without it an institution could not declare who it is and who may speak for it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { registerItems } from '#config/register/items.ts'
import type { KeysOverlay } from '#config/register/keys.ts'
import { loadRegister, type Register } from '#config/register/load.ts'
import type { RegisterProblem } from '#config/register/problems.ts'
import { type Db, inInstitution, listInstitutions } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { type AppliedRegister, applyRegister } from '#db/register.ts'
import { diffRegister } from '#db/register-diff.ts'
import { readItems } from '#db/register-read.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { readJsonInput } from '../input.ts'
import { institutionOf, institutionOption } from '../institution.ts'
import { emitterEntry } from '../nats-users.ts'
import type { Output } from '../output.ts'
import { isSame, registerDiffText } from '../register-diff-text.ts'
import { type Settings, settingsOf } from '../settings.ts'
import { pairs, table } from '../table.ts'

/** Whoever may write to the database from a shell is known to the operating system, not to us. */
const shell = { ref: 'cli', kind: 'service', role: 'operator' } as const

const keysOption = {
  keys: {
    value: '<file>',
    multiple: true,
    says: 'public keys of emitters beside the register: {"<emitter>": {"nkey", "jwk"}}',
  },
} as const

export const apply = command({
  takes: '<folder>',
  args: [1, 1],
  options: {
    ...keysOption,
    check: { says: 'only check; change nothing' },
  },
  examples: [
    ['bevis registry apply dev/register/norrsken', 'make this the register in force; again changes nothing'],
    ['bevis registry apply norrsken --check --json', 'every fault of the files, for an editor or a pipeline'],
  ],
  run: async ({ args: [folder = ''], values, out }) => {
    const register = load(folder, values.keys)
    if (values.check === true) {
      out.data(() => 'The register is sound; nothing was changed.', { valid: true })
      return 'ok'
    }
    const settings = settingsOf()
    const applied = await withDatabase(settings, async (db) => {
      const done = await applyRegister(db, registerItems(register), { by: shell })
      if (settings.isDevelopmentStack) await tellStack(settings, db, out)
      return done
    })
    tellApplied(out, register, applied)
    return 'ok'
  },
})

export const diff = command({
  takes: '<folder>',
  args: [1, 1],
  options: keysOption,
  examples: [
    ['bevis registry diff dev/register/norrsken', 'what applying it would add, change and remove, field by field'],
    ['bevis registry diff norrsken --json', 'exit 0 no difference, 1 differences, 6 it would be refused'],
  ],
  run: async ({ args: [folder = ''], values, out }) => {
    const register = load(folder, values.keys)
    const found = await withDatabase(settingsOf(), (db) => diffRegister(db, registerItems(register)))
    const { id } = register.institution
    out.data(() => registerDiffText(found, id, out.paint), { institution: id, same: isSame(found), ...found })
    if (found.conflicts.length > 0) return 'conflict'
    return isSame(found) ? 'ok' : 'failure'
  },
})

export const show = command({
  takes: '',
  args: [0, 0],
  options: institutionOption,
  examples: [['bevis registry show', 'what is in force: achievements, emitters, how many of the rest']],
  run: async ({ values, out }) => {
    const settings = settingsOf()
    const institution = await institutionOf(values.institution, settings)
    const found = await withDatabase(settings, (db) =>
      inInstitution(db, institution, async (tx) => ({
        row: await readInstitution(tx),
        achievements: await readItems(tx, 'achievement'),
        emitters: await readItems(tx, 'emitter'),
        people: (await readItems(tx, 'person')).length,
        appointments: (await readItems(tx, 'appointment')).length,
        organisations: (await readItems(tx, 'organisation')).length,
      })),
    )
    const { row, achievements, emitters, ...counts } = found
    const document = { institution, origin: row.origin, revision: row.revision, ...counts, achievements, emitters }
    const text = () =>
      [
        pairs([
          ['Institution', institution],
          ['Log', row.origin],
          ['Revision', String(row.revision)],
          ['People', `${counts.people}, ${counts.appointments} appointments, ${counts.organisations} organisations`],
        ]),
        '',
        table(
          achievements,
          [
            { head: 'ACHIEVEMENT', cell: ({ id, version }) => `${id}@${version}` },
            { head: 'BAND', cell: ({ band }) => band },
            { head: 'NAME', cell: ({ name }) => name.en, shrinks: true },
          ],
          'No achievements.',
        ),
        '',
        table(
          emitters,
          [
            { head: 'EMITTER', cell: ({ id }) => id },
            { head: 'OWNER', cell: ({ owner }) => owner.unit ?? owner.organisation, shrinks: true },
            { head: 'REPORTS', cell: ({ kinds }) => kinds.join(' '), shrinks: true },
            { head: 'SIGNED', cell: ({ signed }) => signed },
            { head: 'KEYS', cell: ({ keys, nkey }) => `${keys.length}${nkey === undefined ? '' : ' + NATS'}` },
          ],
          'No emitters.',
        ),
      ].join('\n')
    out.data(text, document)
    return 'ok'
  },
})

export const natsConfig = command({
  takes: '',
  args: [0, 0],
  options: {},
  examples: [['bevis registry nats-config > emitters.conf', 'entries for the list of users of the NATS account']],
  run: async ({ out }) => {
    const entries = await withDatabase(settingsOf(), emitterEntries)
    out.data(() => entries.join('\n'), { users: entries })
    if (entries.length === 0) out.note('No emitter in any register has a NATS key.')
    return 'ok'
  },
})

function load(folder: string, keyFiles: readonly string[] = []): Register {
  const keys = Object.assign({}, ...keyFiles.map(readKeys)) as KeysOverlay
  const loaded = loadRegister(resolve(folder), { keys })
  if (loaded.kind === 'register') return loaded.register
  const { problems } = loaded
  const what = `${problems.length === 1 ? 'one fault' : `${problems.length} faults`} in ${folder}; nothing was changed`
  throw new CliError({ exit: 'failure', code: 'register/invalid', what, mend: problems.map(line).join('\n') })
}

function line({ file, pointer, code, detail, advice }: RegisterProblem): string {
  return `${file || '(folder)'}${pointer === '' ? '' : ` ${pointer}`} ${detail} (${code}): ${advice}`
}

function readKeys(file: string): KeysOverlay {
  return readJsonInput(file) as KeysOverlay
}

/** More lines than this tell less than a count. */
const mostLines = 20

function tellApplied(out: Output, register: Register, { revision, changed }: AppliedRegister): void {
  const { id } = register.institution
  const head = changed.length === 0 ? 'Nothing changed' : `${changed.length} changes`
  const list = changed.length > mostLines ? countsOf(changed) : changesOf(changed)
  const text = () => [`${head}; revision ${revision} of ${id} is in force.`, ...list].join('\n')
  out.data(text, { institution: id, revision, changed })
}

type Change = AppliedRegister['changed'][number]

function changesOf(changed: readonly Change[]): string[] {
  return changed.map(({ change, kind, id }) => `  ${change.padEnd('changed'.length)}  ${kind} ${id}`)
}

function countsOf(changed: readonly Change[]): string[] {
  const counts = new Map<string, number>()
  for (const { change, kind } of changed) counts.set(`${kind} ${change}`, (counts.get(`${kind} ${change}`) ?? 0) + 1)
  return [...counts].map(([what, count]) => `  ${String(count).padStart(4)} ${what}`)
}

async function emitterEntries(db: Db): Promise<string[]> {
  const entries: string[] = []
  for (const institution of await listInstitutions(db)) {
    const emitters = await inInstitution(db, institution, (tx) => readItems(tx, 'emitter'))
    for (const { id: source, nkey } of emitters)
      if (nkey !== undefined) entries.push(emitterEntry({ institution, source }, nkey))
  }
  return entries
}

/** The stack of this checkout watches this file and lets its NATS read it anew. */
async function tellStack({ stackFolder }: Settings, db: Db, out: Output): Promise<void> {
  const file = join(stackFolder, 'nats', 'emitters.conf')
  const text = `${(await emitterEntries(db)).join('\n')}\n`
  if (current(file) === text) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  out.note('The NATS server of this checkout takes the emitters over.')
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
