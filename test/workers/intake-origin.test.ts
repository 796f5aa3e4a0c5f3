import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signDetached } from '#credentials/signing/jws.ts'
import { inInstitution } from '#db/client.ts'
import { closeDeadLetters, listHomelessDeadLetters, readDeadLetter } from '#db/dead-letters.ts'
import { type Taken, takeIn } from '#workers/intake/take-in.ts'
import {
  type EventDraft,
  type IntakeGround,
  type Message,
  makeIntakeGround,
  norrsken,
  webb,
} from '../db/intake-ground.ts'

let ground: IntakeGround
beforeAll(async () => {
  ground = await makeIntakeGround()
})
afterAll(() => ground.dispose())

async function take(...messages: Message[]): Promise<readonly Taken[]> {
  const { taken } = await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', messages)
  for (const one of taken) if (one.kind === 'not-now') throw one.error
  return taken
}

async function codeOf(message: Message): Promise<string> {
  const [taken] = await take(message)
  return taken?.kind === 'refused' ? taken.code : (taken?.kind ?? 'nothing')
}

const anew = () => ({ learner: `w-${randomUUID()}`, offering: `o-${randomUUID()}` })

function clinical(source = 'canvas-norrsken', type = 'org.beviskedja.completion.recorded.v1'): EventDraft {
  return {
    source,
    type,
    data: {
      learner: { scheme: 'canvas', value: 'u-4001' },
      achievement: 'klinisk-bedomning',
      offering: `o-${randomUUID()}`,
      completedAt: '2026-09-01T15:00:00Z',
    },
  }
}

function proctoring(source: string, achievement = 'klinisk-bedomning'): EventDraft {
  return {
    source,
    type: 'org.beviskedja.proctoring.reported.v1',
    data: {
      learner: { scheme: 'provtjanst', value: 'D-0001' },
      achievement,
      offering: 'kb-ht26',
      occasion: 'tenta-1',
      from: '2026-09-01T09:00:00Z',
      until: '2026-09-01T12:00:00Z',
      setting: 'on-site',
      invigilation: 'human-live',
      organisation: 'provtjanst',
      invigilators: [{ scheme: 'provtjanst', value: 'V-71' }],
      attendance: 'present',
      incidents: [],
    },
  }
}

describe('origin', () => {
  test('a signed event of an emitter that must sign is taken in as signed', async () => {
    const [taken] = await take(await ground.message(clinical()))
    expect(taken).toMatchObject({ kind: 'case', isNew: true })
    const id = taken?.kind === 'case' ? taken.caseId : ''
    const [row] =
      await ground.admin`select e.source, i.kid from evidence e join inbox i using (event_key) join cases c using (event_key) where c.id = ${id}`
    expect(row).toMatchObject({ source: { emitter: 'canvas-norrsken', signed: true }, kid: 'canvas-norrsken-key' })
  })

  test.each([
    [
      'a key of somebody else’s under an emitter',
      `update register_item set body = jsonb_set(body, '{keys,0,jwk,x}', '"AAAA"')`,
    ],
    [
      'more authority for an emitter',
      `update register_item set body = jsonb_set(body, '{introducesLearners}', 'true')`,
    ],
    ['an emitter under the name of another', `update register_item set id = id || '-2'`],
  ])('nothing is taken in by %s, put there by whoever has the database alone', async (_, change) => {
    const where = `kind = 'emitter' and id = 'canvas-norrsken' and revision_until is null`
    const source = change.includes('-2') ? 'canvas-norrsken-2' : 'canvas-norrsken'
    await ground.admin`create table kept as table register_item`
    try {
      await ground.admin.unsafe(`${change} where ${where}`)
      expect(await codeOf(await ground.message(clinical(source)))).toBe('unknown-emitter')
    } finally {
      await ground.admin.unsafe('truncate register_item; insert into register_item select * from kept; drop table kept')
    }
    expect(await codeOf(await ground.message(clinical()))).toBe('case')
  })

  test('without its signature it is refused', async () => {
    const message = await ground.message(clinical())
    expect(await codeOf({ ...message, headers: {} })).toBe('signature-missing')
  })

  test('a signature over other bytes is refused', async () => {
    const [one, other] = [await ground.message(clinical()), await ground.message(clinical())]
    expect(await codeOf({ ...one, headers: other.headers })).toBe('bad-signature')
  })

  test('a signature by another emitter’s key is refused, under its own kid and under a borrowed one', async () => {
    const message = await ground.message(clinical())
    const stranger = ground.keys.get('provtjanst')
    if (stranger === undefined) throw new Error('no key')
    const own = await signDetached(stranger.key, message.payload, stranger.kid)
    expect(await codeOf({ ...message, headers: { 'bevis-signature': own } })).toBe('unknown-key')
    const borrowed = await signDetached(stranger.key, message.payload, 'canvas-norrsken-key')
    expect(await codeOf({ ...message, headers: { 'bevis-signature': borrowed } })).toBe('bad-signature')
  })

  test('a bad signature is refused even where none is demanded', async () => {
    const message = await ground.message(webb.completion(anew()))
    expect(await codeOf({ ...message, headers: { 'Bevis-Signature': 'e30..c2ln' } })).toBe('bad-signature')
  })

  test('the subject must name the event’s institution and source', async () => {
    const foreign = await ground.message({ ...webb.completion(anew()), institution: 'soderhav' })
    expect(await codeOf(foreign)).toBe('foreign-institution')
    const borrowed = await ground.message(webb.completion(anew()))
    expect(await codeOf({ ...borrowed, subject: 'completions.norrsken.resurs' })).toBe('foreign-source')
  })

  test('what names no institution of ours belongs to nobody, and is kept', async () => {
    const message = await ground.message({ ...webb.completion(anew()), institution: 'soderhav' })
    expect(await codeOf({ ...message, subject: 'completions.soderhav.webb' })).toBe('unknown-institution')
    expect(await codeOf({ ...message, subject: 'completions.norrsken' })).toBe('not-our-subject')
    const kept = await listHomelessDeadLetters(ground.as('bevis_intake'), 10)
    expect(kept.map((one) => one.code).toSorted()).toEqual(['not-our-subject', 'unknown-institution'])
    expect(Buffer.from(kept[0]?.payload ?? []).toString()).toContain('soderhav')
  })

  test('a stranger’s event is refused', async () => {
    const message = await ground.message({ ...webb.completion(anew()), source: 'nobody' })
    expect(await codeOf(message)).toBe('unknown-emitter')
  })
})

describe('authority', () => {
  test('a learning platform cannot report supervision', async () => {
    expect(await codeOf(await ground.message(proctoring('canvas-norrsken')))).toBe('kind-not-granted')
    expect(await codeOf(await ground.message(proctoring('provtjanst')))).toBe('evidence')
  })

  test('an emitter reports on the achievements it was granted', async () => {
    expect(await codeOf(await ground.message(proctoring('provsal-omvardnad', 'steril-beredning')))).toBe(
      'achievement-not-granted',
    )
    const unknown = proctoring('provtjanst', 'magi')
    expect(await codeOf(await ground.message(unknown))).toBe('unknown-achievement')
  })
})

describe('dead letters', () => {
  test('tell every fault with code, pointer and advice, and quote nothing', async () => {
    const draft = webb.completion(anew())
    const message = await ground.message({
      ...draft,
      data: { ...draft.data, completedAt: 'in May', attempt: 0, nmae: 'Kim' },
    })
    const [taken] = await take(message)
    expect(taken).toMatchObject({ kind: 'refused', code: 'invalid-event' })
    const id = taken?.kind === 'refused' ? taken.deadLetter : ''
    const letter = await inInstitution(ground.as('bevis_api'), norrsken, (tx) => readDeadLetter(tx, id))
    expect(letter?.problems.map((problem) => problem.pointer).toSorted()).toEqual([
      '/data/attempt',
      '/data/completedAt',
      '/data/nmae',
    ])
    expect(JSON.stringify(letter?.problems)).not.toContain('in May')
    expect(letter?.payload).toEqual(Buffer.from(message.payload))
  })

  test('count the same message again, and leave the event’s key free for a corrected one', async () => {
    const draft = { ...webb.completion(anew()), id: randomUUID() }
    const wrong = await ground.message({ ...draft, data: { ...draft.data, completedAt: 'in May' } })
    const first = await take(wrong, wrong)
    const again = await take(wrong)
    expect(again).toEqual([first[0]])
    const id = first[0]?.kind === 'refused' ? first[0].deadLetter : ''
    const letter = await inInstitution(ground.as('bevis_api'), norrsken, (tx) => readDeadLetter(tx, id))
    expect(letter).toMatchObject({ state: 'open', repeats: 2 })
    expect(await take(await ground.message(draft))).toMatchObject([{ kind: 'case', isNew: true }])
  })

  test('are closed once, by whom and why', async () => {
    const draft = webb.completion(anew())
    const [taken] = await take(await ground.message({ ...draft, data: { ...draft.data, completedAt: 'soon' } }))
    const ids = taken?.kind === 'refused' ? [taken.deadLetter] : []
    const close = () =>
      inInstitution(ground.as('bevis_api'), norrsken, (tx) =>
        closeDeadLetters(tx, { ids, state: 'discarded', by: 'operator', reason: 'test-data' }),
      )
    expect(await close()).toEqual(ids)
    expect(await close()).toEqual([])
    const letter = await inInstitution(ground.as('bevis_api'), norrsken, (tx) => readDeadLetter(tx, ids[0] ?? ''))
    expect(letter).toMatchObject({ state: 'discarded', closedBy: 'operator', closedReason: 'test-data' })
  })

  test('garbage, a huge payload and an empty one are dead letters, and their neighbours are taken in', async () => {
    const good = await ground.message(webb.completion(anew()))
    const raw = (payload: Uint8Array): Message => ({ subject: 'completions.norrsken.webb', payload, headers: {} })
    const taken = await take(
      raw(Buffer.from('{"specversion":')),
      good,
      raw(Buffer.alloc(262_145, ' ')),
      raw(Buffer.alloc(0)),
      raw(Buffer.from([0xff, 0xfe, 0])),
    )
    expect(taken.map((one) => one.kind)).toEqual(['refused', 'case', 'refused', 'refused', 'refused'])
  })
})
