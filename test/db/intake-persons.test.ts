import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inInstitution } from '#db/client.ts'
import { resolveWaiting } from '#db/intake.ts'
import { linkPersons, linkReference } from '#db/people.ts'
import { unresolvedEvents } from '#db/queries/unresolved.ts'
import { as, type PersonId } from '#domain/words.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { type EventDraft, type IntakeGround, makeIntakeGround, norrsken } from './intake-ground.ts'

let ground: IntakeGround
beforeAll(async () => {
  ground = await makeIntakeGround()
})
afterAll(() => ground.dispose())

async function send(...drafts: EventDraft[]) {
  const messages = await Promise.all(drafts.map((draft) => ground.message(draft)))
  const done = await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', messages)
  for (const one of done.taken) if (one.kind === 'not-now') throw one.error
  return done.taken
}

/** The learning platform may not introduce learners. */
function canvas(learner: string, offering: string): EventDraft {
  return {
    source: 'canvas-norrsken',
    type: 'org.beviskedja.completion.recorded.v1',
    data: {
      learner: { scheme: 'canvas', value: learner },
      achievement: 'test-merit',
      offering,
      completedAt: '2026-09-01T15:00:00Z',
    },
  }
}

function webbLogin(learner: { scheme: string; value: string }, offering: string, alsoKnownAs?: object[]): EventDraft {
  return {
    source: 'webb',
    type: 'org.beviskedja.identity.checked.v1',
    data: {
      learner,
      achievement: 'test-merit',
      offering,
      at: '2026-09-01T13:00:00Z',
      check: {
        route: 'login',
        assertion: {
          issuer: 'https://idp.norrsken.example',
          acr: 'http://id.elegnamnden.se/loa/1.0/loa2',
          authTime: '2026-09-01T12:59:00Z',
        },
      },
      ...(alsoKnownAs === undefined ? {} : { alsoKnownAs }),
    },
  }
}

const waiting = () => inInstitution(ground.as('bevis_api'), norrsken, (tx) => unresolvedEvents(tx, { limit: 100 }))

test('an unknown learner waits, visibly, and becomes a case when an officer says who it is', async () => {
  const learner = `u-${randomUUID()}`
  const before = (await waiting()).length
  expect(await send(canvas(learner, 'o-1'))).toEqual([{ kind: 'unresolved' }])
  const shown = await waiting()
  expect(shown).toHaveLength(before + 1)
  expect(JSON.stringify(shown)).not.toContain(learner)

  const person = as<PersonId>('pers_learner_03')
  await inInstitution(ground.as('bevis_api'), norrsken, (tx) =>
    linkReference(tx, { scheme: 'canvas', value: learner }, { person, origin: 'officer:test' }),
  )
  const { wakeUps } = await resolveWaiting(ground.as('bevis_intake'), norrsken)
  expect(wakeUps).toMatchObject([{ kind: 'start' }])
  const [row] = await ground.admin`select person from cases where id = ${wakeUps[0]?.cases[0] ?? ''}`
  expect(row?.['person']).toBe(person)
  expect(await waiting()).toHaveLength(before)
  expect(await resolveWaiting(ground.as('bevis_intake'), norrsken)).toMatchObject({ wakeUps: [] })
})

test('an emitter that may introduce learners makes the person, once, also when two batches do it at the same time', async () => {
  const ref = { scheme: 'webb', value: `w-${randomUUID()}` }
  await Promise.all([send(webbLogin(ref, 'o-2')), send(webbLogin(ref, 'o-3')), send(webbLogin(ref, 'o-4'))])
  const rows = await ground.admin`select distinct person from evidence where offering in ('o-2', 'o-3', 'o-4')`
  expect(rows).toHaveLength(1)
})

test('an assertion that carries both references makes them one person, and takes up what waited for the other', async () => {
  const unknown = `u-${randomUUID()}`
  expect(await send(canvas(unknown, 'o-5'))).toEqual([{ kind: 'unresolved' }])
  await send(webbLogin({ scheme: 'webb', value: 'w-0004' }, 'o-5', [{ scheme: 'canvas', value: unknown }]))
  const [row] = await ground.admin`select person from cases where offering = 'o-5'`
  expect(row?.['person']).toBe('pers_learner_04')
})

test('the known one of several references names an unknown learner', async () => {
  const unknown = `w-${randomUUID()}`
  await send(webbLogin({ scheme: 'webb', value: unknown }, 'o-6', [{ scheme: 'canvas', value: 'u-4005' }]))
  const [row] = await ground.admin`select person from evidence where offering = 'o-6'`
  expect(row?.['person']).toBe('pers_learner_05')
})

test('facts about a linked identity join the case of the same human being', async () => {
  const [a, b] = [as<PersonId>('pers_learner_06'), as<PersonId>('pers_learner_07')]
  await inInstitution(ground.as('bevis_api'), norrsken, (tx) => linkPersons(tx, [[a, b]], 'officer:test'))
  const [first] = await send(canvas('u-4006', 'o-7'))
  const id = first?.kind === 'case' ? first.caseId : ''
  expect(await send(canvas('u-4007', 'o-7'))).toEqual([{ kind: 'case', caseId: id, isNew: false }])
  expect(await send(webbLogin({ scheme: 'webb', value: 'w-0007' }, 'o-7'))).toEqual([{ kind: 'evidence', cases: [id] }])
})
