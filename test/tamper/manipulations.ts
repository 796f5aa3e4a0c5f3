/**
 * Every manipulation of the detection matrix (audit-log §8), by whom it is tried, and which checks must show it. Most rows are SQL; what
 * the forger knows how to do well stands in forger.ts.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type postgres from 'postgres'
import { printAddCheckpoint } from '#audit/add-checkpoint.ts'
import { canonicalBytes } from '#audit/canonical.ts'
import { checkpointText, parseCheckpoint } from '#audit/checkpoint.ts'
import { type Entry, nextEntry } from '#audit/entry.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { appendEntries } from '#db/audit-log.ts'
import { inInstitution } from '#db/client.ts'
import { type LogNow, readLog } from '#db/log.ts'
import { type Role, roles } from '#db/rights.ts'
import { norrsken } from '../e2e/emitters.ts'
import type { CheckName } from './checks.ts'
import { disarm, entriesOf, rebuildLog, replaceLeaf, rewriteTrail, trailOf } from './forger.ts'
import type { Scene } from './golden.ts'
import { filesUnder, inPackage, leavesIn, rewordIn } from './package.ts'

/** Who does it. `owner`: whoever owns schema audit, triggers in place. `superuser`: everything lifted that can be lifted. */
export type Hand = 'application' | 'owner' | 'superuser' | 'log key' | 'files' | 'package'

export interface Manipulation {
  readonly what: string
  readonly hand: Hand
  /** Does it, or tries to: what is refused answers with the codes of the refusals. */
  readonly act: (scene: Scene) => Promise<readonly string[] | undefined>
  /** What must be said afterwards: `database` and `witness` answer in the act itself, the others are asked. */
  readonly shows: readonly (readonly [check: CheckName | 'database' | 'witness', code: string])[]
  /** Part of the short run inside `npm test`. */
  readonly short?: true
}

const wholeTrail = 'one of the issued cases'

/** Each role tries each statement; answers with the refusals, and with what was not refused. */
const triedBy =
  (names: readonly Role[], ...statements: readonly string[]) =>
  async (scene: Scene): Promise<readonly string[]> => {
    const codes = new Set<string>()
    for (const role of names) {
      const line = scene.as(role)
      for (const statement of statements) codes.add(await refusalOf(line, statement, `${role}: ${statement}`))
    }
    return [...codes]
  }

async function refusalOf(line: postgres.Sql, statement: string, name: string): Promise<string> {
  try {
    const answers = await line.begin(async (sql) => {
      await sql`select set_config('app.institution', ${norrsken}, true)`
      const { count } = await sql.unsafe(statement)
      return count
    })
    return `done ${answers} by ${name}`
  } catch (error) {
    return String(Reflect.get(error as object, 'code'))
  }
}

/** As the owner, who cannot log in: a superuser in their place. */
const asOwner =
  (...statements: readonly string[]) =>
  async ({ admin }: Scene): Promise<readonly string[]> => {
    const codes = new Set<string>()
    for (const statement of statements)
      codes.add(await refusalOf(admin, `set local role bevis_audit_owner; ${statement}`, `owner: ${statement}`))
    return [...codes]
  }

/** As superuser, nothing in the way; every statement must change something. */
const forced =
  (...statements: readonly string[]) =>
  async (scene: Scene): Promise<undefined> => {
    await disarm(scene)
    for (const statement of statements) {
      const { count } = await scene.admin.unsafe(statement)
      if (count === 0) throw new Error(`nothing to tamper with: ${statement}`)
    }
  }

/** A forged trail of the first issued case, or of the cleared one. */
const forgedTrail =
  (change: (entries: readonly Entry[]) => readonly Entry[], which: 'issued' | 'cleared' = 'issued') =>
  async (scene: Scene): Promise<undefined> => {
    await disarm(scene)
    const trail = await trailOf(scene, which === 'issued' ? (scene.golden.issued[0] ?? '') : scene.golden.cleared)
    await rewriteTrail(scene, trail, change(await entriesOf(scene, trail)))
  }

const forgedLog =
  (forge: (scene: Scene) => Promise<unknown>) =>
  async (scene: Scene): Promise<undefined> => {
    await forge(scene)
    await rebuildLog(scene)
  }

const milder = (entry: Entry): Entry =>
  entry.type === 'case.opened/1' ? { ...entry, data: { ...entry.data, promised: 'A' } } : entry

const changeOne = async (scene: Scene, which: 'issued' | 'cleared'): Promise<void> => {
  await disarm(scene)
  const trail = await trailOf(scene, which === 'issued' ? (scene.golden.issued[0] ?? '') : scene.golden.cleared)
  const [first] = await entriesOf(scene, trail)
  if (first !== undefined) await replaceLeaf(scene, milder(first))
}

/** Something honest happens and is logged: the world outside has seen more than the copy below will have. */
const later = async (scene: Scene): Promise<void> => {
  for (let told = 0; told < 3; told++) await waiting(scene)
  await scene.work()
}

/** Where database rows stood, put back: what a restore of an older copy does to the log. */
const restoredAfterwards = async (scene: Scene): Promise<void> => {
  await disarm(scene)
  const { admin } = scene
  await admin.unsafe(`create schema kept`)
  const tables = ['entry', 'trail', 'leaf', 'tile', 'log', 'checkpoint', 'pending']
  for (const table of tables) await admin.unsafe(`create table kept.${table} as table audit.${table}`)
  await later(scene)
  for (const table of tables) {
    const columns = await admin<{ name: string }[]>`select column_name as name from information_schema.columns
      where table_schema = 'audit' and table_name = ${table} and is_generated = 'NEVER'`
    const names = columns.map(({ name }) => name).join(', ')
    await admin.unsafe(
      `delete from audit.${table}; insert into audit.${table} (${names}) select ${names} from kept.${table}`,
    )
  }
}

/** What the witness answers to a checkpoint, by HTTP status. */
async function submitted(
  scene: Scene,
  {
    oldSize,
    size,
    root,
    proof = [],
  }: { oldSize: number; size: number; root: Uint8Array; proof?: readonly Uint8Array[] },
): Promise<readonly string[]> {
  const { origin } = scene.golden
  const note = signNote(checkpointText({ origin, size, root, extensions: [] }), [ed25519Signer(origin, scene.stolen)])
  const body = printAddCheckpoint({ oldSize, proof, note })
  const answers = await Promise.all(
    scene.witnesses.map((witness) => fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body })),
  )
  return [...new Set(answers.map(({ status }) => String(status)))]
}

const logNow = async (scene: Scene): Promise<LogNow> => {
  const now = await inInstitution(scene.db('bevis_sequencer'), norrsken, readLog)
  if (now === undefined) throw new Error('no log')
  return now
}

/** Changes the file whose path has this in it; of the parts of a tile the widest, which the checkpoint needs. */
const inFile =
  (part: string, change: (bytes: Buffer) => Buffer | undefined) =>
  (scene: Scene): Promise<undefined> => {
    const width = (path: string) => Number(basename(path)) || 0
    const [file] = filesUnder(scene.files)
      .filter((path) => path.includes(part))
      .toSorted((a, b) => width(b) - width(a))
    if (file === undefined) throw new Error(`no file ${part}`)
    const changed = change(readFileSync(file))
    if (changed === undefined) rmSync(file)
    else writeFileSync(file, changed)
    return Promise.resolve(undefined)
  }

const flipped = (bytes: Buffer): Buffer => {
  const at = Math.floor(bytes.length / 2)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return bytes
}

const everybody = roles
const butSequencer = roles.filter((role) => role !== 'bevis_sequencer')

export const manipulations: readonly Manipulation[] = [
  // As one of our own processes, or whoever has taken one over
  {
    what: 'edit, delete or empty entries',
    hand: 'application',
    act: triedBy(
      everybody,
      `update audit.entry set leaf = leaf`,
      `update audit.entry set trail = gen_random_uuid()`,
      `delete from audit.entry where n = 2`,
      `truncate audit.entry cascade`,
    ),
    shows: [['database', '42501']],
    short: true,
  },
  {
    what: 'insert an entry beside audit.append, move a head',
    hand: 'application',
    act: triedBy(
      everybody,
      `insert into audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf) select institution, trail, n + 1, entry_id || 'x', type, at, actor_kind, leaf from audit.entry limit 1`,
      `update audit.trail set n = n - 1`,
      `delete from audit.trail`,
    ),
    shows: [['database', '42501']],
    short: true,
  },
  {
    what: 'change positions or checkpoints',
    hand: 'application',
    act: triedBy(
      everybody,
      `update audit.leaf set idx = idx + 1`,
      `delete from audit.leaf`,
      `update audit.checkpoint set note = ''`,
      `delete from audit.checkpoint`,
    ),
    shows: [['database', '42501']],
    short: true,
  },
  {
    what: 'change the tree, unfreeze the log',
    hand: 'application',
    act: triedBy(
      butSequencer,
      `update audit.tile set hashes = ''`,
      `update audit.log set size = 0`,
      `update audit.log set frozen_because = null`,
    ),
    shows: [['database', '42501']],
    short: true,
  },
  {
    what: 'lift the triggers, play replica, become the owner',
    hand: 'application',
    act: triedBy(
      everybody,
      `alter table audit.entry disable trigger all`,
      `set local session_replication_role = replica`,
      `set local role bevis_audit_owner`,
      `drop function audit.refuse_change() cascade`,
    ),
    shows: [['database', '42501']],
    short: true,
  },
  {
    what: 'replace what a gate judged, or what evidence says',
    hand: 'application',
    act: triedBy(
      everybody,
      `update verdict set input = input`,
      `update verdict set result = result`,
      `update evidence set body = body`,
      `update credential set body = body`,
    ),
    shows: [['database', '42501']],
    short: true,
  },
  {
    what: 'append in somebody’s name, backdated or out of turn',
    hand: 'application',
    act: forgedAppends,
    shows: [['database', 'BV002']],
    short: true,
  },
  {
    what: 'roll the tree back with the log worker’s own rights',
    hand: 'application',
    act: async (scene) => {
      await refusalOf(scene.as('bevis_sequencer'), `update audit.log set size = 1, edge = '\\x00'`, '')
      return undefined
    },
    shows: [['log worker', 'behind-lock']],
  },

  // As the owner of schema audit, with the triggers where they are
  {
    what: 'edit, delete or empty entries, positions and checkpoints',
    hand: 'owner',
    act: asOwner(
      `update audit.entry set type = 'x'`,
      `delete from audit.entry where n = 2`,
      `truncate audit.entry cascade`,
      `update audit.leaf set idx = idx + 1`,
      `delete from audit.checkpoint`,
      `set local session_replication_role = replica`,
    ),
    shows: [
      ['database', '55000'],
      ['database', '42501'],
    ],
    short: true,
  },

  // As superuser
  {
    what: `edit an entry of ${wholeTrail}`,
    hand: 'superuser',
    act: async (scene) => {
      await changeOne(scene, 'issued')
      return undefined
    },
    shows: [
      ['verify', 'chain'],
      ['reconcile', 'entry-outside-log'],
    ],
    short: true,
  },
  {
    what: 'edit an entry of a case that is about to be signed',
    hand: 'superuser',
    act: async (scene) => {
      await changeOne(scene, 'cleared')
      return undefined
    },
    shows: [['signing worker', 'trail-broken']],
    short: true,
  },
  {
    what: 'rewrite the whole trail of a case that is about to be signed',
    hand: 'superuser',
    act: forgedTrail((entries) => entries.map(milder), 'cleared'),
    shows: [['signing worker', 'not-in-log']],
    short: true,
  },
  {
    what: 'put a checkpoint under it that no witness has seen',
    hand: 'superuser',
    act: async (scene) => {
      await disarm(scene)
      const { size, root } = await logNow(scene)
      const { origin } = scene.golden
      const note = signNote(checkpointText({ origin, size, root, extensions: [] }), [
        ed25519Signer(origin, scene.stolen),
      ])
      await scene.admin`update audit.checkpoint set note = ${note}`
      return undefined
    },
    shows: [['signing worker', 'CheckpointNotBelieved']],
  },
  {
    what: 'edit an entry that waits for its place in the log',
    hand: 'superuser',
    act: async (scene) => {
      await waiting(scene)
      await disarm(scene)
      await scene.admin`update audit.entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"success"', '"refused"'), 'UTF8')
        where (trail, n) in (select trail, n from audit.pending)`
      return undefined
    },
    shows: [['log worker', 'entry-changed']],
  },
  {
    what: 'delete an entry that waits for its place in the log',
    hand: 'superuser',
    act: async (scene) => {
      await waiting(scene)
      await disarm(scene)
      await scene.admin`delete from audit.entry where (trail, n) in (select trail, n from audit.pending)`
      return undefined
    },
    shows: [['log worker', 'entry-missing']],
  },
  {
    what: 'delete an entry in the middle',
    hand: 'superuser',
    act: forced(
      `delete from audit.entry where n = 3 and trail = (select min(trail::text)::uuid from audit.entry where type = 'case.issued/1')`,
    ),
    shows: [
      ['verify', 'sequence'],
      ['reconcile', 'place-without-entry'],
    ],
  },
  {
    what: 'delete an entry in the middle and renumber the rest',
    hand: 'superuser',
    act: forgedTrail((entries) => entries.filter((_, index) => index !== 2)),
    shows: [
      ['reconcile', 'entry-outside-log'],
      ['reconcile', 'place-without-entry'],
    ],
  },
  {
    what: 'insert an entry in the middle and renumber the rest',
    hand: 'superuser',
    act: forgedTrail((entries) =>
      entries.flatMap((one, index) => (index === 2 ? [one, { ...one, id: `${one.id}:again` }] : [one])),
    ),
    shows: [['reconcile', 'entry-outside-log']],
  },
  {
    what: 'put two entries in another order',
    hand: 'superuser',
    act: forgedTrail((entries) =>
      entries.map((one, index) => (index === 1 || index === 2 ? (entries[3 - index] ?? one) : one)),
    ),
    shows: [['reconcile', 'entry-outside-log']],
  },
  {
    what: 'relabel an entry to another trail',
    hand: 'superuser',
    act: async (scene) => {
      await disarm(scene)
      const [from, to] = await Promise.all(scene.golden.issued.map((id) => trailOf(scene, id)))
      const [foreign] = await entriesOf(scene, from ?? '')
      const own = await entriesOf(scene, to ?? '')
      await rewriteTrail(
        scene,
        to ?? '',
        own.map((one, index) => (index === 0 && foreign !== undefined ? { ...foreign, id: one.id, at: one.at } : one)),
      )
      return undefined
    },
    shows: [['reconcile', 'entry-outside-log']],
  },
  {
    what: 'cut the end off a trail, its seal with it',
    hand: 'superuser',
    act: forgedTrail((entries) => entries.slice(0, -1)),
    shows: [
      ['verify', 'seals'],
      ['reconcile', 'trail-unsealed'],
      ['reconcile', 'place-without-entry'],
    ],
    short: true,
  },
  {
    what: 'cut the end off a trail and build the log anew without it',
    hand: 'superuser',
    act: forgedLog(forgedTrail((entries) => entries.slice(0, -3))),
    shows: [
      ['heads', 'map-differs'],
      ['log worker', 'behind-lock'],
    ],
    short: true,
  },
  {
    what: 'rewrite an entry, its trail and the whole log, same size',
    hand: 'superuser',
    act: forgedLog(forgedTrail((entries) => entries.map(milder))),
    shows: [
      ['log worker', 'root-differs'],
      ['heads', 'map-differs'],
      ['signing worker', 'LogFrozen'],
    ],
    short: true,
  },
  {
    what: 'rewrite the whole log, then go on as if nothing had been',
    hand: 'superuser',
    act: async (scene) => {
      await forgedTrail((entries) => entries.map(milder))(scene)
      await rebuildLog(scene)
      await waiting(scene)
      return undefined
    },
    shows: [['log worker', 'inconsistent']],
  },
  {
    what: 'restore an older copy of the database',
    hand: 'superuser',
    act: async (scene) => {
      await restoredAfterwards(scene)
      return undefined
    },
    shows: [
      ['log worker', 'behind-lock'],
      ['signing worker', 'LogFrozen'],
    ],
    short: true,
  },
  {
    what: 'restore an older copy, and put the lock back as well',
    hand: 'superuser',
    act: async (scene) => {
      const held = await scene.lock.read(norrsken)
      await restoredAfterwards(scene)
      const now = await scene.lock.read(norrsken)
      await scene.lock.replace(norrsken, now, held?.note ?? '')
      await waiting(scene)
      return undefined
    },
    shows: [['log worker', 'witness-ahead']],
  },
  {
    what: 'the same, and write more than was lost before anybody looks',
    hand: 'superuser',
    act: async (scene) => {
      const held = await scene.lock.read(norrsken)
      await restoredAfterwards(scene)
      const now = await scene.lock.read(norrsken)
      await scene.lock.replace(norrsken, now, held?.note ?? '')
      for (let told = 0; told < 5; told++) await waiting(scene)
      return undefined
    },
    shows: [['log worker', 'witness-refuses']],
  },
  {
    what: 'date an entry back',
    hand: 'superuser',
    act: forgedTrail((entries) =>
      entries.map((one, index) => (index === 3 ? { ...one, at: '2020-01-01T00:00:00.000Z' } : one)),
    ),
    shows: [
      ['verify', 'time'],
      ['reconcile', 'entry-outside-log'],
    ],
  },
  {
    what: 'turn the clock of the trail forward, so that what follows is late',
    hand: 'superuser',
    act: forced(`update audit.entry set at = at + interval '1 hour', leaf = convert_to(replace(convert_from(leaf, 'UTF8'),
      to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      to_char((at + interval '1 hour') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), 'UTF8')
      where n = 2 and trail = (select min(trail::text)::uuid from audit.entry where type = 'case.issued/1')`),
    shows: [
      ['verify', 'time'],
      ['verify', 'chain'],
    ],
  },
  {
    what: 'issue beside the record: a signature that no trail tells of',
    hand: 'superuser',
    act: forced(
      `insert into credential select (jsonb_populate_record(x, '{"id": "cred_planted"}')).* from credential x limit 1`,
    ),
    shows: [
      ['reconcile', 'signature-untold'],
      ['reconcile', 'signature-unrequested'],
      ['reconcile', 'signature-uncleared'],
    ],
    short: true,
  },
  {
    what: 'set a status bit that nobody decided',
    hand: 'superuser',
    act: forced(`update status_slot set value = 1 where credential_id is not null`),
    shows: [['reconcile', 'bit-without-revocation']],
  },
  {
    what: 'let an event vanish: a number of its source never came in',
    hand: 'superuser',
    act: forced(
      `insert into emitter_sequence (institution, source, sequence, event_key) values ('${norrsken}', 'silent', 1, '\\x01'), ('${norrsken}', 'silent', 3, '\\x03')`,
    ),
    shows: [['gaps', 'silent 2']],
  },
  {
    what: 'replace what a gate judged of a case that is about to be signed',
    hand: 'superuser',
    act: forced(`update verdict v set input = o.input from verdict o where o.gate = v.gate and o.case_id <> v.case_id`),
    shows: [['signing worker', 'verdict-missing']],
    short: true,
  },
  {
    what: 'take away what opens the digest of a judged input',
    hand: 'superuser',
    act: forced(`delete from audit.disclosure`),
    shows: [['signing worker', 'input-changed']],
  },
  {
    what: 'exchange the evidence of two cases',
    hand: 'superuser',
    act: async (scene) => {
      await disarm(scene)
      await scene.admin`update evidence e set body = o.body from evidence o where o.id <> e.id and o.kind = e.kind and o.institution = e.institution`
      return undefined
    },
    shows: [['evidence', 'cannot-open']],
  },

  // With the stolen key of the log
  {
    what: 'sign a second history of the same size',
    hand: 'log key',
    act: async (scene) => {
      const { size } = await logNow(scene)
      return submitted(scene, { oldSize: size, size, root: new Uint8Array(32).fill(7) })
    },
    shows: [['witness', '422']],
    short: true,
  },
  {
    what: 'sign a longer history that does not go on from the one seen',
    hand: 'log key',
    act: async (scene) => {
      const { size } = await logNow(scene)
      return submitted(scene, {
        oldSize: size,
        size: size + 1,
        root: new Uint8Array(32).fill(7),
        proof: [new Uint8Array(32).fill(9)],
      })
    },
    shows: [['witness', '422']],
    short: true,
  },
  {
    what: 'sign a shorter history as if nothing had come after it',
    hand: 'log key',
    act: (scene) => submitted(scene, { oldSize: 0, size: 5, root: new Uint8Array(32).fill(7) }),
    shows: [['witness', '409']],
  },
  {
    what: 're-sign the whole history and publish it without witnesses',
    hand: 'log key',
    act: async (scene) => {
      await forgedTrail((entries) => entries.map(milder))(scene)
      await rebuildLog(scene)
      const { size, root } = await logNow(scene)
      const { origin } = scene.golden
      const text = checkpointText({ origin, size, root, extensions: [] })
      writeFileSync(join(scene.files, 'checkpoint'), signNote(text, [ed25519Signer(origin, scene.stolen)]))
      return undefined
    },
    shows: [
      ['policy', 'quorum-missed'],
      ['fsck', 'root-differs'],
      ['log worker', 'root-differs'],
    ],
    short: true,
  },

  // In the published files
  {
    what: 'change an entry in a bundle',
    hand: 'files',
    act: inFile('tile/entries/', flipped),
    shows: [['fsck', 'hash-differs']],
    short: true,
  },
  {
    what: 'change a hash in a tile',
    hand: 'files',
    act: inFile('tile/0/', flipped),
    shows: [['fsck', 'hash-differs']],
  },
  {
    what: 'take a bundle away',
    hand: 'files',
    act: inFile('tile/entries/', () => undefined),
    shows: [['fsck', 'missing']],
  },
  {
    what: 'cut a bundle short',
    hand: 'files',
    act: inFile('tile/entries/', (bytes) => bytes.subarray(0, bytes.length - 10)),
    shows: [['fsck', 'malformed']],
  },
  {
    what: 'change the size in the checkpoint',
    hand: 'files',
    act: inFile('checkpoint', (bytes) => {
      const { size } = parseCheckpoint(bytes.toString().slice(0, bytes.indexOf('\n\n') + 1))
      return Buffer.from(bytes.toString().replace(`\n${size}\n`, `\n${size - 1}\n`))
    }),
    shows: [
      ['fsck', 'signature-wrong'],
      ['policy', 'signature-wrong'],
    ],
    short: true,
  },
  {
    what: 'sign the checkpoint with another key of the same name',
    hand: 'files',
    act: inFile('checkpoint', (bytes) => {
      const text = bytes.toString().slice(0, bytes.indexOf('\n\n') + 1)
      const [origin = ''] = text.split('\n')
      return Buffer.from(signNote(text, [ed25519Signer(origin, new Uint8Array(32).fill(3))]))
    }),
    shows: [
      ['fsck', 'signature-missing'],
      ['policy', 'no-known-signature'],
    ],
  },

  // In a package on its way
  {
    what: 'change what an entry says',
    hand: 'package',
    act: rewordIn('/0001.json', /"promised":"[^"]+"/, '"promised":"A"'),
    shows: [
      ['package', 'chain'],
      ['package', 'inclusion'],
    ],
    short: true,
  },
  {
    what: 'leave out an entry in the middle',
    hand: 'package',
    act: inPackage((files) => {
      const path = leavesIn(files)[3] ?? ''
      files.delete(path)
      files.delete(path.replace('.json', '.tlog-proof'))
    }),
    shows: [['package', 'sequence']],
  },
  {
    what: 'leave out the end of the trail',
    hand: 'package',
    act: inPackage((files) => {
      for (const path of leavesIn(files).slice(-2)) {
        files.delete(path)
        files.delete(path.replace('.json', '.tlog-proof'))
      }
    }),
    shows: [['package', 'completeness']],
    short: true,
  },
  {
    what: 'exchange two entries with their proofs',
    hand: 'package',
    act: inPackage((files) => {
      const [, one = '', two = ''] = leavesIn(files)
      for (const alike of [(path: string) => path, (path: string) => path.replace('.json', '.tlog-proof')]) {
        const [a, b] = [files.get(alike(one)), files.get(alike(two))]
        if (a === undefined || b === undefined) throw new Error('nothing to exchange')
        files.set(alike(one), b)
        files.set(alike(two), a)
      }
    }),
    shows: [['package', 'sequence']],
  },
  {
    what: 'state another end of the trail in the map of heads',
    hand: 'package',
    act: rewordIn('heads.json', /"n":\d+/, '"n":3'),
    shows: [['package', 'completeness']],
  },
  {
    what: 'change a fact a gate judged by',
    hand: 'package',
    act: rewordIn('/inputs/', /"promised":"[^"]+"/, '"promised":"A"'),
    shows: [['package', 'replay']],
    short: true,
  },
  {
    what: 'let a recorded verdict say otherwise',
    hand: 'package',
    act: rewordIn('/verdicts/', /"outcome":"pass"/, '"outcome":"fail"'),
    shows: [['package', 'replay']],
  },
  {
    what: 'loosen the rules it was judged by',
    hand: 'package',
    act: inPackage((files) => {
      const path = [...files.keys()].find((one) => one.startsWith('rules/')) ?? ''
      files.set(
        path,
        Buffer.from((files.get(path)?.toString() ?? '').replace(/"validForMonths":\d+|"version":\d+/, '"version":99')),
      )
    }),
    shows: [['package', 'replay']],
  },
  {
    what: 'open a digest with another value',
    hand: 'package',
    act: inPackage((files) => {
      const path = [...files.keys()].find((one) => one.endsWith('/disclosures.json')) ?? ''
      const byEntry = JSON.parse(files.get(path)?.toString() ?? '{}') as Record<string, string[]>
      const [n = ''] = Object.keys(byEntry)
      const other = Buffer.from('["AAAAAAAAAAAAAAAAAAAAAA","event","another"]').toString('base64url')
      files.set(path, Buffer.from(canonicalBytes({ ...byEntry, [n]: [other] })))
    }),
    shows: [['package', 'disclosures']],
  },
  {
    what: 'put everything under a checkpoint that no witness has seen',
    hand: 'package',
    act: inPackage((files, scene) => {
      const text = (files.get('checkpoint.txt')?.toString() ?? '').split('\n\n')[0] ?? ''
      const note = signNote(`${text}\n`, [ed25519Signer(scene.golden.origin, scene.stolen)])
      const before = files.get('checkpoint.txt')?.toString() ?? ''
      for (const [path, bytes] of files) {
        if (path === 'checkpoint.txt') files.set(path, Buffer.from(note))
        else if (path.endsWith('.tlog-proof')) files.set(path, Buffer.from(bytes.toString().replace(before, note)))
      }
    }),
    shows: [['package', 'witnesses']],
    short: true,
  },
]

let told = 0

/** Something that waits for the sequencer, told honestly. */
async function waiting(scene: Scene): Promise<void> {
  told += 1
  await inInstitution(scene.db('bevis_sequencer'), norrsken, (tx) =>
    appendEntries(tx, [
      {
        trail: scene.golden.ownTrail,
        id: `waiting:${told}`,
        type: 'reconciliation.done/1',
        actor: { ref: 'log', kind: 'service', role: 'sequencer' },
        act: { meaning: 'reconciled', outcome: 'success' },
        data: { sources: 0, gaps: 0, found: 0 },
      },
    ]),
  )
}

/** Through the one door there is, with leaves that lie. */
async function forgedAppends(scene: Scene): Promise<readonly string[]> {
  const trail = await trailOf(scene, scene.golden.cleared)
  const [head] = await scene.admin<
    { n: string; head: Uint8Array }[]
  >`select n, head from audit.trail where trail = ${trail}`
  const [last] = (await entriesOf(scene, trail)).slice(-1)
  if (last === undefined || head === undefined) throw new Error('no trail')
  const { v: _v, log, trail: _t, n: _n, prev: _p, at: _at, ...draft } = last
  const at = new Date().toISOString()
  const next = nextEntry(
    { ...draft, id: `${draft.id}:forged` },
    { log, trail, n: Number(head.n), hash: new Uint8Array(head.head) },
    at,
  )
  const lies: readonly Entry[] = [
    { ...next, at: '2020-01-01T00:00:00.000Z' },
    { ...next, n: next.n + 1 },
    { ...next, prev: last.prev },
    { ...next, actor: { ref: 'someone', kind: 'human', role: 'examiner' } },
  ]
  const codes = new Set<string>()
  for (const lie of lies) {
    const hex = Buffer.from(JSON.stringify(lie)).toString('hex')
    const call = `select * from audit.append(array['${hex}'], null, null, null, null, null)`
    codes.add(await refusalOf(scene.as('bevis_pipeline'), call, JSON.stringify(lie)))
  }
  return [...codes]
}
