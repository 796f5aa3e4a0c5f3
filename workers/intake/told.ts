/** What intake tells of each message, for logs and figures: whose it was and what became of it, never what it says. */
import type { Named, Taken, TakenIn } from './take-in.ts'

export interface TakenEvent extends Named {
  /** Milliseconds since 1970; of a message that came over a stream. */
  readonly storedAt?: number
  /** As the subject says: it need not be an institution of ours, nor an emitter anybody knows. */
  readonly institution: string
  readonly source: string
  readonly outcome: Taken['kind']
  /** That a completion opened or belongs to. */
  readonly caseId?: string
  /** Of a message that became a dead letter. */
  readonly code?: string
  readonly deadLetter?: string
}

export type OnTaken = (event: TakenEvent) => void

/** One call per message; what was taken in stands in the order of the messages. */
export function tellTaken(
  onTaken: OnTaken | undefined,
  messages: readonly { readonly subject: string; readonly storedAt?: number }[],
  { taken, named }: Pick<TakenIn, 'taken' | 'named'>,
): void {
  for (const [index, { subject, storedAt }] of messages.entries()) {
    const one = taken[index]
    if (one === undefined) continue
    const [, institution = '', source = ''] = subject.split('.')
    onTaken?.({
      institution,
      source,
      outcome: one.kind,
      ...named[index],
      ...(one.kind === 'case' ? { caseId: one.caseId } : {}),
      ...(storedAt === undefined ? {} : { storedAt }),
      ...refusalOf(one),
    })
  }
}

function refusalOf(taken: Taken): Pick<TakenEvent, 'code' | 'deadLetter'> {
  if (taken.kind === 'quarantined') return { code: 'same-id-other-content', deadLetter: taken.deadLetter }
  return taken.kind === 'refused' ? { code: taken.code, deadLetter: taken.deadLetter } : {}
}
