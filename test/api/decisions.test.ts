import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDisclosure } from '#audit/disclosure.ts'
import { moveCases } from '#db/cases.ts'
import { inInstitution } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import type { RegisterItem } from '#db/register-items.ts'
import type { CaseId, Text } from '#domain/words.ts'
import { caseToDecide } from './cases.ts'
import { type ApiWorld, applier, createApiWorld, institution, registerOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken/cases'

interface Shown {
  readonly etag: string
  readonly detail: { seen: { evidenceVersion: number; digest: string }; state: string } & Record<string, unknown>
}

interface Refused {
  readonly subject: Text
  readonly reasons: readonly Text[]
  readonly missing: readonly Text[]
  readonly reconsideration: Text
  readonly letter: Text
}

describe('a decision', () => {
  let w: ApiWorld
  let offering = 0
  beforeAll(async () => {
    w = await createApiWorld()
  })
  afterAll(() => w.dispose())

  const fresh = (teacher?: Somebody) => {
    offering += 1
    return caseToDecide(w, { offering: `course-${offering}`, ...(teacher === undefined ? {} : { teacher }) })
  }
  const show = async (who: Somebody, id: CaseId): Promise<Shown> => {
    const response = await w.ask(who, `${base}/${id}`)
    expect(response.status).toBe(200)
    return { etag: response.headers.get('etag') ?? '', detail: (await response.json()) as Shown['detail'] }
  }
  const decide = (who: Somebody, id: CaseId, { shown, ...rest }: { shown: Shown } & Record<string, unknown>) =>
    w.ask(who, `${base}/${id}/decisions`, {
      headers: { 'if-match': shown.etag, 'idempotency-key': 'k1' },
      body: { outcome: 'approve', reason: 'outcomes-shown', seen: shown.detail.seen, ...(rest['body'] as object) },
    })

  test('shows its decider the findings, what higher bands lack, who decides and what to send back', async () => {
    const id = await fresh()
    const { detail, etag } = await show('reviewer', id)
    expect(etag).toMatch(/^"2\./)
    expect(detail).toMatchObject({
      id,
      state: 'deciding',
      promised: 'C2-D',
      learner: { id: 'pers_learner', name: 'Test learner', protected: false },
      waiting: { for: { code: 'approver' } },
      deciders: [{ role: 'external-reviewer', person: 'pers_reviewer' }],
      decisions: [],
    })
    expect(detail['judgements']).toContainEqual(expect.objectContaining({ gate: 'identity', evidenceVersion: 2 }))
    expect(detail['higher']).toContainEqual(expect.objectContaining({ band: 'A' }))
    expect((detail['evidence'] as { kind: string }[]).map(({ kind }) => kind).toSorted()).toEqual([
      'completion',
      'participation',
    ])
  })

  test('is recorded once, with a human entry, and reaches the workflow later where Temporal is away', async () => {
    const id = await fresh()
    const shown = await show('reviewer', id)
    const first = await decide('reviewer', id, { shown, body: { text: 'All outcomes are shown.' } })
    expect(first.status, await first.clone().text()).toBe(202)
    const answer = await first.json()
    expect(answer).toMatchObject({ caseId: id, outcome: 'approve', delivery: 'pending' })

    const again = await decide('reviewer', id, { shown, body: { text: 'All outcomes are shown.' } })
    expect(await again.json()).toEqual(answer)

    const trail = await (await w.ask('officer', `${base}/${id}/trail?purpose=audit`)).json()
    const entries = (trail as { entries: { entry: Record<string, unknown> }[] }).entries.map(({ entry }) => entry)
    const recorded = entries.filter((entry) => entry['type'] === 'decision.recorded/1')
    expect(recorded).toHaveLength(1)
    expect(recorded[0]).toMatchObject({
      actor: { kind: 'human', role: 'external-reviewer', authn: { auth_time: expect.any(Number) } },
      act: { outcome: 'approve', reason: 'outcomes-shown' },
      data: { decision: (answer as { decision: string }).decision },
    })
    const opened = (trail as { disclosures: { disclosure: string }[] }).disclosures.map(({ disclosure }) =>
      openDisclosure(disclosure, recorded[0]?.['_sd'] as string[]),
    )
    expect(opened).toContainEqual(
      expect.objectContaining({ kind: 'opened', name: 'seen', value: shown.detail.seen.digest }),
    )
  })

  test('needs to say what was seen: without If-Match 428, with an old one 412 and what it is now', async () => {
    const id = await fresh()
    const shown = await show('reviewer', id)
    const bare = await w.ask('reviewer', `${base}/${id}/decisions`, {
      headers: { 'idempotency-key': 'k' },
      body: { outcome: 'approve', reason: 'ok', seen: shown.detail.seen },
    })
    expect([bare.status, await bare.json()]).toMatchObject([428, { code: 'precondition_required' }])
    const old = await decide('reviewer', id, { shown: { ...shown, etag: '"1.old"' } })
    expect([old.status, await old.json()]).toMatchObject([
      412,
      { code: 'precondition_failed', now: { state: 'deciding', seen: shown.detail.seen } },
    ])
    expect(old.headers.get('etag')).toBe(shown.etag)
  })

  test('that stands on something else than was shown is stale', async () => {
    const id = await fresh()
    const shown = await show('reviewer', id)
    const response = await decide('reviewer', id, { shown, body: { seen: { ...shown.detail.seen, digest: 'other' } } })
    expect([response.status, await response.json()]).toMatchObject([409, { code: 'stale', seen: shown.detail.seen }])
  })

  test('is the appointed person’s alone: others do not find the case, officers cannot approve', async () => {
    const id = await fresh()
    const shown = await show('reviewer', id)
    for (const who of ['decider', 'examiner'] as const) {
      expect((await w.ask(who, `${base}/${id}`)).status).toBe(404)
      expect((await decide(who, id, { shown })).status).toBe(404)
    }
    const officer = await decide('officer', id, { shown })
    expect([officer.status, await officer.json()]).toMatchObject([403, { code: 'not_appointed' }])
    const reviewer = await decide('reviewer', id, { shown, body: { outcome: 'refuse', text: 'No.' } })
    expect([reviewer.status, await reviewer.json()]).toMatchObject([403, { code: 'role_required' }])
  })

  test('of somebody who taught the learner is refused, with the rule', async () => {
    const id = await fresh('reviewer')
    const shown = await show('reviewer', id)
    const response = await decide('reviewer', id, { shown })
    expect(response.status).toBe(403)
    const problem = (await response.json()) as { code: string; findings: { rule: string }[] }
    expect(problem.code).toBe('separation')
    expect(problem.findings.map(({ rule }) => rule).join()).toContain('C2-D.separation')
  })

  test('with a key that was used for another decision is refused', async () => {
    const id = await fresh()
    const shown = await show('reviewer', id)
    expect((await decide('reviewer', id, { shown })).status).toBe(202)
    const other = await decide('reviewer', id, { shown, body: { outcome: 'reject', text: 'No.' } })
    expect([other.status, await other.json()]).toMatchObject([422, { code: 'idempotency_key_reused' }])
  })

  test('of an officer must fit where the case stands', async () => {
    const id = await fresh()
    const shown = await show('officer', id)
    const early = await decide('officer', id, { shown, body: { outcome: 'order-reassessment', text: 'Once more.' } })
    expect([early.status, await early.json()]).toMatchObject([409, { code: 'wrong_state', state: 'deciding' }])
    const withdrawn = await decide('officer', id, {
      shown,
      body: { outcome: 'withdraw', text: 'Asked for by the learner.' },
    })
    expect(withdrawn.status).toBe(202)
  })

  test('that refuses gives the learner reasons, what was missing and where to turn, in both languages', async () => {
    const declared = registerOf(institution)
    const reconsideration = { email: 'omprovning@norrsken.example', withinDays: 21 }
    const home = { ...declared.institution, body: { ...declared.institution.body, reconsideration } }
    await applyRegister(w.db, { ...declared, institution: home }, { by: applier })
    const id = await fresh()
    const shown = await show('officer', id)
    expect(shown.detail).not.toHaveProperty('refusal')
    const text = 'Identiteten går inte att fastställa i efterhand.'
    const answer = await decide('officer', id, { shown, body: { outcome: 'refuse', reason: 'identity-unknown', text } })
    const { decision } = (await answer.json()) as { decision: string }
    await inInstitution(w.open('bevis_pipeline'), institution, (tx) =>
      moveCases(tx, [
        {
          caseId: id,
          to: 'refused',
          cause: 'refused',
          step: 'decision',
          decision,
          entry: { type: 'case.refused/1', reason: 'identity-unknown' },
        },
      ]),
    )
    const { refusal } = (await show('officer', id)).detail as unknown as { refusal: Refused }
    expect(refusal.subject).toEqual({
      sv: expect.stringMatching(/^Beslut \d{4}-\d\d-\d\d: Strokevård utfärdas inte$/),
      en: expect.stringMatching(/^Decision of \d{4}-\d\d-\d\d: Stroke care will not be issued$/),
    })
    expect(refusal.reasons[0]).toEqual({ sv: text, en: text })
    expect(refusal.reasons.length).toBeGreaterThan(1)
    expect(refusal.missing.length).toBeGreaterThan(0)
    for (const language of ['sv', 'en'] as const) {
      expect(refusal.reconsideration[language]).toContain('norrsken univ')
      expect(refusal.reconsideration[language]).toMatch(/omprovning@norrsken\.example.* 21 /)
      for (const said of [...refusal.reasons, ...refusal.missing])
        expect(refusal.letter[language]).toContain(said[language])
    }
  })

  test('on a learner with protected identity shows nobody a name', async () => {
    const declared = registerOf(institution)
    const items = declared.items.map((item) =>
      item.id === 'pers_learner' ? ({ ...item, body: { ...item.body, protected: true } } as RegisterItem) : item,
    )
    await applyRegister(w.db, { ...declared, items }, { by: applier })
    const id = await fresh()
    for (const who of ['reviewer', 'officer'] as const) {
      const { detail } = await show(who, id)
      expect(detail['learner']).toEqual({ id: 'pers_learner', protected: true })
      expect(JSON.stringify(detail)).not.toContain('Test learner')
    }
    await applyRegister(w.db, declared, { by: applier })
  })

  test('that lacks what it needs says so, all at once', async () => {
    const id = await fresh()
    const shown = await show('reviewer', id)
    const response = await decide('reviewer', id, { shown, body: { outcome: 'return' } })
    expect(response.status).toBe(400)
    const { errors } = (await response.json()) as { errors: { pointer: string }[] }
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/text', '/markedItems'])
  })
})
