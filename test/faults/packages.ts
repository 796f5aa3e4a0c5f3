/** What officers take out of the house: without it those routes would never be walked while things die. */
import { eventually } from './ground.ts'
import type { Stage } from './stage.ts'

/** A package of cases, a sample and a whole log, as long as it takes; each is an entry before it leaves. */
export async function takeOut({ ground: { api, patienceMs } }: Stage): Promise<void> {
  const why = { profile: 'accreditor', purpose: 'audit' }
  const asked = (what: string, path: string, order: () => Promise<object | undefined>) =>
    eventually(
      what,
      async () => {
        const body = await order()
        return body !== undefined && (await api.post('officer-1', `/audit-packages/${path}`, body)).status === 200
      },
      patienceMs,
    )
  await asked('a package of a case leaves', 'trails', async () => {
    const { body } = await api.get('officer-1', '/cases?ended=true&limit=1')
    const [first] = (body as { items: { id: string }[] }).items
    return first === undefined ? undefined : { cases: [first.id], ...why }
  })
  await asked('a sample leaves', 'samples', async () => ({ from: '2020-01-01T00:00:00Z', size: 1, ...why }))
  await asked('the whole log leaves', 'log', async () => ({ purpose: 'archive' }))
}

/** An appeal is decided by somebody apart and closed, a complaint is handled and closed; the same again is harmless. */
export async function answered({ ground: { api, patienceMs }, rounds }: Stage): Promise<void> {
  const received = new Date().toISOString().slice(0, 10)
  const reference = { reference: 'DNR-1' }
  const all = async (steps: readonly (readonly [who: string, path: string, body: object])[]) => {
    for (const [who, path, body] of steps) {
      const { status } = await api.post(
        who,
        path,
        { ...body, ...reference },
        { 'idempotency-key': `${path}-${rounds}` },
      )
      if (status !== 200) return false
    }
    return true
  }
  const others = new Set<string>()
  await eventually(
    'an appeal is followed to its end',
    async () => {
      const { body } = await api.get('officer-1', '/cases?ended=true&limit=50')
      const about = (body as { items: { id: string }[] }).items.find(({ id }) => !others.has(id))?.id
      if (about === undefined) return false
      const told = { case: about, kind: 'appeal', against: 'outcome', received, ...reference }
      const lodged = await api.post('officer-1', '/appeals', told, { 'idempotency-key': `appeal-${rounds}-${about}` })
      const path = `/appeals/${(lodged.body as { id?: string }).id ?? ''}`
      const done =
        lodged.status === 201 &&
        (await all([
          ['officer-1', `${path}/acknowledge`, {}],
          ['officer-3', `${path}/decide`, { outcome: 'dismissed', reason: 'criteria-met' }],
          ['officer-1', `${path}/close`, { followed: [] }],
        ]))
      // One that is appealed against already, or in which this officer has acted, gives way to the next.
      if (!done) others.add(about)
      return done
    },
    patienceMs,
  )
  await eventually(
    'a complaint is followed to its end',
    async () => {
      const told = { category: 'late-answer', received, ...reference }
      const begun = await api.post('officer-1', '/complaints', told, { 'idempotency-key': `complaint-${rounds}` })
      if (begun.status !== 201) return false
      const path = `/complaints/${(begun.body as { id: string }).id}`
      return all([
        ['officer-1', `${path}/acknowledge`, {}],
        ['officer-1', `${path}/progress`, { step: 'asked' }],
        ['officer-1', `${path}/close`, { outcome: 'unjustified', measures: [] }],
      ])
    },
    patienceMs,
  )
}

/** A review of the quality assurance is recorded, and what it found to be done is closed. */
export async function reviewed({ ground: { api, patienceMs }, rounds }: Stage): Promise<void> {
  await eventually(
    'a review is recorded and followed up',
    async () => {
      const review = {
        from: '2026-01-01',
        until: '2026-07-01',
        looked: [`report:${'A'.repeat(43)}`],
        findings: ['late-decisions'],
        actions: [{ action: 'remind-sooner', due: '2026-09-01' }],
        reference: 'KVAL-1',
      }
      const key = { 'idempotency-key': `review-${rounds}` }
      const recorded = await api.post('officer-1', '/quality-reviews', review, key)
      if (recorded.status !== 201) return false
      const { id } = recorded.body as { id: string }
      const closing = { action: 'remind-sooner', outcome: 'done', reference: 'KVAL-2' }
      return (await api.post('officer-1', `/quality-reviews/${id}/closings`, closing)).status === 200
    },
    patienceMs,
  )
}
