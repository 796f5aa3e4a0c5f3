/** Who may decide on a case now. Without it an approver would be whoever asks, and the rule that drew them would be lost. */
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { actorRef, appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { lockCases } from '#db/cases.ts'
import { among, type Tx } from '#db/client.ts'
import { caseAppointment } from '#db/schema/cases.ts'
import type { ApproverRole } from '#domain/case.ts'
import type { CaseId, Instant, PersonId } from '#domain/words.ts'

export interface CaseAppointment {
  readonly caseId: CaseId
  readonly role: ApproverRole
  readonly person: PersonId
  /** Recorded rule by which this person was chosen: `next-in-list`, `by-officer` … */
  readonly rule: string
  readonly appointedAt: Instant
  /** Absent while it is held. */
  readonly ended?: { readonly at: Instant; readonly because: string }
}

export interface AppointmentDraft {
  readonly caseId: CaseId
  readonly role: ApproverRole
  readonly person: PersonId
  readonly rule: string
  /** Why the one before, if any, is no longer it; a code. */
  readonly because: string
  readonly actor?: EntryDraft['actor']
}

/**
 * Appoints, in place of whoever held the role; one entry each. Who holds the role already stays, without an entry. Locks the
 * cases.
 */
export async function appoint(tx: Tx, drafts: readonly AppointmentDraft[]): Promise<void> {
  if (drafts.length === 0) return
  const ids = drafts.map((draft) => draft.caseId)
  const rows = new Map((await lockCases(tx, ids)).map((row) => [row.id, row]))
  const history = await allOf(tx, ids)
  const entries: EntryDraft[] = []
  const appointed: AppointmentDraft[] = []
  for (const draft of drafts) {
    const row = rows.get(draft.caseId)
    const before = history.filter((one) => one.caseId === draft.caseId && one.role === draft.role)
    const current = before.find((one) => one.endedAt === null)
    if (row === undefined || current?.person === draft.person) continue
    if (current !== undefined) await endAppointment(tx, draft, draft.because)
    appointed.push(draft)
    entries.push(entryOf(tx, draft, { trail: row.trail, ordinal: before.length + 1 }))
  }
  if (appointed.length === 0) return
  await tx.orm.insert(caseAppointment).values(
    appointed.map(({ caseId, role, person, rule }) => ({
      institution: tx.institution,
      caseId,
      role,
      person,
      rule,
      appointedAt: sql`clock_timestamp()`,
    })),
  )
  await appendEntries(tx, entries)
}

/** Ends who holds the role now. False when nobody did. */
export async function endAppointment(
  tx: Tx,
  held: { readonly caseId: CaseId; readonly role: ApproverRole },
  because: string,
): Promise<boolean> {
  const ended = await tx.orm
    .update(caseAppointment)
    .set({ endedAt: sql`clock_timestamp()`, endedBecause: because })
    .where(
      and(
        eq(caseAppointment.institution, tx.institution),
        eq(caseAppointment.caseId, held.caseId),
        eq(caseAppointment.role, held.role),
        isNull(caseAppointment.endedAt),
      ),
    )
    .returning({ person: caseAppointment.person })
  return ended.length > 0
}

/** Who holds which role in these cases now, by case and role. */
export async function currentAppointments(tx: Tx, ids: readonly CaseId[]): Promise<CaseAppointment[]> {
  return (await allOf(tx, ids)).filter((one) => one.endedAt === null).map(parseAppointment)
}

/** Everybody who ever held a role in these cases, also those replaced: who was passed over is not drawn again. */
export async function everAppointed(tx: Tx, ids: readonly CaseId[]): Promise<CaseAppointment[]> {
  return (await allOf(tx, ids)).map(parseAppointment)
}

type Row = typeof caseAppointment.$inferSelect

async function allOf(tx: Tx, ids: readonly CaseId[]): Promise<Row[]> {
  if (ids.length === 0) return []
  return tx.orm
    .select()
    .from(caseAppointment)
    .where(and(eq(caseAppointment.institution, tx.institution), among(caseAppointment.caseId, [...ids])))
    .orderBy(asc(caseAppointment.caseId), asc(caseAppointment.role), asc(caseAppointment.appointedAt))
}

const drawnByRule = { ref: 'issuance', kind: 'workflow', role: 'conductor' } as const

function entryOf(tx: Tx, draft: AppointmentDraft, place: { trail: string; ordinal: number }): EntryDraft {
  return {
    trail: place.trail,
    id: `${draft.caseId}:appointed-${draft.role}:${place.ordinal}`,
    type: 'approver.appointed/1',
    actor: draft.actor ?? drawnByRule,
    act: { meaning: 'approver-appointed', outcome: 'appointed', reason: draft.because },
    data: { role: draft.role, rule: draft.rule, person: actorRef(tx.keys, tx.institution, draft.person) },
  }
}

/** A stored row as the house speaks of it. */
export function parseAppointment(row: Row): CaseAppointment {
  return {
    caseId: row.caseId as CaseId,
    role: row.role as ApproverRole,
    person: row.person as PersonId,
    rule: row.rule,
    appointedAt: row.appointedAt,
    ...(row.endedAt === null ? {} : { ended: { at: row.endedAt, because: row.endedBecause ?? 'unknown' } }),
  }
}
