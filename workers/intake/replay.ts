/** Dead letters tried again, after their cause is mended. Without it the sender would have to send everything once more. */
import { inStep } from '#config/failpoints.ts'
import type { TemporalClient } from '#connectors/platform/temporal.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { closeDeadLetters, type OpenedDeadLetter, readDeadLetter } from '#db/dead-letters.ts'
import type { RecordedEvent } from '#db/intake.ts'
import type { InstitutionId } from '#domain/words.ts'
import { type Taken, takeIn } from './take-in.ts'
import { wakeAll } from './wake.ts'

export interface ReplayOrder {
  readonly institution: InstitutionId
  readonly ids: readonly string[]
  /** Pseudonym of the person or name of the service that asks. */
  readonly by: string
  /** A code. */
  readonly reason: string
}

export type Replayed = { readonly id: string } & (
  | { readonly kind: 'taken'; readonly as: RecordedEvent['kind'] }
  /** Still refused: stays open, under this id where the reason is the same, else beside a new dead letter. */
  | { readonly kind: 'refused'; readonly code: string; readonly deadLetter: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'closed'; readonly state: OpenedDeadLetter['state'] }
  | { readonly kind: 'not-now' }
)

/** Sends stored messages through the same door as new ones; what is taken in is closed as replayed. Safe to repeat. */
export async function replayDeadLetters(
  dependencies: { readonly db: Db; readonly temporal: TemporalClient },
  order: ReplayOrder,
): Promise<Replayed[]> {
  const answers: Replayed[] = []
  for (const id of order.ids) {
    answers.push(await inStep('replay', () => replay(dependencies, { ...order, id })))
  }
  return answers
}

async function replay(
  dependencies: { readonly db: Db; readonly temporal: TemporalClient },
  { id, institution, by, reason }: Omit<ReplayOrder, 'ids'> & { readonly id: string },
): Promise<Replayed> {
  const { db } = dependencies
  const letter = await inInstitution(db, institution, (tx) => readDeadLetter(tx, id))
  if (letter === undefined) return { id, kind: 'not-found' }
  if (letter.state !== 'open') return { id, kind: 'closed', state: letter.state }
  const { taken, wakeUps } = await takeIn(db, letter.stream, [letter])
  const answer = answerOf(id, taken[0])
  if (answer.kind !== 'taken') return answer
  await inInstitution(db, institution, (tx) => closeDeadLetters(tx, { ids: [id], state: 'replayed', by, reason }))
  // What cannot be woken now is woken by the relay.
  await wakeAll(dependencies, wakeUps)
  return answer
}

function answerOf(id: string, taken: Taken | undefined): Replayed {
  switch (taken?.kind) {
    case 'refused':
      return { id, kind: 'refused', code: taken.code, deadLetter: taken.deadLetter }
    case 'quarantined':
      return { id, kind: 'refused', code: 'same-id-other-content', deadLetter: id }
    case 'not-now':
    case undefined:
      return { id, kind: 'not-now' }
    case 'case':
    case 'evidence':
    case 'duplicate':
    case 'unresolved':
      return { id, kind: 'taken', as: taken.kind }
  }
}
