/** A person who decides while the house is flooded, and how long each decision takes her. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { caseId, eventKey } from '#db/ids.ts'
import { expectStatus } from '#dev/demo/api.ts'
import { as, type CaseId, type InstitutionId } from '#domain/words.ts'
import { wide } from '../../../bench/width.ts'
import { courseC, offeringOf } from '../../e2e/courses.ts'
import { eventually, type Ground, patiently, sendSurely } from '../ground.ts'

export interface Decided {
  readonly case: CaseId
  /** From the click to the answer. */
  readonly ms: number
  /** 200: the case has heard of it. 202: recorded, and told to the case as soon as can be. */
  readonly status: number
}

const institution = as<InstitutionId>('norrsken')

/**
 * Cases of contract education that wait for their examiner, taken in turns by these learners: who has many courses has much to be
 * weighed in each.
 */
export async function casesToDecide(
  ground: Ground,
  { run, learners, many }: { readonly run: string; readonly learners: readonly string[]; readonly many: number },
): Promise<CaseId[]> {
  const ids: CaseId[] = []
  await wide(Array.from({ length: many }).keys(), 16, async (index) => {
    const at = offeringOf(learners[index % learners.length] ?? '01', 'handledning-i-varden', `${run}-${index}`)
    for (const draft of courseC(at)) {
      const { source, id } = await sendSurely(ground, draft)
      if (draft.type.includes('completion')) ids.push(caseId(eventKey(institution, source, id)))
    }
  })
  await eventually(`${many} cases wait for their examiner`, async () => {
    const rows = await ground.admin`select id from cases where id = any(${ids}) and state = 'deciding'`
    return rows.length === many
  })
  return ids
}

/** Approves one after the other, as who is asked, with a pause in between; `enough` may end it early. */
export async function decideAll(
  ground: Ground,
  ids: readonly CaseId[],
  { pauseMs, enough = () => false }: { readonly pauseMs: number; readonly enough?: () => boolean },
): Promise<Decided[]> {
  const decided: Decided[] = []
  for (const id of ids) {
    if (enough()) break
    decided.push(await decide(ground, id))
    await sleep(pauseMs)
  }
  return decided
}

async function decide(ground: Ground, id: CaseId): Promise<Decided> {
  const { api } = ground
  const { view, etag } = await patiently(() => api.caseView('officer-1', id))
  const [examiner] = view.deciders
  const body = { outcome: 'approve', reason: 'outcomes-shown', seen: view.seen }
  const sub = api.subjectOf(examiner?.person ?? '')
  // A line that breaks in the flood is no answer: the same click is sent again, under the same key.
  const headers = { 'if-match': etag, 'idempotency-key': randomUUID() }
  const begun = performance.now()
  const answer = await patiently(() => api.post(sub, `/cases/${id}/decisions`, body, headers))
  const ms = performance.now() - begun
  // Something came in between: she looks again.
  if (answer.status === 412) return decide(ground, id)
  const { status } = expectStatus(answer, [200, 202])
  return { case: id, ms, status }
}
