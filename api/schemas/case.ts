/** A case as it is shown: to find it in a list, and to decide on it (contracts §7). */
import { z } from '@hono/zod-openapi'
import { caseSorts } from '#db/queries/case-list.ts'
import { caseStates } from '#domain/issuance/state.ts'
import {
  band,
  caseId,
  credentialId,
  evidenceId,
  instant,
  largestInteger,
  level,
  moment,
  pageOfItems,
  pageQuery,
  personId,
  text,
} from './words.ts'

const approverRole = z.enum(['external-reviewer', 'decision-maker', 'examiner'])

/** For whom or what a case waits. Codes; a person by register id. */
const waiting = z
  .object({
    for: z.unknown().openapi({ description: 'Code, or object with a code: evidence, officer, approver, supplement …' }),
    since: instant.optional(),
    until: instant.optional(),
  })
  .openapi('Waiting')

const summary = {
  id: caseId,
  achievement: z.object({ id: z.string(), version: z.int() }),
  offering: z
    .string()
    .openapi({ description: '`***` of somebody with protected identity, whose occasion and group are left out' }),
  attempt: z.int(),
  occasion: z.string().optional(),
  group: z.string().optional(),
  state: z.enum(caseStates),
  step: z.string(),
  promised: band,
  evidenceLevel: level.optional(),
  level: level.optional(),
  waiting: waiting.optional(),
  evidenceVersion: z.int(),
  test: z.boolean(),
  openedAt: instant,
  changedAt: instant,
}

export const caseSummary = z.object(summary).openapi('CaseSummary')

export const casePage = z
  .object({
    ...pageOfItems(caseSummary),
    total: z
      .object({ count: z.int(), capped: z.boolean().openapi({ description: 'There are at least so many' }) })
      .optional()
      .openapi({ description: 'Only when asked for with count=capped' }),
  })
  .openapi('CasePage')

const name = z.string().min(1).max(200)
const either = z.enum(['true', 'false'])

export const caseQuery = pageQuery.extend({
  q: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .openapi({
      description:
        'Any identifier, exact: case, credential, evidence, trail, event key, event id, achievement, offering, occasion, group, ' +
        'or a reference of the learner in one of the institution’s schemes',
    }),
  state: z.enum(caseStates).optional(),
  step: name.optional().openapi({ description: 'Where in the cycle', example: 'approval' }),
  band: band.optional().openapi({ description: 'The band the achievement promises' }),
  achievement: name.optional(),
  offering: name.optional(),
  attempt: z.coerce.number().int().min(1).max(largestInteger).optional(),
  occasion: name.optional(),
  group: name.optional(),
  source: name.optional().openapi({ description: 'Emitter of an event, together with event' }),
  event: z.string().min(1).max(500).optional().openapi({ description: 'Id of an event of that source' }),
  learnerScheme: z.string().max(100).optional(),
  learner: z
    .string()
    .max(500)
    .optional()
    .openapi({ description: 'Value of a reference, together with learnerScheme; exact match only' }),
  mine: either.optional().openapi({ description: 'Only cases the caller is appointed to; always so for approvers' }),
  appointed: personId
    .optional()
    .openapi({ description: 'Only cases this person is appointed to decide; officers only' }),
  waitingFor: name.optional().openapi({ description: 'Code of what the case waits for', example: 'evidence' }),
  overdue: either.optional().openapi({ description: 'Its deadline has passed, or not' }),
  ended: either.optional().openapi({ description: 'Issued, recorded, refused or withdrawn, or none of these' }),
  test: either.optional(),
  openedFrom: moment.optional(),
  openedUntil: moment.optional().openapi({ description: 'Exclusive' }),
  changedFrom: moment.optional(),
  changedUntil: moment.optional().openapi({ description: 'Exclusive' }),
  sort: z
    .enum(caseSorts)
    .default('changed')
    .openapi({ description: 'waitingUntil lists only cases with a deadline, the nearest first' }),
  order: z.enum(['asc', 'desc']).optional().openapi({ description: 'Default: latest first; nearest deadline first' }),
  count: z.literal('capped').optional().openapi({ description: 'Count what matches, up to 10,000' }),
})

const finding = z.object({
  rule: z.string(),
  outcome: z.enum(['passed', 'failed', 'missing', 'could-not-check']),
  because: text,
  missing: text.optional(),
  evidence: z.array(evidenceId),
})

const judgement = z
  .object({
    gate: z.string(),
    outcome: z.enum(['pass', 'fail', 'missing', 'could-not-check']),
    band,
    rules: z.string(),
    evidenceVersion: z.int(),
    at: instant,
    findings: z.array(finding),
    extra: z.record(z.string(), z.unknown()).openapi({ description: 'What the gate tells beside its findings' }),
  })
  .openapi('Judgement')

export const evidenceSummary = z
  .object({
    id: evidenceId,
    kind: z.string(),
    occurredAt: instant,
    offering: z.string(),
    attempt: z.int(),
    occasion: z.string().optional(),
    emitter: z.string(),
    owner: z.string(),
    signed: z.boolean(),
    withdrawnBy: evidenceId.optional(),
  })
  .openapi('EvidenceSummary')

/** What the learner is told, in both languages (levels.md: a refusal says why, what was missing, and where to turn). */
const refusal = z
  .object({
    subject: text,
    reasons: z.array(text),
    missing: z.array(text),
    reconsideration: text,
    letter: text.openapi({ description: 'All of it, paragraphs separated by an empty line' }),
  })
  .openapi('Refusal')

const missingForBand = z.object({ band, lacks: z.array(finding) })

export const caseDetail = z
  .object({
    ...summary,
    learner: z.object({
      id: personId,
      name: z.string().optional(),
      protected: z.boolean().openapi({ description: 'Protected identity: the name is not shown' }),
    }),
    judgements: z.array(judgement).openapi({ description: 'The latest of each gate' }),
    evidence: z.array(evidenceSummary),
    higher: z.array(missingForBand).openapi({ description: 'What each higher band lacks' }),
    deciders: z.array(z.object({ role: approverRole, person: personId, rule: z.string(), since: instant })),
    decisions: z.array(
      z.object({
        id: z.string(),
        person: personId,
        role: z.string(),
        outcome: z.string(),
        reason: z.string(),
        evidenceVersion: z.int(),
        at: instant,
      }),
    ),
    credentials: z.array(z.object({ id: credentialId, format: z.string(), issuedAt: instant })),
    refusal: refusal.optional().openapi({ description: 'Of a refused case' }),
    traceId: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional()
      .openapi({ description: 'W3C Trace Context: the trace of the event that opened it' }),
    seen: z
      .object({ evidenceVersion: z.int(), digest: z.string() })
      .openapi({ description: 'Send back with a decision: it is what the decision stands on' }),
  })
  .openapi('Case')
