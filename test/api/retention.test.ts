/** Retention rules: a machine suggests what they let go, two persons decide, and what must still be kept stays (checklist I1, I3). */
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eraseApproved } from '#activities/erasure.ts'
import { type Db, inInstitution, sqlState } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import { suggestDisposals } from '#db/retention.ts'
import type { Role } from '#db/rights.ts'
import type { CaseId } from '#domain/words.ts'
import { receiveCase } from './cases.ts'
import { type ApiWorld, applier, createApiWorld, institution, registerOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken'
const kept = { basis: 'archive-disposal', decision: 'STYR-2024/112' }
const retention = [
  { ...kept, id: 'underlag', classes: ['judgements'], keep: 'after-end', days: 30 },
  { ...kept, id: 'bevis', classes: ['credentials'], keep: 'until-expiry', days: 365 },
  { ...kept, id: 'spar', classes: ['disclosures'], keep: 'forever', days: 0 },
]

let w: ApiWorld
let admin: postgres.Sql
let pipeline: Db
beforeAll(async () => {
  w = await createApiWorld()
  admin = postgres(w.world.adminUrl, { max: 1, onnotice: () => undefined })
  pipeline = w.open('bevis_pipeline')
  const register = registerOf(institution)
  const body = { ...register.institution.body, retention }
  await applyRegister(w.db, { ...register, institution: { ...register.institution, body } }, { by: applier })
})
afterAll(async () => {
  await admin.end()
  await w.dispose()
})

let count = 0
/** A case that was refused so many days ago. */
async function ended(days: number): Promise<CaseId> {
  count += 1
  const id = await receiveCase(w, { offering: `kurs-${count}` })
  await admin`update cases set state = 'refused', changed_at = now() - make_interval(days => ${days}) where id = ${id}`
  return id
}
const suggest = () => inInstitution(pipeline, institution, suggestDisposals)
const suggestedFor = async (id: CaseId) => {
  const { items } = (await (await w.ask('privacy', `${base}/erasures?state=suggested`)).json()) as {
    items: { id: string; caseId: string }[]
  }
  return items.find(({ caseId }) => caseId === id)?.id ?? ''
}
const act = async (who: Somebody, id: string, what: string, body: object = {}) => {
  const etag = (await w.ask(who, `${base}/erasures/${id}`)).headers.get('etag') ?? ''
  const answer = await w.ask(who, `${base}/erasures/${id}/${what}`, { body, headers: { 'if-match': etag } })
  return { status: answer.status, body: (await answer.json()) as { code?: string; state?: string } }
}
const propose = async (id: CaseId, changes: object) => {
  const body = {
    case: id,
    only: 'case',
    basis: 'archive-disposal',
    decision: 'STYR-2026/9',
    text: 'Behövs inte längre',
    ...changes,
  }
  const answer = await w.ask('privacy', `${base}/erasures`, {
    body,
    headers: { 'idempotency-key': JSON.stringify(changes) + id },
  })
  return { status: answer.status, body: (await answer.json()) as { id: string; code?: string; blocker?: string } }
}
const stateOf = async (id: string) =>
  (await (await w.ask('privacy', `${base}/erasures/${id}`)).json()) as { state: string; because?: string }

describe('what must still be kept', () => {
  test('is not suggested, and not disposed of early by anybody', async () => {
    const id = await ended(10)
    expect(await suggest()).toBe(0)
    for (const classes of [['judgements'], ['disclosures'], ['credentials']]) {
      expect(await propose(id, { classes })).toMatchObject({
        status: 409,
        body: { code: 'erasure_blocked', blocker: 'early' },
      })
    }
    // No rule keeps the words of a decision.
    expect((await propose(id, { classes: ['decisions'] })).status).toBe(201)
  })
})

describe('what a rule lets go', () => {
  test('is suggested once by a machine, and goes when two persons have said so', async () => {
    const id = await ended(31)
    expect([await suggest(), await suggest()]).toEqual([1, 0])
    const erasure = await suggestedFor(id)
    const [entry] =
      await admin`select convert_from(leaf, 'UTF8')::jsonb as leaf from audit.entry where entry_id = ${`${erasure}:suggested`}`
    expect(entry?.['leaf']).toMatchObject({
      type: 'disposal.proposed/1',
      actor: { kind: 'workflow' },
      data: { rule: 'underlag', classes: ['judgements'], decision: 'STYR-2024/112' },
    })
    expect(await act('privacy', erasure, 'approve')).toMatchObject({ status: 409, body: { code: 'wrong_state' } })
    expect(await act('privacy', erasure, 'adopt', { text: 'Enligt gallringsbeslutet' })).toMatchObject({
      status: 200,
      body: { state: 'proposed' },
    })
    expect(await act('privacy', erasure, 'approve')).toMatchObject({ status: 403, body: { code: 'own_proposal' } })
    expect(await act('second-privacy', erasure, 'approve')).toMatchObject({ status: 200, body: { state: 'approved' } })
    await eraseApproved(pipeline, { institution, erasureId: erasure })
    expect(await stateOf(erasure)).toMatchObject({ state: 'executed' })
    expect(await suggest()).toBe(0)
  })

  test('stays when a hold is placed after two persons have said so', async () => {
    const id = await ended(40)
    await suggest()
    const erasure = await suggestedFor(id)
    await act('privacy', erasure, 'adopt', { text: 'Enligt gallringsbeslutet' })
    await act('second-privacy', erasure, 'approve')
    const body = { case: id, only: 'case', reason: 'appeal', decision: 'STYR-2026/77' }
    expect((await w.ask('privacy', `${base}/holds`, { body, headers: { 'idempotency-key': id } })).status).toBe(201)
    await eraseApproved(pipeline, { institution, erasureId: erasure })
    expect(await stateOf(erasure)).toMatchObject({ state: 'blocked', because: 'hold' })
    expect(await suggest()).toBe(0)
  })

  test('is not suggested again after somebody has turned it down', async () => {
    const id = await ended(50)
    await suggest()
    expect(await act('privacy', await suggestedFor(id), 'refuse')).toMatchObject({
      status: 200,
      body: { state: 'refused' },
    })
    expect(await suggest()).toBe(0)
  })
})

describe('a stolen password', () => {
  const erase = (role: Role, id: string) =>
    inInstitution(w.open(role), institution, (tx) => tx.execute(sql`select erase(${id}, '{}', '{}')`))
  const refusedWith = (code: string) => (error: unknown) => sqlState(error) === code

  test('of the API writes what it likes, and erases nothing', async () => {
    const id = await ended(60)
    await admin`insert into erasure (id, institution, person, case_id, classes, basis, decision, detail, state, proposed_by, decided_by)
      values ('eras_forged', ${institution}, 'pers_learner', ${id}, '{decisions}', 'court-order', 'x', '', 'approved', 'pers_a', 'pers_b')`
    await expect(erase('bevis_api', 'eras_forged')).rejects.toSatisfy(refusedWith('42501'))
    // Nor does the pipeline on its word: nobody's entry says so.
    await expect(erase('bevis_pipeline', 'eras_forged')).rejects.toSatisfy(refusedWith('BV003'))
  })

  test('of the pipeline erases nothing that two persons have not decided', async () => {
    const forge = (state: string) =>
      inInstitution(pipeline, institution, (tx) =>
        tx.execute(sql`insert into erasure (id, institution, person, classes, basis, decision, detail, state)
          values ('eras_own', ${institution}, 'pers_learner', '{decisions}', 'court-order', 'x', '', ${state})`),
      )
    await expect(forge('proposed')).rejects.toSatisfy(refusedWith('42501'))
    await expect(forge('approved')).rejects.toSatisfy((error) => ['42501', '23514'].includes(sqlState(error) ?? ''))
    await forge('suggested')
    await expect(erase('bevis_pipeline', 'eras_own')).rejects.toSatisfy(refusedWith('BV003'))
    await expect(
      inInstitution(pipeline, institution, (tx) =>
        tx.execute(sql`update erasure set state = 'approved' where id = 'eras_own'`),
      ),
    ).rejects.toSatisfy(refusedWith('23514'))
  })
})
