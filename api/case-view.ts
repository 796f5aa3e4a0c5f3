/** A case as a decider is shown it, and the mark of what was shown; a decision without the mark would stand on nothing (contracts §7). */
import type { z } from 'zod'
import { currentAppointments } from '#db/appointments.ts'
import { collectInputs } from '#db/case-input.ts'
import type { CaseRow } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { credentialsOf } from '#db/credentials.ts'
import { decisionsOf, seenDigest } from '#db/decisions.ts'
import { personalOf } from '#db/people.ts'
import { isProtected } from '#db/protection.ts'
import { factsOfCase } from '#db/queries/case-evidence.ts'
import { latestVerdicts, type StoredVerdict } from '#db/verdicts.ts'
import type { CaseInput } from '#domain/case.ts'
import { levelsOf } from '#domain/gates/judge.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { parseTraceparent } from '#domain/trace-context.ts'
import { summaryOf } from './case-evidence.ts'
import { refusalShown } from './case-refusal.ts'
import { maskedPlace } from './masking.ts'
import type { caseDetail, caseSummary } from './schemas/case.ts'

type Detail = z.infer<typeof caseDetail>

/** The row as every list shows it; of somebody protected without what tells where to find them. */
export function summaryOfCase(row: CaseRow, isHidden: boolean): z.infer<typeof caseSummary> {
  return isHidden ? maskedPlace(openSummary(row)) : openSummary(row)
}

function openSummary(row: CaseRow): z.infer<typeof caseSummary> {
  const { occasion, groupId, evidenceLevel, level, waitingFor, waitingSince, waitingUntil } = row
  return {
    id: row.id,
    achievement: { id: row.achievement, version: row.achievementVersion },
    offering: row.offering,
    attempt: row.attempt,
    ...(occasion === undefined ? {} : { occasion }),
    ...(groupId === undefined ? {} : { group: groupId }),
    state: row.state,
    step: row.step,
    promised: row.promised,
    ...(evidenceLevel === undefined ? {} : { evidenceLevel }),
    ...(level === undefined ? {} : { level }),
    ...(waitingFor === undefined
      ? {}
      : {
          waiting: {
            for: waitingFor,
            ...(waitingSince === undefined ? {} : { since: waitingSince }),
            ...(waitingUntil === undefined ? {} : { until: waitingUntil }),
          },
        }),
    evidenceVersion: row.evidenceVersion,
    test: row.test,
    openedAt: row.openedAt,
    changedAt: row.changedAt,
  }
}

/** Everything about one case that somebody who decides must see, read in one transaction. */
export async function detailOfCase(tx: Tx, row: CaseRow): Promise<Detail> {
  const ids = [row.id]
  const [[input], latest, deciders, decisions, credentials, facts, isHidden] = await Promise.all([
    collectInputs(tx, ids),
    latestVerdicts(tx, ids),
    currentAppointments(tx, ids),
    decisionsOf(tx, ids),
    credentialsOf(tx, ids),
    factsOfCase(tx, row),
    isProtected(tx, [row.person]),
  ])
  const verdicts = latest.get(row.id) ?? []
  const refusal = await refusalShown(tx, row, { input, verdicts, decisions })
  return {
    ...summaryOfCase(row, isHidden),
    learner: isHidden ? { id: row.person, protected: true } : await learnerOf(tx, row, input),
    judgements: verdicts.map(judgementOf),
    evidence: facts.map(({ fact }) => summaryOf(fact, isHidden)),
    higher: input === undefined ? [] : higherOf(input),
    deciders: deciders.map(({ role, person, rule, appointedAt }) => ({ role, person, rule, since: appointedAt })),
    decisions: decisions.map(({ id, person, role, outcome, reason, evidenceVersion, at }) => ({
      id,
      person,
      role,
      outcome,
      reason,
      evidenceVersion,
      at,
    })),
    credentials: credentials.map(({ id, format, issuedAt }) => ({ id, format, issuedAt })),
    ...(refusal === undefined ? {} : { refusal }),
    ...traceOf(row),
    seen: { evidenceVersion: row.evidenceVersion, digest: input === undefined ? '' : seenDigest(input, verdicts) },
  }
}

function traceOf({ traceparent }: CaseRow): Pick<Detail, 'traceId'> {
  const context = parseTraceparent(traceparent)
  return context === undefined ? {} : { traceId: context.traceId }
}

/** Strong validator (RFC 9110 §8.8.1): changes with whatever a decision on the case stands on. */
export function etagOf(detail: Pick<Detail, 'seen' | 'state' | 'step' | 'changedAt'>): string {
  const { seen, state, step, changedAt } = detail
  return `"${seen.evidenceVersion}.${seen.digest}.${state}.${step}.${Date.parse(changedAt).toString(36)}"`
}

async function learnerOf(tx: Tx, row: CaseRow, input: CaseInput | undefined): Promise<Detail['learner']> {
  const person = input?.register.persons.find((one) => one.id === row.person)
  // Unknown counts as protected: a name shown by mistake cannot be taken back.
  if (person === undefined || person.protected) return { id: row.person, protected: true }
  const name = (await personalOf(tx, [row.person])).get(row.person)?.name
  return { id: row.person, ...(name === undefined ? {} : { name }), protected: false }
}

function judgementOf({ gate, verdict, extra, evidenceVersion, at }: StoredVerdict): Detail['judgements'][number] {
  const { outcome, band, rules, findings } = verdict
  return { gate, outcome, band, rules, evidenceVersion, at, findings: findings.map(findingOf), extra: { ...extra } }
}

function higherOf(input: CaseInput): Detail['higher'] {
  return levelsOf(input).lacks.map(({ band, missing }) => ({ band, lacks: missing.map(findingOf) }))
}

function findingOf({ rule, outcome, because, missing, evidence }: Finding): Detail['higher'][number]['lacks'][number] {
  return {
    rule,
    outcome,
    because: { ...because },
    ...(missing === undefined ? {} : { missing: { ...missing } }),
    evidence: [...evidence],
  }
}
