/** Done as superuser, everything lifted that can be lifted: what cannot be prevented must show. */
import { checkpointText } from '#audit/checkpoint.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { norrsken } from '../../e2e/emitters.ts'
import { disarm, entriesOf, rebuildLog, replaceLeaf, rewriteTrail, trailOf } from '../forger.ts'
import type { Scene } from '../golden.ts'
import { forgedTrail, logNow, milder, waiting } from './acts.ts'
import type { Manipulation } from './manipulation.ts'

const wholeTrail = 'one of the issued cases'

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

const forgedLog =
  (forge: (scene: Scene) => Promise<unknown>) =>
  async (scene: Scene): Promise<undefined> => {
    await forge(scene)
    await rebuildLog(scene)
  }

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

/** The same with the lock put back too, and so many entries told before anybody looks. */
const restoredWithLock =
  (more: number) =>
  async (scene: Scene): Promise<undefined> => {
    const held = await scene.lock.read(norrsken)
    await restoredAfterwards(scene)
    const now = await scene.lock.read(norrsken)
    await scene.lock.replace(norrsken, now, held?.note ?? '')
    for (let told = 0; told < more; told++) await waiting(scene)
  }

export const asSuperuser: readonly Manipulation[] = [
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
    what: 'take away the published checkpoint that a signature stands on',
    hand: 'superuser',
    act: forced(`delete from audit.checkpoint where size = (select min(proved_by) from signing_request)`),
    shows: [['reconcile', 'checkpoint-lost']],
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
    what: 'set the size of the log back, while entries wait',
    hand: 'superuser',
    act: async (scene) => {
      await waiting(scene)
      await scene.admin`update audit.log set size = size - 1`
      return undefined
    },
    shows: [['log worker', 'inconsistent']],
  },
  {
    what: 'cut the corners of the tree, while entries wait',
    hand: 'superuser',
    act: async (scene) => {
      await waiting(scene)
      await scene.admin`update audit.log set edge = substring(edge for octet_length(edge) - 32)`
      return undefined
    },
    shows: [['log worker', 'inconsistent']],
  },
  {
    what: 'cut a tile short, while entries wait',
    hand: 'superuser',
    act: async (scene) => {
      await waiting(scene)
      await scene.admin`update audit.tile set hashes = substring(hashes for octet_length(hashes) - 32) where level = 0`
      return undefined
    },
    shows: [['log worker', 'inconsistent']],
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
    act: restoredWithLock(1),
    shows: [['log worker', 'witness-ahead']],
  },
  {
    what: 'the same, and write more than was lost before anybody looks',
    hand: 'superuser',
    act: restoredWithLock(5),
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
]
