import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signDetached } from '#credentials/signing/jws.ts'
import { applyRegister } from '#db/register.ts'
import type { RegisterItem } from '#db/register-items.ts'
import { as, type CaseId, type Instant } from '#domain/words.ts'
import { achievementId, openCourses } from './achievement.ts'
import { caseToDecide } from './cases.ts'
import { type ApiWorld, applier, createApiWorld, institution, registerOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken'

describe('evidence that a person hands in', () => {
  let w: ApiWorld
  let caseId: CaseId
  let sign: (bytes: Uint8Array) => Promise<string>
  beforeAll(async () => {
    w = await createApiWorld({ temporal: true })
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const kid = 'timetable-key'
    sign = (bytes) => signDetached({ alg: 'ES256', key: privateKey }, bytes, kid)
    const jwk = { ...(await exportJWK(publicKey)), kid } as unknown as Record<string, string>
    const keys = [{ kid, jwk, from: as<Instant>('2020-01-01T00:00:00.000Z') }]
    const emitter = { ...openCourses().body, id: 'timetable', kinds: ['participation'], signed: 'required', keys }
    const item = { kind: 'emitter', id: 'timetable', body: emitter } as RegisterItem
    const { items } = registerOf(institution)
    await applyRegister(w.db, { ...registerOf(institution), items: [...items, item] }, { by: applier })
    caseId = await caseToDecide(w, { offering: 'autumn' })
  })
  afterAll(() => w.dispose())

  const eventOf = (id: string, changes: object = {}) => ({
    specversion: '1.0',
    id,
    source: 'timetable',
    institution,
    sequence: Number(id),
    type: 'org.beviskedja.participation.recorded.v1',
    datacontenttype: 'application/json',
    data: {
      learner: { scheme: 'oidc', value: 'learner' },
      achievement: achievementId,
      offering: 'autumn',
      attempt: 1,
      from: '2026-02-01T08:00:00Z',
      until: '2026-02-01T10:00:00Z',
      teaching: { organisation: 'norrsken', teachers: [{ scheme: 'oidc', value: 'examiner' }], complete: true },
      ...changes,
    },
  })
  const handIn = async (event: object, { who = 'officer', signature }: { who?: Somebody; signature?: string } = {}) => {
    const bytes = Buffer.from(JSON.stringify(event))
    const body = {
      event: bytes.toString('base64'),
      signature: signature ?? (await sign(bytes)),
      reason: 'supplement-asked-for',
    }
    const response = await w.ask(who, `${base}/cases/${caseId}/evidence`, { body })
    return [response.status, (await response.json()) as Record<string, unknown>] as const
  }
  const entries = async () => {
    const trail = await (await w.ask('officer', `${base}/cases/${caseId}/trail?purpose=audit`)).json()
    return (trail as { entries: { entry: { type: string; data: object } }[] }).entries.map(({ entry }) => entry)
  }

  test('goes through intake like any other: told in the officer’s name, and the case is judged again', async () => {
    const version = async () =>
      ((await (await w.ask('officer', `${base}/cases/${caseId}`)).json()) as { evidenceVersion: number })
        .evidenceVersion
    const before = await version()
    const [status, taken] = await handIn(eventOf('1'))
    expect([status, taken]).toMatchObject([200, { caseId, outcome: 'taken' }])
    expect(await version()).toBe(before + 1)
    expect(await handIn(eventOf('1'))).toMatchObject([200, { outcome: 'duplicate', evidence: taken['evidence'] }])
    expect(await version()).toBe(before + 1)
    const { evidence } = taken as { evidence: string }
    const told = (await entries()).slice(-2)
    expect(told).toMatchObject([
      {
        type: 'evidence.handed-in/1',
        actor: { kind: 'human', role: 'officer' },
        data: { evidence, source: 'timetable' },
      },
      { type: 'evidence.received/1', actor: { kind: 'service' }, data: { evidence } },
    ])
  })

  test('is refused when it is about somebody or something else, and nothing is written', async () => {
    const before = (await entries()).length
    for (const changes of [{ offering: 'spring' }, { attempt: 2 }, { learner: { scheme: 'oidc', value: 'officer' } }])
      expect(await handIn(eventOf('2', changes))).toMatchObject([422, { code: 'other_case' }])
    const faulty = eventOf('2', { attempt: 'first' })
    expect(await handIn(faulty)).toMatchObject([400, { errors: [{ pointer: '/event/data/attempt' }] }])
    expect(await handIn(eventOf('2'), { who: 'reviewer' })).toMatchObject([403, { code: 'role_required' }])
    expect(await entries()).toHaveLength(before)
  })

  test('counts for nothing without the emitter’s own signature: no officer can vouch for it', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    const event = eventOf('3')
    const signature = await signDetached(
      { alg: 'ES256', key: privateKey },
      Buffer.from(JSON.stringify(event)),
      'timetable-key',
    )
    expect(await handIn(event, { signature })).toMatchObject([422, { code: 'evidence_refused' }])
    expect((await entries()).at(-1)).toMatchObject({ type: 'evidence.handed-in/1' })
  })

  test('every look at it can be asked for: who, what, when and why', async () => {
    const list = async (query = '', who: Somebody = 'officer') => {
      const response = await w.ask(who, `${base}/access-log${query}`)
      return [response.status, (await response.json()) as { next: string }] as const
    }
    const { items } = (await (await w.ask('reviewer', `${base}/cases/${caseId}/evidence`)).json()) as {
      items: { id: string }[]
    }
    const id = items[0]?.id
    await w.ask('reviewer', `${base}/cases/${caseId}/evidence/${id}?purpose=appeal`)
    const look = { person: 'pers_reviewer', role: 'external-reviewer', what: 'evidence', purpose: 'appeal', caseId, id }
    const [, latest] = await list('?limit=1')
    expect(latest).toMatchObject({ items: [look], prev: null })
    const [, next] = await list(`?limit=1&cursor=${encodeURIComponent(latest.next)}`)
    expect(next).toMatchObject({ items: [{ person: 'pers_officer', what: 'trail', purpose: 'audit' }] })
    expect(await list(`?person=pers_reviewer&case=${caseId}&what=evidence`)).toMatchObject([
      200,
      { items: [look], next: null },
    ])
    expect(await list('?person=pers_decider')).toMatchObject([200, { items: [] }])
    expect(await list('?until=2020-01-01T00:00:00Z')).toMatchObject([200, { items: [] }])
    expect((await list('', 'operator'))[0]).toBe(403)
  })

  test('the numbers tell of many, never of one', async () => {
    const response = await w.ask('operator', `${base}/statistics?test=true`)
    expect([response.status, await response.json()]).toMatchObject([
      200,
      {
        smallest: 5,
        counts: { state: [{ name: 'deciding', count: null }], band: [{ name: 'C2-D', count: null }] },
        durations: [],
      },
    ])
    expect(await (await w.ask('officer', `${base}/statistics`)).json()).toMatchObject({ counts: { state: [] } })
    for (const offering of ['b', 'c', 'd', 'e']) await caseToDecide(w, { offering })
    expect(await (await w.ask('officer', `${base}/statistics?test=true`)).json()).toMatchObject({
      counts: {
        state: [{ name: 'deciding', count: 5 }],
        achievement: [{ name: 'stroke-care', count: 5 }],
        waitingFor: [{ name: 'approver', count: 5 }],
      },
      durations: [
        { stretch: 'judging', cases: 5, median: expect.any(Number) },
        { stretch: 'waiting', cases: 5 },
      ],
    })
  })
})
