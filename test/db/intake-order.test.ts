import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectInputs } from '#db/case-input.ts'
import { inInstitution } from '#db/client.ts'
import type { CaseId } from '#domain/words.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { type IntakeGround, type Message, makeIntakeGround, norrsken, webb } from './intake-ground.ts'

let ground: IntakeGround
beforeAll(async () => {
  ground = await makeIntakeGround()
})
afterAll(() => ground.dispose())

/** A case's events: two completions for one award, a fact that is taken back, teaching elsewhere. */
async function story(learner: string, offering: string): Promise<Message[]> {
  const wrong = webb.login({ learner, offering, id: `${offering}-wrong` })
  const drafts = [
    webb.completion({ learner, offering, id: `${offering}-done` }),
    webb.completion({ learner, offering, id: `${offering}-done-again` }),
    webb.participation({ learner, offering, id: `${offering}-part` }),
    webb.login({ learner, offering, id: `${offering}-login` }),
    wrong,
    webb.withdrawal({ learner, offering, id: `${offering}-sorry`, withdraws: `${offering}-wrong` }),
    webb.participation({ learner, offering: `${offering}-before`, id: `${offering}-elsewhere`, teacher: 'N-1002' }),
  ]
  return Promise.all(drafts.map(ground.message))
}
const events = 7

/** Facts without what names this run's learner and offering. */
async function outcome(offering: string) {
  const rows = await ground.admin`select id, state, trail, evidence_version from cases where offering = ${offering}`
  expect(rows).toHaveLength(1)
  const id = String(rows[0]?.['id']) as CaseId
  const [input] = await inInstitution(ground.as('bevis_pipeline'), norrsken, (tx) => collectInputs(tx, [id]))
  const entries = await ground.admin`select type from audit.entry where trail = ${rows[0]?.['trail']} order by type`
  return {
    state: String(rows[0]?.['state']),
    version: Number(rows[0]?.['evidence_version']),
    opened: entries.filter((entry) => entry['type'] === 'case.opened/1').length,
    facts: input?.evidence
      .map((fact) => JSON.stringify({ ...fact, id: '' }).replaceAll(offering, 'offering'))
      .toSorted(),
  }
}

test('any order, any repetition and any batching of a case’s events gives one case with the same facts', async () => {
  const straight = `o-${randomUUID()}`
  await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', await story(`w-${randomUUID()}`, straight))
  const expected = await outcome(straight)
  expect(expected).toMatchObject({ state: 'received', opened: 1 })
  expect(expected.facts).toHaveLength(5)

  const order = fc.shuffledSubarray([...Array(events).keys()], { minLength: events })
  const extra = fc.array(fc.nat(events - 1), { maxLength: 6 })
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 13, maxLength: 13 })
  await fc.assert(
    fc.asyncProperty(order, extra, sizes, async (first, again, batches) => {
      const offering = `o-${randomUUID()}`
      const messages = await story(`w-${randomUUID()}`, offering)
      const sequence = [...first, ...again].flatMap((index) => messages[index] ?? [])
      for (const size of batches) {
        const { taken } = await takeIn(ground.as('bevis_intake'), 'COMPLETIONS', sequence.splice(0, size))
        expect(taken.filter((one) => one.kind === 'not-now' || one.kind === 'refused')).toEqual([])
      }
      const { version, ...rest } = await outcome(offering)
      const { version: _, ...wanted } = expected
      expect(rest).toEqual(wanted)
      expect(version).toBeGreaterThan(1)
    }),
    { numRuns: 12 },
  )
})

test('events of one case taken in by several intakes at the same moment give one case, whose version every fact has raised', async () => {
  for (let round = 0; round < 4; round++) {
    const offering = `o-${randomUUID()}`
    const messages = await story(`w-${randomUUID()}`, offering)
    const batches = [...messages, ...messages].map((message) => [message])
    const done = await Promise.all(batches.map((batch) => takeIn(ground.as('bevis_intake'), 'COMPLETIONS', batch)))
    const troubles = done.flatMap(({ taken }) => taken).filter((one) => one.kind === 'not-now')
    expect(troubles).toEqual([])
    const found = await outcome(offering)
    expect(found).toMatchObject({ state: 'received', opened: 1 })
    expect(found.facts).toHaveLength(5)
    const [row] = await ground.admin`
      select c.evidence_version, (select count(*)::int from audit.entry e where e.trail = c.trail) as entries
      from cases c where c.offering = ${offering}`
    expect(row?.['evidence_version']).toBe(row?.['entries'])
  }
})

test('of two events that come under one id at the same moment one is taken in, and of the other only the dead letter stays', async () => {
  for (let round = 0; round < 4; round++) {
    const id = randomUUID()
    const offerings = [`o-${randomUUID()}`, `o-${randomUUID()}`]
    const messages = await Promise.all(
      offerings.map((offering) => ground.message(webb.completion({ id, offering, learner: `w-${randomUUID()}` }))),
    )
    const done = await Promise.all(
      messages.map((message) => takeIn(ground.as('bevis_intake'), 'COMPLETIONS', [message])),
    )
    expect(done.flatMap(({ taken }) => taken.map(({ kind }) => kind)).toSorted()).toEqual(['case', 'quarantined'])
    const [row] = await ground.admin`
      select (select count(*)::int from cases where offering = any(${offerings})) as cases,
        (select count(*)::int from evidence where offering = any(${offerings})) as facts`
    expect({ ...row }).toEqual({ cases: 1, facts: 1 })
  }
})
