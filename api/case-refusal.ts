/** What the learner of a refused case is told; without it a refusal would end in a code, with nowhere to turn. */
import type { z } from 'zod'
import type { CaseRow } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import type { StoredDecision } from '#db/decisions.ts'
import { readInstitution } from '#db/institution.ts'
import type { StoredVerdict } from '#db/verdicts.ts'
import type { CaseInput } from '#domain/case.ts'
import { type RefusalInput, refusalOf } from '#domain/refusal.ts'
import type { Text } from '#domain/words.ts'
import type { caseDetail } from './schemas/case.ts'

export interface Refused {
  readonly input: CaseInput | undefined
  readonly verdicts: readonly StoredVerdict[]
  readonly decisions: readonly StoredDecision[]
}

type Shown = NonNullable<z.infer<typeof caseDetail>['refusal']>

/** Subject, reasons, what was missing, where to ask for reconsideration; undefined for a case that was not refused. */
export async function refusalShown(tx: Tx, row: CaseRow, refused: Refused): Promise<Shown | undefined> {
  const { input, verdicts, decisions } = refused
  const decision = decisions.findLast(({ outcome }) => outcome === 'reject' || outcome === 'refuse')
  if (row.state !== 'refused' || input === undefined || decision === undefined) return undefined
  const words = decision.detail?.text
  const { subject, reasons, missing, reconsideration, letter } = refusalOf({
    caseId: row.id,
    achievement: input.achievement.name,
    promised: row.promised,
    decidedAt: decision.at,
    verdicts: verdicts.map(({ verdict }) => verdict),
    // Written by a person, in one language: it is quoted as it stands.
    ...(words === undefined ? {} : { reason: { sv: words, en: words } }),
    contact: await contactOf(tx),
  })
  return { subject, reasons: reasons.map(copy), missing: missing.map(copy), reconsideration, letter }
}

/** Zod's types are mutable; the domain's are not. */
function copy(text: Text): { sv: string; en: string } {
  return { ...text }
}

/** Shape of the institution's body as far as it is told to learners; checked when the register was applied. */
interface Declared {
  readonly name: Text
  readonly url?: string
  readonly contact?: string
  readonly reconsideration?: { readonly email?: string; readonly url?: string; readonly withinDays?: number }
}

/** Where the register says to ask for reconsideration; else the institution's general address. */
async function contactOf(tx: Tx): Promise<RefusalInput['contact']> {
  const { name, url, contact, reconsideration } = (await readInstitution(tx)).body as Declared
  if (reconsideration !== undefined) return { institution: name, ...reconsideration }
  return {
    institution: name,
    ...(contact === undefined ? {} : { email: contact }),
    ...(url === undefined ? {} : { url }),
  }
}
