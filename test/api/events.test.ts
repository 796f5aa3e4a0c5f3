import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ApiDependencies } from '#api/dependencies.ts'
import { startApi } from '#api/serve.ts'
import { canonicalBytes } from '#audit/canonical.ts'
import { postThrough } from '#cli/processes/intake-door.ts'
import type { HttpServer } from '#connectors/platform/listen.ts'
import { connectTemporal } from '#connectors/platform/temporal.ts'
import { signDetached } from '#credentials/signing/jws.ts'
import { inInstitution } from '#db/client.ts'
import { closedEvidence, evidenceById } from '#db/evidence.ts'
import { eventKey } from '#db/ids.ts'
import { openDoor } from '#workers/intake/door.ts'
import { replayDeadLetters } from '#workers/intake/replay.ts'
import { fetchIntakeKey, sealPersonal } from '../../kit/personal.ts'
import { type EventDraft, type IntakeGround, makeIntakeGround, norrsken, webb } from '../db/intake-ground.ts'

interface Fate {
  readonly id?: string
  readonly outcome: string
  readonly caseId?: string
  readonly deadLetter?: string
  readonly code?: string
  readonly problems?: { pointer: string }[]
}

const one = 'application/cloudevents+json'
const batch = 'application/cloudevents-batch+json'

let ground: IntakeGround
let line: Awaited<ReturnType<typeof connectTemporal>>
let door: Awaited<ReturnType<typeof openDoor>>
let api: HttpServer
let away: HttpServer
beforeAll(async () => {
  ground = await makeIntakeGround({ temporal: true })
  line = await connectTemporal(ground.world.temporal)
  door = await openDoor({ db: ground.as('bevis_intake'), temporal: line.client }, { port: 0, host: '127.0.0.1' })
  api = await startApi(depsWith(`http://127.0.0.1:${door.port}`), { port: 0 })
  away = await startApi(depsWith('http://127.0.0.1:9'), { port: 0 })
})
afterAll(async () => {
  await Promise.all([api.close(), away.close()])
  await door.close()
  await line.close()
  await ground.dispose()
})

function depsWith(intakeUrl: string): ApiDependencies {
  return {
    db: ground.as('bevis_api'),
    temporal: undefined,
    tokens: { verify: async () => ({ kind: 'missing', because: 'none' }) },
    login: { issuer: 'https://login.example', certified: [] },
    post: postThrough(intakeUrl),
    publicUrl: 'https://bevis.example',
  }
}

function completion(data: object = {}): EventDraft {
  return {
    id: randomUUID(),
    source: 'canvas-norrsken',
    type: 'org.beviskedja.completion.recorded.v1',
    data: {
      learner: { scheme: 'canvas', value: 'u-4001' },
      achievement: 'klinisk-bedomning',
      offering: `o-${randomUUID()}`,
      completedAt: '2026-09-01T15:00:00Z',
      ...data,
    },
  }
}

interface Letter {
  readonly payload: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

async function send(body: Uint8Array | string, headers: Record<string, string>, to = api): Promise<Response> {
  return fetch(`${to.url}/v1/events`, { method: 'POST', headers, body: Buffer.from(body) })
}

async function sendOne({ payload, headers }: Letter): Promise<Fate> {
  const response = await send(payload, { 'content-type': one, ...headers })
  expect(response.status, await response.clone().text()).toBe(202)
  const { events } = (await response.json()) as { events: Fate[] }
  expect(events).toHaveLength(1)
  return events[0] as Fate
}

async function stored(): Promise<unknown> {
  return ground.admin`select (select count(*) from inbox) as inbox, (select count(*) from dead_letter) as letters`
}

describe('POST /v1/events', () => {
  test('takes in a signed event by the same intake as NATS, once, and starts its case', async () => {
    const letter = await ground.message(completion())
    const { id } = JSON.parse(Buffer.from(letter.payload).toString()) as { id: string }
    const first = await sendOne(letter)
    expect(first).toMatchObject({ outcome: 'case', id, caseId: expect.stringMatching(/^case_/) })
    expect(await sendOne(letter)).toMatchObject({ outcome: 'duplicate' })
    const [row] = await ground.admin`
      select e.source, i.kid, i.subject_ref as subject from evidence e join inbox i using (event_key)
      join cases c using (event_key) where c.id = ${first.caseId ?? ''}`
    expect(row).toMatchObject({
      source: { emitter: 'canvas-norrsken', signed: true },
      kid: 'canvas-norrsken-key',
      subject: 'completions.norrsken.canvas-norrsken',
    })
    const workflow = line.client.workflow.getHandle(`case/norrsken/${first.caseId}`)
    expect(await workflow.describe()).toMatchObject({ type: 'issuance' })
  })

  test('says of a known id with other content, and of an event with faults, which dead letter they became', async () => {
    const draft = completion()
    await sendOne(await ground.message(draft))
    const other = await sendOne(await ground.message({ ...draft, data: { ...draft.data, offering: 'another' } }))
    expect(other).toMatchObject({ outcome: 'dead-letter', code: 'same-id-other-content' })
    const wrong = await sendOne(await ground.message(completion({ completedAt: 'in May', attempt: 0 })))
    expect(wrong).toMatchObject({ outcome: 'dead-letter', code: 'invalid-event', deadLetter: expect.any(String) })
    expect(wrong.problems?.map(({ pointer }) => pointer).toSorted()).toEqual(['/data/attempt', '/data/completedAt'])
    const letters =
      await ground.admin`select id, stream from dead_letter where id in (${other.deadLetter ?? ''}, ${wrong.deadLetter ?? ''})`
    expect(letters.map(({ stream }) => stream)).toEqual(['HTTP', 'HTTP'])
  })

  test('stores nothing of a sender who shows no signature that holds, and does not say what it did not know', async () => {
    const before = await stored()
    const letter = await ground.message(completion())
    const stranger = ground.keys.get('provtjanst')
    if (stranger === undefined) throw new Error('no key')
    const foreign = await signDetached(stranger.key, letter.payload, 'canvas-norrsken-key')
    const unknownEmitter = await ground.message({ ...completion(), source: 'nobody' })
    const unknownInstitution = await ground.message({ ...completion(), institution: 'elsewhere' })
    const answers: unknown[] = []
    for (const [payload, signature] of [
      [letter.payload, foreign],
      [letter.payload, 'e30..c2ln'],
      [unknownEmitter.payload, foreign],
      [unknownInstitution.payload, unknownInstitution.headers['Bevis-Signature'] ?? ''],
    ] as const) {
      const response = await send(payload, { 'content-type': one, 'bevis-signature': signature })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bevis-Signature realm="bevis"')
      const { traceId: _, ...said } = (await response.json()) as Record<string, unknown>
      answers.push(said)
    }
    expect(answers[0]).toMatchObject({ code: 'emitter_not_authenticated', errors: [{ code: 'not-authenticated' }] })
    expect(new Set(answers.map((said) => JSON.stringify(said))).size).toBe(1)
    const bare = await send(letter.payload, { 'content-type': one })
    expect([bare.status, await bare.json()]).toMatchObject([401, { errors: [{ code: 'signature-missing' }] }])
    expect(await stored()).toEqual(before)
  })

  test('demands the signature of emitters that need none on NATS too', async () => {
    const webb = await ground.message({
      ...completion({ learner: { scheme: 'webb', value: 'w-1' }, achievement: 'etik-webbinarium' }),
      source: 'webb',
    })
    expect((await send(webb.payload, { 'content-type': one, ...webb.headers })).status).toBe(401)
  })

  test('tells every fault of an event that does not even say who sends it, and stores nothing', async () => {
    const before = await stored()
    const response = await send('{"specversion":"1.0","id":"x","type":"nonsense"}', { 'content-type': one })
    expect(response.status).toBe(400)
    const { code, errors } = (await response.json()) as { code: string; errors: { pointer: string }[] }
    expect(code).toBe('invalid_request')
    expect(errors.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/type', '/source', '/institution']))
    expect(await stored()).toEqual(before)
  })

  test('takes a batch in which every event is signed for itself, each with its own end', async () => {
    const [good, wrong] = [completion(), completion({ completedAt: 'soon' })]
    const signed = await Promise.all([good, wrong, good].map(inBatch))
    const response = await send(JSON.stringify(signed), { 'content-type': batch })
    const { events } = (await response.json()) as { events: Fate[] }
    expect([response.status, events.map(({ outcome }) => outcome)]).toEqual([202, ['case', 'dead-letter', 'duplicate']])
    expect(events.map(({ id }) => id)).toEqual([good.id, wrong.id, good.id])
  })

  test('takes nothing of a batch in which one event does not show its sender', async () => {
    const before = await stored()
    const [good, other] = await Promise.all([completion(), completion()].map(inBatch))
    const forged = { ...other, bevissignature: good?.bevissignature }
    const response = await send(JSON.stringify([good, forged]), { 'content-type': batch })
    expect([response.status, await response.json()]).toMatchObject([
      401,
      { code: 'emitter_not_authenticated', errors: [{ pointer: '/1', code: 'not-authenticated' }] },
    ])
    expect(await stored()).toEqual(before)
  })

  test('a dead letter that came over HTTP is replayed under the same demand', async () => {
    const fate = await sendOne(await ground.message(completion({ achievement: 'magi' })))
    expect(fate).toMatchObject({ outcome: 'dead-letter', code: 'unknown-achievement' })
    const order = { institution: norrsken, ids: [fate.deadLetter ?? ''], by: 'test', reason: 'cause-mended' }
    const answer = await replayDeadLetters({ db: ground.as('bevis_intake'), temporal: line.client }, order)
    expect(answer).toMatchObject([{ kind: 'refused', code: 'unknown-achievement' }])
  })

  test('answers 503 with Retry-After when intake is away, and the same event is taken in later', async () => {
    const letter = await ground.message(completion())
    const response = await send(letter.payload, { 'content-type': one, ...letter.headers }, away)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await sendOne(letter)).toMatchObject({ outcome: 'case' })
  })

  test('answers 503 when the database refuses intake', async () => {
    const letter = await ground.message(completion())
    await ground.admin`revoke insert on inbox from bevis_intake`
    try {
      const response = await send(letter.payload, { 'content-type': one, ...letter.headers })
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    } finally {
      await ground.admin`grant insert on inbox to bevis_intake`
    }
    expect(await sendOne(letter)).toMatchObject({ outcome: 'case' })
  })

  test('refuses what is too large, too many, or of another type', async () => {
    const status = async (body: string, type: string) => {
      const response = await send(body, { 'content-type': type })
      return [response.status, ((await response.json()) as { code: string }).code]
    }
    expect(await status(' '.repeat(300_000), one)).toEqual([413, 'body_too_large'])
    expect(await status(' '.repeat(5_000_000), batch)).toEqual([413, 'batch_too_large'])
    expect(await status(JSON.stringify(Array(201).fill({})), batch)).toEqual([413, 'batch_too_large'])
    expect(await status('{}', 'application/json')).toEqual([415, 'unsupported_media_type'])
    expect(await status('{"a":1,"a":2}', batch)).toEqual([400, 'invalid_request'])
    expect(await status('[1,{"bevissignature":7}]', batch)).toEqual([400, 'invalid_request'])
  })
})

describe('POST /v1/events:validate', () => {
  const validate = async (body: string, type = one) =>
    fetch(`${api.url}/v1/events:validate`, { method: 'POST', headers: { 'content-type': type }, body })

  test('tells every fault at once, without a signature, and stores nothing', async () => {
    const before = await stored()
    const { payload } = await ground.message(completion({ completedAt: 'soon', attempt: 0, nmae: 'Kim' }))
    const response = await validate(Buffer.from(payload).toString())
    const { events } = (await response.json()) as { events: { valid: boolean; problems: { pointer: string }[] }[] }
    expect(events[0]?.valid).toBe(false)
    expect(events[0]?.problems.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/data/attempt',
      '/data/completedAt',
      '/data/nmae',
    ])
    expect(await stored()).toEqual(before)
  })

  test('finds the examples of the documentation in order, alone and in a batch', async () => {
    const folder = new URL('../../docs/events/examples/', import.meta.url)
    const example = readFileSync(new URL('completion.recorded.v1.json', folder), 'utf8')
    const alone = await (await validate(example)).json()
    expect(alone).toEqual({ events: [{ valid: true, problems: [] }] })
    expect(await (await validate(`[${example}]`, batch)).json()).toEqual(alone)
  })
})

describe('a name in an identity event', () => {
  const identity = (personal: string) => {
    const { learner, achievement, offering } = completion().data
    const login = webb.login()
    const data = { ...login.data, learner, achievement, offering, personal }
    return { ...login, id: randomUUID(), source: 'provtjanst', data }
  }

  test('is sealed with the key the institution publishes, opened by intake, and kept under the learner’s own key', async () => {
    const key = await fetchIntakeKey(api.url, norrsken)
    const person = { name: 'Sara Provsson', birthDate: '1991-01-01' }
    const draft = identity(await sealPersonal(key, person))
    expect(await sendOne(await ground.message(draft))).toMatchObject({ outcome: 'evidence' })
    const [fact] = await inInstitution(ground.as('bevis_api'), norrsken, async (tx) => {
      const [row] = await closedEvidence(tx, { keys: [eventKey(norrsken, draft.source, draft.id)] })
      return row === undefined ? [] : evidenceById(tx, [row.id])
    })
    expect(fact?.body.computed['personal']).toEqual(person)
  })

  test('that was sealed for somebody else, or is more than a name, comes back as a dead letter that says so', async () => {
    const key = await fetchIntakeKey(api.url, norrsken)
    const { publicKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519' })
    const sealed = [
      [await sealPersonal(await exportJWK(publicKey), { name: 'Sara Provsson' }), 'personal-not-readable'],
      [
        await sealPersonal(key, { name: 'Sara Provsson', email: 'sara@example.org' } as never),
        'personal-not-understood',
      ],
    ] as const
    for (const [personal, code] of sealed) {
      const fate = await sendOne(await ground.message(identity(personal)))
      expect(fate).toMatchObject({ outcome: 'dead-letter', code, problems: [{ pointer: '/data/personal' }] })
    }
  })

  test('has no key where there is no such institution', async () => {
    await expect(fetchIntakeKey(api.url, 'nowhere')).rejects.toMatchObject({ code: 'no-intake-key' })
  })
})

/** An event as it stands in a batch. */
async function inBatch(draft: EventDraft) {
  const { payload } = await ground.message(draft)
  const event = JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>
  const signer = ground.keys.get(draft.source)
  if (signer === undefined) throw new Error('no key')
  const bytes = canonicalBytes(event, { numbers: 'finite', nulls: 'allowed' })
  return { ...event, bevissignature: await signDetached(signer.key, bytes, signer.kid) }
}
