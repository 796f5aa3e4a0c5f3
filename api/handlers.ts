/** Who may judge what others did in a case: the rule of domain/handling.ts, asked inside the transaction that records the judgement. */
import { tookPart } from '#audit/appeal.ts'
import type { Entry } from '#audit/entry.ts'
import { everAppointed } from '#db/appointments.ts'
import { actorRef } from '#db/audit-log.ts'
import { collectInputs } from '#db/case-input.ts'
import type { Tx } from '#db/client.ts'
import { decisionsOf } from '#db/decisions.ts'
import { judgeHandler } from '#domain/handling.ts'
import type { CaseId, PersonId } from '#domain/words.ts'
import type { Caller } from './identity.ts'
import { Problem } from './problem.ts'

/** Whoever was ever appointed to the case or decided in it, whatever came of it. */
export async function actedIn(tx: Tx, caseId: CaseId): Promise<PersonId[]> {
  const appointed = await everAppointed(tx, [caseId])
  const decided = await decisionsOf(tx, [caseId])
  return [...appointed, ...decided].map(({ person }) => person)
}

export interface Judged {
  readonly caseId: CaseId
  /** Of the case's trail. */
  readonly entries: readonly Entry[]
  readonly matter: string
}

/** @throws Problem `handler_refused` with what speaks against the caller, `not_found` */
export async function demandHandler(tx: Tx, { humans, person }: Caller, judged: Judged): Promise<void> {
  const [input] = await collectInputs(tx, [judged.caseId])
  if (input === undefined) throw new Problem('not_found')
  const recorded = tookPart(judged.entries, judged.matter)
  const own = humans.filter((one) => recorded.has(actorRef(tx.keys, tx.institution, one)))
  const acted = [...(await actedIn(tx, judged.caseId)), ...own]
  const against = judgeHandler({ case: input, person, acted }).filter(({ outcome }) => outcome !== 'passed')
  if (against.length === 0) return
  const findings = against.map(({ rule, because, missing }) => ({ rule, because, missing }))
  throw new Problem('handler_refused', { members: { findings } })
}
