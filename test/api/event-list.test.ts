import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLeaf } from '#audit/entry.ts'
import { readTrail } from '#db/audit-log.ts'
import { inInstitution } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { applyRegister } from '#db/register.ts'
import type { CaseId } from '#domain/words.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { openCourses, openLecture } from './achievement.ts'
import { receiveCase } from './cases.ts'
import { type ApiWorld, applier, createApiWorld, institution, registerOf } from './world.ts'

const base = '/v1/institutions/norrsken'

interface Listed {
  readonly items: { key: string; kind: string; state: string }[]
  readonly next: string | null
  readonly prev: string | null
}

let w: ApiWorld
let caseId: CaseId
beforeAll(async () => {
  w = await createApiWorld({ temporal: true })
  caseId = await receiveCase(w, { offering: 'listed' })
})
afterAll(() => w.dispose())

async function trailOfInstitution() {
  const told = await inInstitution(w.db, institution, async (tx) => readTrail(tx, (await readInstitution(tx)).trail))
  return told.map(({ leaf }) => parseLeaf(leaf))
}

/** As the learning platform sends it, before the register knows it. */
function completion(n: number) {
  const event = {
    specversion: '1.0',
    id: `late-${n}`,
    source: 'open-courses',
    institution,
    sequence: n,
    type: 'org.beviskedja.completion.recorded.v1',
    data: {
      learner: { scheme: 'oidc', value: 'learner' },
      achievement: 'open-lecture',
      offering: `spring-${n}`,
      completedAt: '2026-02-01T10:00:00.000Z',
    },
  }
  const subject = `completions.${institution}.open-courses`
  return { subject, payload: Buffer.from(JSON.stringify(event)), headers: {} }
}

describe('events', () => {
  const list = async (query = '') => {
    const response = await w.ask('operator', `${base}/events?${query}`)
    expect(response.status).toBe(200)
    return (await response.json()) as Listed
  }

  test('are listed page by page, there and back, and found by kind, source, state and time', async () => {
    const first = await list('limit=1')
    const second = await list(`limit=1&cursor=${encodeURIComponent(first.next ?? '')}`)
    expect([...first.items, ...second.items].map(({ kind }) => kind).toSorted()).toEqual([
      'completion',
      'participation',
    ])
    expect((await list(`limit=1&cursor=${encodeURIComponent(second.prev ?? '')}`)).items).toEqual(first.items)
    expect((await list('kind=completion')).items).toMatchObject([{ kind: 'completion', state: 'joined' }])
    expect((await list('source=nobody')).items).toEqual([])
    expect((await list('state=unresolved')).items).toEqual([])
    expect((await list('until=2020-01-01T00:00:00Z')).items).toEqual([])
    expect((await list('from=2020-01-01T00:00:00Z&source=lms')).items).toHaveLength(2)
  })

  test('tell what became of each, and no more than that', async () => {
    const [completed] = (await list('kind=completion')).items
    const shown = await (await w.ask('operator', `${base}/events/${completed?.key}`)).json()
    expect(shown).toMatchObject({ opened: caseId, cases: [caseId], evidence: expect.stringMatching(/^evid_/) })
    expect(JSON.stringify(shown)).not.toContain('"learner"')
    expect((await w.ask('operator', `${base}/events/${'0'.repeat(64)}`)).status).toBe(404)
  })

  test('say what they say to officers only, and reading leaves a mark', async () => {
    const [completed] = (await list('kind=completion')).items
    const path = `${base}/events/${completed?.key}/payload?purpose=audit`
    expect((await w.ask('operator', path)).status).toBe(403)
    const { payload } = (await (await w.ask('officer', path)).json()) as { payload: string }
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ source: 'lms' })
    const viewed = (await trailOfInstitution()).filter(({ type }) => type === 'event.viewed/1')
    expect(viewed).toMatchObject([{ actor: { role: 'officer' }, data: { purpose: 'audit', id: completed?.key } }])
  })
})

describe('dead letters of one cause', () => {
  test('are replayed together once it is mended, each with its own end, and every order names its officer', async () => {
    const { taken } = await takeIn(
      w.open('bevis_intake'),
      'COMPLETIONS',
      [1, 2, 3].map((n) => completion(n)),
    )
    const ids = taken.flatMap((one) => (one.kind === 'refused' ? [one.deadLetter] : []))
    const replay = async (body: object) => {
      const response = await w.ask('operator', `${base}/dead-letters:replay`, { body })
      expect(response.status).toBe(200)
      return (await response.json()) as { items: { id: string; outcome: string; as?: string }[]; next: string | null }
    }
    const filter = { code: 'unknown-emitter', source: 'open-courses', reason: 'emitter-declared' }
    const early = await replay({ ...filter, limit: 2 })
    expect(early.items.map(({ outcome }) => outcome)).toEqual(['refused', 'refused'])

    const register = registerOf(institution)
    await applyRegister(
      w.db,
      { ...register, items: [...register.items, openLecture(), openCourses()] },
      { by: applier },
    )
    const rest = await replay({ ...filter, limit: 2, cursor: early.next })
    expect(rest).toMatchObject({ items: [{ outcome: 'taken', as: 'case' }], next: null })
    const again = await replay(filter)
    expect([...again.items, ...rest.items].map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    expect(again.items.map(({ outcome }) => outcome)).toEqual(['taken', 'taken'])
    expect((await replay(filter)).items).toEqual([])

    const entries = await trailOfInstitution()
    const orders = entries.filter(({ type }) => type === 'dead-letter.replay-ordered/1')
    expect(orders).toHaveLength(5)
    expect(orders[0]).toMatchObject({ actor: { kind: 'human', role: 'operator' }, act: { reason: 'emitter-declared' } })
    expect(entries.filter(({ type }) => type === 'dead-letter.replayed/1')).toHaveLength(3)
  })
})
