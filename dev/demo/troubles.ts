/** What must not get through: a duplicate, changed content, a forged signature, a foreign institution's subject, nonsense. */
import type { Text } from '#domain/words.ts'
import { expectStatus } from './api.ts'
import type { Sent } from './emitters.ts'
import * as f from './facts.ts'
import type { Stage } from './play.ts'

export interface Trouble {
  readonly says: Text
  readonly code: string
  readonly found: boolean
}

interface Letter {
  readonly id: string
  readonly code: string
}

const officer = 'officer-1'

/** Sends each bad event and looks for its dead letter by code. */
export async function sendTroubles(stage: Stage, run: string, good: Sent): Promise<Trouble[]> {
  const { emitters } = stage
  const at = { learner: '03', achievement: 'handledning-i-varden', offering: `trouble-${run}` }
  const draft = f.completed('canvas-norrsken', at)
  const before = await letters(stage)

  await emitters.publish(good)
  await emitters.send({ ...f.completed('webb', { ...at, achievement: 'validering-information' }), id: good.id })
  await emitters.send(draft, { signature: 'other-key' })
  await emitters.send(draft, { signature: 'none' })
  const foreign = f.supervised('provtjanst', at)
  await emitters.send({ ...foreign, emitter: 'canvas-norrsken' })
  const { learner: _, ...without } = draft.data
  await emitters.send({ ...draft, data: { ...without, completedAt: 'yesterday' } })
  await emitters.send({ ...draft, data: { ...draft.data, learner: { scheme: 'canvas', value: 'nobody-knows-me' } } })

  const expected: readonly [Text, string][] = [
    [{ sv: 'samma id med annat innehåll', en: 'the same id with other content' }, 'same-id-other-content'],
    [{ sv: 'förfalskad underskrift', en: 'a forged signature' }, 'bad-signature'],
    [{ sv: 'underskrift saknas', en: 'a signature is missing' }, 'signature-missing'],
    [
      { sv: 'lärplattformen rapporterar sin egen övervakning', en: 'the learning platform reports its own proctoring' },
      'kind-not-granted',
    ],
    [{ sv: 'ogiltig händelse', en: 'an invalid event' }, 'invalid-event'],
  ]
  return Promise.all(expected.map(async ([says, code]) => ({ says, code, found: await appears(stage, code, before) })))
}

async function letters({ api }: Stage): Promise<Letter[]> {
  const { body } = expectStatus(await api.get(officer, '/dead-letters?limit=200'), [200])
  return (body as { items: Letter[] }).items
}

async function appears(stage: Stage, code: string, before: readonly Letter[]): Promise<boolean> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
    const fresh = (await letters(stage)).filter(({ id }) => !before.some((old) => old.id === id))
    if (fresh.some((letter) => letter.code === code)) return true
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return false
}
