/** Tried as one of our own processes, or by whoever has taken one over. */
import { type Entry, nextEntry } from '#audit/entry.ts'
import { type Role, roles } from '#db/rights.ts'
import { entriesOf, trailOf } from '../forger.ts'
import type { Scene } from '../golden.ts'
import { refusalOf } from './acts.ts'
import type { Manipulation } from './manipulation.ts'

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

const everybody = roles
const butSequencer = roles.filter((role) => role !== 'bevis_sequencer')

export const asApplication: readonly Manipulation[] = [
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
]

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
