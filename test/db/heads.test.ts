/** Manifests of trail heads from the database: the same map that any copy of the log gives, told once, by whoever tells it. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { b64url } from '#audit/digest.ts'
import { absenceProblem, headProblem, manifestProblem } from '#audit/heads.ts'
import { type AppendedEntry, appendEntries } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { appendHeads, headsAsOf, newestHeads } from '#db/heads.ts'
import type { Role } from '#db/rights.ts'
import { tellHeads } from '#workers/log/heads.ts'
import { type Ground, judged, makeGround, north, south } from './ground.ts'

const origin = `log.example.test/${north}`
const trails = Array.from({ length: 30 }, () => randomUUID())

let ground: Ground
const told: AppendedEntry[] = []
beforeAll(async () => {
  ground = await makeGround()
  for (const [index, trail] of trails.entries()) {
    const drafts = Array.from({ length: 1 + (index % 4) }, (_, n) => judged(trail, `${trail}:${n}`))
    told.push(...(await within('bevis_pipeline', (tx) => appendEntries(tx, drafts))))
  }
  const elsewhere = randomUUID()
  await inInstitution(ground.as('bevis_pipeline'), south, (tx) => appendEntries(tx, [judged(elsewhere, elsewhere)]))
  await place()
})
afterAll(() => ground.dispose())

const within = <T>(role: Role, work: (tx: Tx) => Promise<T>) => inInstitution(ground.as(role), north, work)

/** Gives what waits its place in the log, in the order of waiting. */
async function place(): Promise<number> {
  await ground.admin`
    with taken as (delete from audit.pending returning *), size as (
      select institution, coalesce(max(idx) + 1, 0) as n from institution left join audit.leaf using (institution) group by institution
    )
    insert into audit.leaf (institution, idx, trail, n, leaf_hash)
    select t.institution, s.n + row_number() over (partition by t.institution order by t.pid) - 1, t.trail, t.n, t.leaf_hash
    from taken t join size s using (institution)`
  const [row] = await ground.admin<
    { size: string }[]
  >`select count(*) as size from audit.leaf where institution = ${north}`
  return Number(row?.size)
}

async function* leaves() {
  const rows = await ground.admin<{ leaf: Uint8Array }[]>`
    select e.leaf from audit.leaf l join audit.entry e using (institution, trail, n) where institution = ${north} order by idx`
  for (const { leaf } of rows) yield new Uint8Array(leaf)
}

describe('the map of the database', () => {
  test.each([0, 1, 7, 40, 73])(
    'is that of the log’s first %i entries, as the bytes alone give it',
    async (asOfSize) => {
      const map = await within('bevis_sequencer', (tx) => headsAsOf(tx, asOfSize))
      const manifest = { asOfSize, mapRoot: map.root, trails: map.size }
      expect(await manifestProblem(origin, manifest, leaves())).toBeUndefined()
      expect(map.size).toBe(new Set(told.slice(0, asOfSize).map(({ trail }) => trail)).size)
    },
  )

  test('proves where a trail stood then, and that a later one was not there', async () => {
    const size = 40
    const map = await within('bevis_api', (tx) => headsAsOf(tx, size, trails))
    for (const trail of trails) {
      const answer = map.answers.get(trail)
      const last = told.slice(0, size).findLast((one) => one.trail === trail)
      if (answer?.kind === 'there' && last !== undefined) {
        const end = { trail, n: last.n, head: b64url(last.leafHash) }
        expect(headProblem(map, end, answer.proof)).toBeUndefined()
      } else {
        expect([answer?.kind, last]).toEqual(['absent', undefined])
        expect(absenceProblem(map, trail, answer?.kind === 'absent' ? answer : {})).toBeUndefined()
      }
    }
  })

  test('is not made of entries that have no place yet', async () => {
    await expect(within('bevis_sequencer', (tx) => headsAsOf(tx, 10_000))).rejects.toThrow('fewer entries')
  })
})

describe('a manifest', () => {
  test('is told once for each size, in the institution’s own trail, and not for its own sake', async () => {
    const size = await place()
    const epoch = { everySeconds: 0 }
    expect(await tellHeads(ground.as('bevis_sequencer'), north, { ...epoch, size })).toBe(true)
    expect(await tellHeads(ground.as('bevis_sequencer'), north, { ...epoch, size })).toBe(false)
    const grown = await place()
    expect(grown).toBe(size + 1)
    expect(await tellHeads(ground.as('bevis_sequencer'), north, { ...epoch, size: grown })).toBe(false)
    const newest = await within('bevis_auditor', (tx) => newestHeads(tx))
    expect(newest).toMatchObject({ asOfSize: size, index: size, n: 1 })
  })

  test('waits until the one before is an epoch old', async () => {
    const trail = randomUUID()
    await within('bevis_pipeline', (tx) => appendEntries(tx, [judged(trail, trail), judged(trail, `${trail}:2`)]))
    const size = await place()
    const sequencer = ground.as('bevis_sequencer')
    expect(await tellHeads(sequencer, north, { size, everySeconds: 3600 })).toBe(false)
    await ground.admin.begin(async (sql) => {
      await sql`set local session_replication_role = replica`
      await sql`alter table audit.entry disable trigger entry_never_changes`
      await sql`update audit.entry set at = at - interval '2 hours', leaf = convert_to(replace(convert_from(leaf, 'UTF8'),
        to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        to_char((at - interval '2 hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), 'UTF8') where type = 'log.heads/1'`
      await sql`alter table audit.entry enable always trigger entry_never_changes`
    })
    expect(await tellHeads(sequencer, north, { size, everySeconds: 3600 })).toBe(true)
  })

  test('may be told by the API before it exports, and found as it stood at a checkpoint', async () => {
    const before = await within('bevis_api', (tx) => newestHeads(tx))
    const trail = randomUUID()
    await within('bevis_pipeline', (tx) => appendEntries(tx, [judged(trail, trail), judged(trail, `${trail}:2`)]))
    const size = await place()
    const manifest = await within('bevis_api', (tx) => appendHeads(tx, size))
    expect(manifest.asOfSize).toBe(size)
    expect(await within('bevis_api', (tx) => newestHeads(tx, size))).toMatchObject({ asOfSize: before?.asOfSize })
    expect(await within('bevis_api', (tx) => newestHeads(tx, size + 1))).toMatchObject({ asOfSize: before?.asOfSize })
    expect(await within('bevis_api', (tx) => newestHeads(tx))).toMatchObject({ asOfSize: size })
    expect(await place()).toBe(size + 1)
    expect(await within('bevis_api', (tx) => newestHeads(tx, size + 1))).toMatchObject({ asOfSize: size, index: size })
  })

  test('of an empty log is not told', async () => {
    expect(await tellHeads(ground.as('bevis_sequencer'), north, { size: 0, everySeconds: 0 })).toBe(false)
  })
})
