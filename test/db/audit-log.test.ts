/** The trail as the database keeps it: what can be appended, by whom, and what nobody can change. */
import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { b64url } from '#audit/digest.ts'
import { openDisclosure } from '#audit/disclosure.ts'
import { buildLeaf, type Entry, genesis, nextEntry, parseLeaf } from '#audit/entry.ts'
import { leafHash } from '#audit/tree.ts'
import { verifyTrail } from '#audit/verify-trail.ts'
import { actorRef, appendEntries, type EntryDraft, readDisclosures, readTrail } from '#db/audit-log.ts'
import { inInstitution, list, sqlState, type Tx } from '#db/client.ts'
import type { Role } from '#db/rights.ts'
import { toInstant } from '#db/schema/columns.ts'
import { wholeTrails } from '#db/trails.ts'
import { as, type PersonId } from '#domain/words.ts'
import { type Ground, judged, learner, makeGround, north, south } from './ground.ts'

let ground: Ground
beforeAll(async () => {
  ground = await makeGround()
})
afterAll(() => ground.dispose())

const within = <T>(role: Role, work: (tx: Tx) => Promise<T>) => inInstitution(ground.as(role), north, work)
const appended = (drafts: readonly EntryDraft[], role: Role = 'bevis_pipeline') =>
  within(role, (tx) => appendEntries(tx, drafts))

describe('appending', () => {
  test('entries of a trail follow each other from the genesis on, without a gap', async () => {
    const trail = randomUUID()
    await appended([judged(trail, `${trail}:1`), judged(trail, `${trail}:2`)])
    await appended([judged(trail, `${trail}:3`)])
    const entries = (await within('bevis_auditor', (tx) => readTrail(tx, trail))).map((row) => ({
      hash: leafHash(row.leaf),
      stored: row.leafHash,
      said: parseLeaf(row.leaf),
    }))
    expect(entries.map(({ said }) => said.n)).toEqual([1, 2, 3])
    const before = [genesis(`log.example.test/${north}`, trail), ...entries.map(({ hash }) => hash)]
    expect(entries.map(({ said }) => said.prev)).toEqual(before.slice(0, 3).map(b64url))
    expect(entries.map(({ stored }) => b64url(stored))).toEqual(entries.map(({ hash }) => b64url(hash)))
  })

  test('answers where each entry went, in the order of the drafts', async () => {
    const [one, two] = [randomUUID(), randomUUID()]
    const drafts = [judged(two, `${two}:a`), judged(one, `${one}:a`), judged(two, `${two}:b`)]
    const answer = await appended(drafts)
    expect(answer.map(({ id, n }) => [id, n])).toEqual([
      [`${two}:a`, 1],
      [`${one}:a`, 1],
      [`${two}:b`, 2],
    ])
  })

  test('a draft recorded before is answered from the record and not repeated', async () => {
    const trail = randomUUID()
    const first = await appended([judged(trail, `${trail}:1`)])
    const second = await appended([judged(trail, `${trail}:1`), judged(trail, `${trail}:2`)])
    expect(second[0]).toEqual(first[0])
    expect(second[1]?.n).toBe(2)
    expect(await within('bevis_pipeline', (tx) => readTrail(tx, trail))).toHaveLength(2)
  })

  test('what was told in the trail of a life before is told again in the new one, once', async () => {
    const [before, now] = [randomUUID(), randomUUID()]
    const id = `${before}:opened`
    await appended([judged(before, id)])
    const again = [await appended([judged(now, id)]), await appended([judged(now, id)])]
    expect(again.flat().map(({ trail, n }) => [trail, n])).toEqual([
      [now, 1],
      [now, 1],
    ])
    expect(await within('bevis_pipeline', (tx) => readTrail(tx, now))).toHaveLength(1)
  })

  test('the same draft twice in one list becomes one entry', async () => {
    const trail = randomUUID()
    const answer = await appended([judged(trail, `${trail}:1`), judged(trail, `${trail}:1`)])
    expect(answer.map(({ n }) => n)).toEqual([1, 1])
  })

  test('a trail that is read while others append to it ends where its head says', async () => {
    const trail = randomUUID()
    await appended([judged(trail, `${trail}:0`)])
    let reads = 0
    const reading = async () => {
      const seen: unknown[] = []
      for (; reads < 150; reads += 1) {
        const whole = (await within('bevis_signing', (tx) => wholeTrails(tx, [trail]))).get(trail)
        seen.push(whole === undefined ? undefined : verifyTrail(whole.leaves, whole.expected).outcome)
      }
      return seen
    }
    const writing = async () => {
      let written = 0
      for (; reads < 150; written += 1) await appended([judged(trail, `${trail}:while-${written}`)])
      return written
    }
    const [outcomes, written] = await Promise.all([reading(), writing()])
    expect(written).toBeGreaterThan(10)
    expect(new Set(outcomes)).toEqual(new Set(['passed']))
  })

  test('an empty list touches nothing', async () => {
    expect(await appended([])).toEqual([])
  })

  test('what rolls back leaves neither entry nor head', async () => {
    const trail = randomUUID()
    const failing = within('bevis_pipeline', async (tx) => {
      await appendEntries(tx, [judged(trail, `${trail}:1`)])
      throw new Error('state change failed')
    })
    await expect(failing).rejects.toThrow('state change failed')
    expect(await within('bevis_pipeline', (tx) => readTrail(tx, trail))).toEqual([])
    expect(await ground.admin`select from audit.trail where trail = ${trail}`).toHaveLength(0)
  })

  test('every entry waits for the sequencer, in the order of its trail', async () => {
    const trail = randomUUID()
    const entries = await appended([1, 2, 3].map((n) => judged(trail, `${trail}:${n}`)))
    const waiting = await ground.admin<{ n: string; hash: Uint8Array }[]>`
      select n, leaf_hash as hash from audit.pending where trail = ${trail} order by pid`
    expect(waiting.map((row) => [Number(row.n), b64url(row.hash)])).toEqual(
      entries.map((row) => [row.n, b64url(row.leafHash)]),
    )
  })
})

describe('a seal', () => {
  const read = async (trail: string) =>
    (await within('bevis_auditor', (tx) => readTrail(tx, trail))).map(({ leaf }) => parseLeaf(leaf))
  const ending = (trail: string, id: string): EntryDraft => ({ ...judged(trail, id), seals: true })

  test('ends the trail and tells what stands before it', async () => {
    const trail = randomUUID()
    await appended([ending(trail, `${trail}:1`), judged(trail, `${trail}:2`)])
    const entries = await read(trail)
    expect(entries.map(({ id }) => id)).toEqual([`${trail}:1`, `${trail}:2`, `${trail}:2:sealed`])
    expect(entries[2]?.data).toEqual({ count: 2, head: entries[2]?.prev })
  })

  test('is followed by another whenever something is told later, by whatever role', async () => {
    const trail = randomUUID()
    await appended([ending(trail, `${trail}:1`)])
    await appended([judged(trail, `${trail}:2`)], 'bevis_signing')
    await appended([judged(trail, `${trail}:3`)], 'bevis_intake')
    const entries = await read(trail)
    expect(entries.map(({ type }) => type === 'trail.sealed/1')).toEqual([false, true, false, true, false, true])
    expect(entries.at(-1)?.data).toEqual({ count: 5, head: entries.at(-1)?.prev })
  })

  test('is not repeated with the entries it seals', async () => {
    const trail = randomUUID()
    await appended([ending(trail, `${trail}:1`)])
    await appended([ending(trail, `${trail}:1`)])
    expect(await read(trail)).toHaveLength(2)
  })

  test('touches no other trail of the same list', async () => {
    const [one, two] = [randomUUID(), randomUUID()]
    await appended([ending(one, `${one}:1`), judged(two, `${two}:1`)])
    expect((await read(two)).map(({ n }) => n)).toEqual([1])
  })
})

describe('eight writers at once', () => {
  test('lists over the same trails in any order neither deadlock nor leave a gap', async () => {
    const trails = Array.from({ length: 20 }, () => randomUUID())
    const rounds = 10
    const write = async (writer: number) => {
      for (let round = 0; round < rounds; round++) {
        const turned = [...trails.slice((writer * 3 + round) % 20), ...trails.slice(0, (writer * 3 + round) % 20)]
        const order = writer % 2 === 0 ? turned : turned.toReversed()
        await appended(order.map((trail) => judged(trail, `${trail}:${writer}:${round}`)))
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)))
    for (const trail of trails) {
      const stored = await within('bevis_pipeline', (tx) => readTrail(tx, trail))
      expect(stored.map((row) => row.n)).toEqual(Array.from({ length: 8 * rounds }, (_, i) => i + 1))
      const said = stored.map((row) => parseLeaf(row.leaf))
      expect(said.slice(1).map((one) => one.prev)).toEqual(stored.slice(0, -1).map((row) => b64url(row.leafHash)))
    }
  })

  test('the same entries from all of them are recorded once', async () => {
    const trail = randomUUID()
    const drafts = [judged(trail, `${trail}:1`), judged(trail, `${trail}:2`)]
    const answers = await Promise.all(Array.from({ length: 8 }, () => appended(drafts)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await within('bevis_pipeline', (tx) => readTrail(tx, trail))).toHaveLength(2)
  })
})

describe('who may speak', () => {
  const authn = { acr: 'https://refeds.org/profile/mfa', auth_time: 1_772_359_000 }
  const acting = (kind: 'human' | 'service' | 'workflow'): EntryDraft => ({
    trail: randomUUID(),
    id: `case_x:refuse:${randomUUID()}`,
    type: 'case.refused/1',
    actor: { ref: 'someone', kind, role: 'officer', ...(kind === 'human' ? { authn } : {}) },
    act: { meaning: 'refuse', outcome: 'success', reason: 'below-promise' },
  })
  const allowed: Record<string, readonly Role[]> = {
    human: ['bevis_api'],
    service: ['bevis_api', 'bevis_intake', 'bevis_pipeline', 'bevis_signing', 'bevis_sequencer'],
    workflow: ['bevis_intake', 'bevis_pipeline', 'bevis_signing'],
  }
  const writers: readonly Role[] = ['bevis_api', 'bevis_intake', 'bevis_pipeline', 'bevis_signing', 'bevis_sequencer']

  for (const kind of ['human', 'service', 'workflow'] as const) {
    for (const role of writers) {
      const may = allowed[kind]?.includes(role) === true
      test(`${role} ${may ? 'may' : 'may not'} append as ${kind}`, async () => {
        const attempt = appended([acting(kind)], role)
        if (may) expect(await attempt).toHaveLength(1)
        else await expect(attempt).rejects.toMatchObject({ cause: { code: 'BV002', detail: 'actor' } })
      })
    }
  }

  for (const role of ['bevis_relay', 'bevis_auditor'] as const) {
    test(`${role} may append nothing`, async () => {
      await expect(appended([acting('service')], role)).rejects.toMatchObject({ cause: { code: '42501' } })
    })
  }

  test('the superuser is nobody to the log, and lends no name by SET ROLE', async () => {
    const attempt = ground.admin.begin(async (tx) => {
      await tx`select set_config('app.institution', ${north}, true)`
      await tx`set local role bevis_api`
      const trail = randomUUID()
      const [head] = await tx<{ at: string; origin: string }[]>`
        select at::text as at, origin from audit.heads(array[${trail}]::uuid[])`
      const leaf = buildLeaf(
        nextEntry(
          { ...acting('human') },
          { log: head?.origin ?? '', trail, n: 0, hash: new Uint8Array() },
          toInstant(head?.at ?? ''),
        ),
      )
      await tx`select audit.append(array[${Buffer.from(leaf).toString('hex')}], '{}', '{}', '{}', '{}', '{}')`
    })
    await expect(attempt).rejects.toMatchObject({ code: 'BV002', detail: 'actor' })
  })

  test('an institution that is not registered has no log', async () => {
    const attempt = inInstitution(ground.as('bevis_pipeline'), as('unheard-of'), (tx) =>
      appendEntries(tx, [judged(randomUUID(), 'x')]),
    )
    await expect(attempt).rejects.toMatchObject({ cause: { code: 'BV001' } })
  })
})

describe('a leaf the caller made up', () => {
  /** Hands the database a leaf that the house would not build. */
  const forge = (change: (entry: Entry) => unknown, extra: { digest?: string } = {}) =>
    within('bevis_pipeline', async (tx) => {
      const trail = randomUUID()
      const [row] = await tx.execute<{ at: string; origin: string; head: Uint8Array }>(
        sql`select at::text as at, origin, head from audit.heads(${list([trail])}::uuid[])`,
      )
      if (row === undefined) throw new Error('no head')
      const { trail: _, private: __, ...draft } = judged(trail, `${trail}:1`)
      const honest = nextEntry(
        { ...draft, _sd: [b64url(row.head)] },
        { log: row.origin, trail, n: 0, hash: row.head },
        toInstant(row.at),
      )
      const leaf = Buffer.from(JSON.stringify(change(honest))).toString('hex')
      const digests = extra.digest === undefined ? [] : [extra.digest]
      await tx.execute(sql`select * from audit.append(${list([leaf])}::text[], ${list(digests.map(() => 1))}::integer[],
        ${list(digests.map(() => 0))}::integer[], ${list(digests)}::text[], ${list(digests.map(() => learner))}::text[],
        ${list(digests.map(() => '00'))}::text[])`)
    })

  test('passes when it is honest', async () => {
    await expect(forge((entry) => entry)).resolves.toBeUndefined()
  })

  const sealing = (entry: Entry, data: Entry['data']) => ({ ...entry, type: 'trail.sealed/1', data })
  const lies: readonly (readonly [string, (entry: Entry) => unknown, string])[] = [
    ['a gap in n', (entry) => ({ ...entry, n: 2 }), 'n'],
    ['n that is no number', (entry) => ({ ...entry, n: undefined }), 'n'],
    ['a wrong predecessor', (entry) => ({ ...entry, prev: b64url(leafHash(Buffer.from('x'))) }), 'prev'],
    ['a time before the transaction', (entry) => ({ ...entry, at: '2020-01-01T00:00:00.000Z' }), 'at'],
    ['a time to come', (entry) => ({ ...entry, at: '2999-01-01T00:00:00.000Z' }), 'at'],
    ['no time', (entry) => ({ ...entry, at: undefined }), 'at'],
    ["another institution's log", (entry) => ({ ...entry, log: `log.example.test/${south}` }), 'log'],
    ['another envelope', (entry) => ({ ...entry, v: 'bevis-audit/2' }), 'version'],
    ['a person as actor', (entry) => ({ ...entry, actor: { ...entry.actor, kind: 'human' } }), 'actor'],
    ['an unheard-of kind of actor', (entry) => ({ ...entry, actor: { ...entry.actor, kind: 'ghost' } }), 'actor'],
    ['no actor', (entry) => ({ ...entry, actor: undefined }), 'actor'],
    ['a seal over another number', (entry) => sealing(entry, { count: 1, head: entry.prev }), 'seal'],
    [
      'a seal over another head',
      (entry) => sealing(entry, { count: 0, head: b64url(leafHash(Buffer.from('x'))) }),
      'seal',
    ],
    ['a trail whose head was not asked for', (entry) => ({ ...entry, trail: randomUUID() }), 'n'],
  ]
  for (const [lie, change, what] of lies) {
    test(`with ${lie} is refused`, async () => {
      await expect(forge(change)).rejects.toMatchObject({ cause: { code: 'BV002', detail: what } })
    })
  }

  test('is dated no earlier than the entry before it, also where the clock was ahead when that was written', async () => {
    const trail = randomUUID()
    await within('bevis_pipeline', (tx) => appendEntries(tx, [judged(trail, `${trail}:1`)]))
    const ahead = '2999-01-01T00:00:00.000Z'
    await ground.admin`update audit.trail set at = ${ahead} where trail = ${trail}`
    const [second] = await within('bevis_pipeline', (tx) => appendEntries(tx, [judged(trail, `${trail}:2`)]))
    expect(second?.at).toBe(ahead)
    const earlier = within('bevis_pipeline', async (tx) => {
      const [row] = await tx.execute<{ n: string; origin: string; head: Uint8Array }>(
        sql`select n, origin, head from audit.heads(${list([trail])}::uuid[])`,
      )
      if (row === undefined) throw new Error('no head')
      const { trail: _, private: __, ...draft } = judged(trail, `${trail}:3`)
      const now = toInstant(new Date().toISOString())
      const entry = nextEntry(draft, { log: row.origin, trail, n: Number(row.n), hash: row.head }, now)
      const leaf = Buffer.from(JSON.stringify(entry)).toString('hex')
      await tx.execute(sql`select * from audit.append(${list([leaf])}::text[], null, null, null, null, null)`)
    })
    await expect(earlier).rejects.toMatchObject({ cause: { code: 'BV002', detail: 'at' } })
  })

  test('with a disclosure it does not commit to is refused', async () => {
    const attempt = forge((entry) => entry, { digest: b64url(leafHash(Buffer.from('other'))) })
    await expect(attempt).rejects.toMatchObject({ cause: { code: 'BV002', detail: 'disclosure' } })
  })

  test('with a trail or time spelled another way is refused', async () => {
    await expect(forge((entry) => ({ ...entry, trail: entry.trail.toUpperCase() }))).rejects.toMatchObject({
      cause: { code: '23514' },
    })
    await expect(forge((entry) => ({ ...entry, at: entry.at.replace('Z', '+00:00') }))).rejects.toMatchObject({
      cause: { code: '23514' },
    })
  })

  test('larger than a log can hold is refused', async () => {
    await expect(forge((entry) => ({ ...entry, data: { pad: 'x'.repeat(70_000) } }))).rejects.toMatchObject({
      cause: { code: '23514' },
    })
  })

  test('no column of an entry may differ from its bytes, not even for the superuser', async () => {
    const trail = randomUUID()
    await appended([judged(trail, `${trail}:1`)])
    const columns = {
      n: '2',
      trail: `'${randomUUID()}'`,
      entry_id: `'other'`,
      type: `'case.refused/1'`,
      at: `at + interval '1 second'`,
      actor_kind: `'human'`,
      institution: `'${south}'`,
    }
    for (const [column, value] of Object.entries(columns)) {
      const names = ['institution', 'trail', 'n', 'entry_id', 'type', 'at', 'actor_kind', 'leaf']
      const picked = names.map((name) => (name === column ? value : name === 'entry_id' ? `entry_id` : name))
      const attempt = ground.admin.unsafe(
        `insert into audit.entry (${names.join(', ')}) select ${picked.join(', ')} from audit.entry where trail = '${trail}'`,
      )
      await expect(attempt, column).rejects.toMatchObject({ code: '23514' })
    }
  })

  test('nobody can give an entry a leaf hash of their own', async () => {
    const attempt = ground.admin`insert into audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf, leaf_hash)
      select institution, trail, n, entry_id, type, at, actor_kind, leaf, '\\x00'::bytea from audit.entry limit 1`
    await expect(attempt).rejects.toMatchObject({ code: '428C9' })
  })
})

describe('what is written stays', () => {
  const attempts = {
    'changing an entry': `update audit.entry set type = 'x'`,
    'deleting an entry': 'delete from audit.entry',
    'emptying the entries': 'truncate audit.entry',
    'ending a trail': 'delete from audit.trail',
    'emptying the trails': 'truncate audit.trail',
  }
  for (const [what, statement] of Object.entries(attempts)) {
    test(`${what} is refused, also as superuser and as replica`, async () => {
      await appended([judged(randomUUID(), `stays:${randomUUID()}`)])
      await expect(ground.admin.unsafe(statement)).rejects.toMatchObject({ code: '55000' })
      const asReplica = ground.admin.begin(async (tx) => {
        await tx`set local session_replication_role = replica`
        await tx.unsafe(statement)
      })
      await expect(asReplica).rejects.toMatchObject({ code: '55000' })
    })
  }
})

describe('private values', () => {
  test('stand in no leaf, and open against its digests for who holds the key', async () => {
    const trail = randomUUID()
    const secret = { name: 'note', value: 'seventeen points', subject: learner }
    await appended([{ ...judged(trail, `${trail}:1`), private: [secret] }])
    const [row] = await within('bevis_pipeline', (tx) => readTrail(tx, trail))
    const [shown] = await within('bevis_pipeline', (tx) => readDisclosures(tx, trail, [learner]))
    const leaf = Buffer.from(row?.leaf ?? []).toString()
    expect(leaf).not.toContain('seventeen')
    expect(openDisclosure(shown?.disclosure ?? '', parseLeaf(Buffer.from(leaf))._sd ?? [])).toMatchObject({
      kind: 'opened',
      name: 'note',
      value: 'seventeen points',
    })
  })

  test('lie encrypted in the store', async () => {
    const trail = randomUUID()
    const secret = { name: 'note', value: 'a most recognisable remark', subject: learner }
    await appended([{ ...judged(trail, `${trail}:1`), private: [secret] }])
    const [row] = await ground.admin<{ body: Uint8Array }[]>`select body from audit.disclosure where trail = ${trail}`
    const plain = Buffer.from(row?.body ?? []).toString('latin1')
    expect(plain).not.toContain('recognisable')
    expect(plain).not.toContain(Buffer.from('recognisable').toString('base64url').slice(2, 12))
  })

  test('can be erased, and the chain still holds', async () => {
    const trail = randomUUID()
    await appended([judged(trail, `${trail}:1`), judged(trail, `${trail}:2`)])
    const before = await within('bevis_pipeline', (tx) => readTrail(tx, trail))
    await ground.admin`delete from audit.disclosure where trail = ${trail}`
    expect(await within('bevis_pipeline', (tx) => readDisclosures(tx, trail, [learner]))).toEqual([])
    expect(await within('bevis_pipeline', (tx) => readTrail(tx, trail))).toEqual(before)
    expect((await appended([judged(trail, `${trail}:3`)]))[0]?.n).toBe(3)
  })

  test('are gone with the key of their subject, others stay', async () => {
    const trail = randomUUID()
    const [gone, stays] = [as<PersonId>('pers_gone'), as<PersonId>('pers_stays')]
    const secrets = [gone, stays].map((subject) => ({ name: 'n', value: subject, subject }))
    await appended([{ ...judged(trail, `${trail}:1`), private: secrets }])
    await ground.admin`delete from subject_key where subject = ${gone}`
    const shown = await within('bevis_pipeline', (tx) => readDisclosures(tx, trail, [gone, stays]))
    expect(shown.map((one) => one.subject)).toEqual([stays])
    expect(await ground.admin`select from subject_key where subject = ${gone}`).toHaveLength(0)
  })
})

describe('one institution never meets another', () => {
  test('the same entry id may stand in both logs, and each reads its own', async () => {
    const trail = randomUUID()
    const [mine, theirs] = [judged(trail, 'case_same:open:1'), judged(trail, 'case_same:open:1')]
    await appended([mine])
    await inInstitution(ground.as('bevis_pipeline'), south, (tx) => appendEntries(tx, [theirs]))
    const logs = await Promise.all(
      [north, south].map((id) => inInstitution(ground.as('bevis_auditor'), id, (tx) => readTrail(tx, trail))),
    )
    expect(logs.map((rows) => rows.map((row) => parseLeaf(row.leaf).log))).toEqual([
      [`log.example.test/${north}`],
      [`log.example.test/${south}`],
    ])
  })

  test('a person has another name in each log', () => {
    const keys = ground.world.secrets
    expect(actorRef(keys, north, learner)).toBe(actorRef(keys, north, learner))
    expect(actorRef(keys, north, learner)).not.toBe(actorRef(keys, south, learner))
  })
})

test('an error of the database tells its SQLSTATE however deep it is wrapped', async () => {
  const failing = within('bevis_pipeline', (tx) => tx.execute(sql`select 1 / 0`))
  expect(sqlState(await failing.catch((error: unknown) => error))).toBe('22012')
})
