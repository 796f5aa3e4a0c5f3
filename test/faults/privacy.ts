/** What privacy officers do: without it those routes and acts would never be walked while things die. */
import { expectStatus } from '#dev/demo/api.ts'
import { eventually, patiently } from './ground.ts'
import type { Stage } from './stage.ts'

interface Shown {
  readonly id: string
  readonly state: string
  readonly outside?: string
}

const [first, second] = ['officer-2', 'officer-3'] as const

/** Holds, marks and erasures of each end: turned down, run out, carried out, and one that a machine suggested; as long as it takes. */
export async function keepPrivate(stage: Stage): Promise<void> {
  await holdAndLift(stage)
  await markAndEnd(stage)
  await erased(stage, 'refused', (id, tag) => act(stage, `/erasures/${id}/refuse`, tag))
  await erased(stage, 'executed', (id, tag) => act(stage, `/erasures/${id}/approve`, tag))
  await erased(stage, 'expired', async () => undefined)
  await adoptSuggested(stage)
}

async function act({ ground }: Stage, path: string, tag: Readonly<Record<string, string>>): Promise<void> {
  expectStatus(await ground.api.post(second, path, {}, tag), [200])
}

/** Newest first; nothing has ended yet at the beginning. */
async function endedCases({ ground }: Stage): Promise<string[]> {
  const { body } = await ground.api.get('officer-1', '/cases?ended=true&limit=50')
  return (body as { items: { id: string }[] }).items.map(({ id }) => id)
}

async function holdAndLift(stage: Stage): Promise<void> {
  const { api, patienceMs } = stage.ground
  let held: string | undefined
  await eventually(
    'a hold is placed and lifted',
    async () => {
      held ??= (await endedCases(stage))[0]
      if (held === undefined) return false
      const hold = { case: held, only: 'case', reason: 'appeal', decision: 'STYR-1' }
      const placed = await api.post(first, '/holds', hold, { 'idempotency-key': `hold-${stage.rounds}` })
      const { id } = expectStatus(placed, [201]).body as Shown
      // Lifted already by an answer that was lost.
      expectStatus(await api.post(first, `/holds/${id}/lift`, { decision: 'STYR-2' }), [200, 409])
      return true
    },
    patienceMs,
  )
}

async function markAndEnd({ ground: { api, patienceMs } }: Stage): Promise<void> {
  const person = 'pers_trainer_2'
  const mark = { person, reason: 'sekretessmarkering', decision: 'SEK-1' }
  await eventually(
    'a person is marked as protected, and no longer',
    async () => {
      expectStatus(await api.post(first, '/protections', mark), [200])
      expectStatus(await api.post(first, `/protections/${person}/end`, { decision: 'SEK-2' }), [200, 404])
      return true
    },
    patienceMs,
  )
}

type Decide = (id: string, tag: Readonly<Record<string, string>>) => Promise<void>

/** The words of an ended case’s decisions, until an erasure of them has ended so. One that has ended otherwise is proposed anew. */
async function erased(stage: Stage, to: string, decide: Decide): Promise<void> {
  const { api, patienceMs } = stage.ground
  const others = new Set<string>()
  let tries = 0
  await eventually(
    `an erasure is ${to}`,
    async () => {
      const about = (await endedCases(stage)).find((id) => !others.has(id))
      if (about === undefined) return false
      const headers = { 'idempotency-key': `${to}-${stage.rounds}-${tries}-${about}` }
      const proposed = await api.post(first, '/erasures', proposalOf(about), headers)
      if (proposed.status === 409) others.add(about)
      const { id } = expectStatus(proposed, [201]).body as Shown
      const { body, etag } = await api.get(second, `/erasures/${id}`)
      const { state } = body as Shown
      if (state === 'proposed') await decide(id, { 'if-match': etag ?? '' })
      const isOver = state !== 'proposed' && state !== 'approved'
      if (isOver && state !== to) tries += 1
      return state === to
    },
    patienceMs,
  )
}

function proposalOf(about: string) {
  const ground = { basis: 'gdpr-17-1-e', archive: 'not-a-record', decision: 'STYR-3' }
  return { ...ground, case: about, only: 'case', classes: ['decisions'], text: 'Fritexten ska bort' }
}

async function adoptSuggested({ ground: { api, patienceMs }, line }: Stage): Promise<void> {
  await patiently(() => line.client.schedule.getHandle('disposal').trigger(), patienceMs)
  await eventually(
    'a suggested disposal is taken up',
    async () => {
      const { body } = await api.get(first, '/erasures?state=suggested&limit=1')
      const [suggested] = (body as { items: Shown[] }).items
      if (suggested === undefined) return false
      const { etag } = await api.get(first, `/erasures/${suggested.id}`)
      const headers = { 'if-match': etag ?? '' }
      expectStatus(
        await api.post(first, `/erasures/${suggested.id}/adopt`, { text: 'Enligt beslutet' }, headers),
        [200],
      )
      return true
    },
    patienceMs,
  )
}
