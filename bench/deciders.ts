/** Approvers as a program: each reads what is theirs over HTTP and decides on exactly that, the moment they are asked. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, expectStatus } from '#dev/demo/api.ts'
import type { CaseId } from '#domain/words.ts'
import type { Ground } from './ground.ts'

interface Asked {
  readonly id: CaseId
  readonly person: string
}

/** How many people decide at a time. */
const width = 16
const patienceMs = 600_000

/** Approves whatever is asked about these cases until all are issued. @throws Error when they are not within ten minutes */
export async function decideUntilIssued({ admin, api }: Ground, ids: readonly CaseId[]): Promise<void> {
  const seen = new Set<string>()
  const waiting: Asked[] = []
  let isOver = false
  const decider = async () => {
    while (!isOver) {
      const next = waiting.shift()
      if (next === undefined) await sleep(5)
      else await approve(api, next)
    }
  }
  const look = async () => {
    for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await sleep(25)) {
      const asked = await admin<Asked[]>`
        select c.id, a.person from cases c join case_appointment a on a.institution = c.institution and a.case_id = c.id
        where c.id = any(${ids}) and c.state = 'deciding' and a.ended_at is null`
      for (const one of asked) {
        const name = `${one.id}/${one.person}`
        if (!seen.has(name)) waiting.push(one)
        seen.add(name)
      }
      const issued = await admin`select id from cases where id = any(${ids}) and state = 'issued'`
      if (issued.length === ids.length) return
    }
    throw new Error('not all of the cases that were decided on were issued within ten minutes')
  }
  const looking = look().finally(() => {
    isOver = true
  })
  await Promise.all([looking, ...Array.from({ length: width }, decider)])
}

async function approve(api: Api, { id, person }: Asked): Promise<void> {
  const sub = api.subjectOf(person)
  const { view, etag } = await api.caseView(sub, id)
  const body = { outcome: 'approve', reason: 'outcomes-shown', seen: view.seen }
  expectStatus(await api.post(sub, `/cases/${id}/decisions`, body, { 'if-match': etag }), [200, 202])
}
