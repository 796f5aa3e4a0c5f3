/** Events posted over HTTP, through the same door as those on NATS: the same checks, transaction, dead letters and wake-ups. */
import type { TemporalClient } from '#connectors/platform/temporal.ts'
import type { Db } from '#db/client.ts'
import type { Problem } from '#db/dead-letters.ts'
import type { CaseId } from '#domain/words.ts'
import { httpStream } from './origin.ts'
import type { Refusal } from './refusal.ts'
import { authenticate, type PostedEvent, type SignedMessage } from './sender.ts'
import { type Taken, takeIn } from './take-in.ts'
import { type OnTaken, tellTaken } from './told.ts'
import { wakeAll } from './wake.ts'

/** What became of one event. */
export type PostedFate =
  | { readonly outcome: 'case'; readonly caseId: CaseId }
  /** `unresolved`: kept until somebody is known by the learner's reference. */
  | { readonly outcome: 'evidence' | 'duplicate' | 'unresolved' }
  | {
      readonly outcome: 'dead-letter'
      readonly deadLetter: string
      readonly code: string
      readonly problems: readonly Problem[]
    }

export type PostAnswer =
  /** One fate per event, in order. */
  | { readonly kind: 'taken'; readonly events: readonly PostedFate[] }
  /** Nothing was stored: at least one event does not show who sent it. One list per event; empty where nothing is wrong. */
  | { readonly kind: 'refused'; readonly events: readonly { code?: string; problems: readonly Problem[] }[] }
  /** Something we need is away. Sending all again is safe: what was taken in comes back as a duplicate. */
  | { readonly kind: 'not-now' }

/** Takes in a list of events of any emitters: all of them authenticated, or none taken in. */
export async function takeInPosted(
  dependencies: { readonly db: Db; readonly temporal: TemporalClient; readonly onTaken?: OnTaken },
  posted: readonly PostedEvent[],
): Promise<PostAnswer> {
  const senders = await authenticate(dependencies.db, posted)
  const messages = senders.filter((one): one is SignedMessage => one.kind === 'signed')
  if (messages.length < senders.length) return { kind: 'refused', events: senders.map(objection) }
  const takenIn = await takeIn(dependencies.db, httpStream, messages)
  const { taken, wakeUps } = takenIn
  tellTaken(dependencies.onTaken, messages, takenIn)
  // Whom it cannot wake now the relay wakes.
  await wakeAll(dependencies, wakeUps)
  const events = taken.map(fateOf)
  return events.some((fate) => fate === undefined)
    ? { kind: 'not-now' }
    : { kind: 'taken', events: events.flatMap((fate) => fate ?? []) }
}

function objection(sender: SignedMessage | Refusal): { code?: string; problems: readonly Problem[] } {
  return sender.kind === 'signed' ? { problems: [] } : { code: sender.code, problems: sender.problems }
}

function fateOf(taken: Taken): PostedFate | undefined {
  switch (taken.kind) {
    case 'case':
      return { outcome: 'case', caseId: taken.caseId }
    case 'evidence':
    case 'duplicate':
    case 'unresolved':
      return { outcome: taken.kind }
    case 'quarantined':
      return {
        outcome: 'dead-letter',
        deadLetter: taken.deadLetter,
        code: 'same-id-other-content',
        problems: taken.problems,
      }
    case 'refused':
      return { outcome: 'dead-letter', deadLetter: taken.deadLetter, code: taken.code, problems: taken.problems }
    case 'not-now':
      return undefined
  }
}
