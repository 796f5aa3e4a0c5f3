/** What an officer does with events that were not accepted: without it those routes would never be walked while things die. */
import { expectStatus } from '#dev/demo/api.ts'
import { eventually } from './ground.ts'
import type { Stage } from './stage.ts'

interface Letter {
  readonly id: string
  readonly state: string
}

/** Tries one letter again, then all, and discards another, as long as it takes; the first stay refused, for nothing was mended. */
export async function handleLetters({ ground }: Stage): Promise<string[]> {
  const { api, patienceMs } = ground
  let tried: string | undefined
  await eventually(
    'a dead letter is tried again',
    async () => {
      const [letter] = await openLetters(ground.api)
      if (letter === undefined) return false
      tried = letter.id
      const { status } = await api.post('officer-1', `/dead-letters/${letter.id}/replay`, {})
      return status >= 200 && status < 500
    },
    patienceMs,
  )
  await eventually(
    'all dead letters are tried again',
    async () => {
      const { status } = await api.post('officer-1', '/dead-letters:replay', { reason: 'cause-mended', limit: 5 })
      return status === 200
    },
    patienceMs,
  )
  await eventually(
    'an event is looked at',
    async () => {
      const init = { method: 'POST', headers: { 'content-type': 'application/cloudevents+json' }, body: '{}' }
      return (await fetch(`${ground.stack.urls.public}/v1/events:validate`, init)).ok
    },
    patienceMs,
  )
  await eventually(
    'a dead letter is discarded',
    async () => {
      const letter = (await openLetters(api)).find(({ id }) => id !== tried)
      if (letter === undefined) return false
      expectStatus(await api.post('officer-1', `/dead-letters/${letter.id}/discard`, { reason: 'not-ours' }), [200])
      return true
    },
    patienceMs,
  )
  return []
}

async function openLetters(api: Stage['ground']['api']): Promise<Letter[]> {
  const { body } = await api.get('officer-1', '/dead-letters?state=open&limit=50')
  return (body as { items: Letter[] }).items
}
