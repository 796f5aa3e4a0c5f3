/** The lives that are recorded: what the activities answer and who sends what when. Their answers keep to the contract. */
import type {
  ErasureRequest,
  GateOutcome,
  OpenedCase,
  PipelineActivities,
  RevocationRequest,
  SigningActivities,
  SignOutcome,
} from '#activities/contracts.ts'
import { as, type CaseId, type DecisionId, type Instant, type InstitutionId } from '#domain/words.ts'

type Acts = PipelineActivities & SigningActivities

/** Answers by activity, in the order in which they are asked for. */
export type Script = { readonly [Name in keyof Acts]?: readonly Awaited<ReturnType<Acts[Name]>>[] }

/** Sent as soon as the workflow has set so many timers: that is how a waiting case shows from outside. */
export interface Message {
  readonly afterTimers: number
  readonly send:
    | { readonly signal: string }
    | { readonly decision: DecisionId }
    /** Sent while no worker is there, so that one workflow task brings them all. */
    | { readonly together: readonly DecisionId[] }
}

export interface Story {
  readonly workflow: 'issuance' | 'cohort' | 'revocation' | 'statusLists' | 'reconciliation' | 'erasure' | 'disposal'
  readonly workflowId: string
  readonly args: readonly unknown[]
  readonly answers: Script
  readonly messages: readonly Message[]
}

const institution = as<InstitutionId>('norrsken')
const caseId = as<CaseId>('case_aaaaaaaaaaaaaaaaaaaaaaaaaa')

const revocation: RevocationRequest = { institution, revocationId: 'revo_aaaaaaaaaaaaaaaaaaaaaaaaaa' }

const erasure: ErasureRequest = { institution, erasureId: 'eras_aaaaaaaaaaaaaaaaaaaaaaaaaa' }

const told = (of: CaseId, outcome: GateOutcome['outcome'], more: Partial<GateOutcome> = {}): GateOutcome[] => [
  { caseId: of, outcome, evidenceVersion: 1, ...more },
]
const gate = (outcome: GateOutcome['outcome'], more: Partial<GateOutcome> = {}) => told(caseId, outcome, more)
const pass = gate('pass')
const openedOf = (of: CaseId): OpenedCase => ({
  caseId: of,
  outcome: 'pass',
  evidenceVersion: 1,
  go: true,
  intended: false,
  needsApproval: false,
  document: true,
})
const opened = (more: Partial<OpenedCase> = {}): OpenedCase[] => [{ ...openedOf(caseId), ...more }]
const signedOf = (of: CaseId): SignOutcome => ({ caseId: of, outcome: 'signed', credentials: [] })
const signed = [signedOf(caseId)]

const inMs = (milliseconds: number) => as<Instant>(new Date(Date.now() + milliseconds).toISOString())
const aDay = 86_400_000

const automatic: Script = {
  open: [opened()],
  automatic: [pass],
  clearance: [pass],
  sign: [signed],
  delivery: [gate('ended')],
}

/** Each time anew, because deadlines are counted from now. */
export const stories: Readonly<Record<string, () => Story>> = {
  'issuance-automatic': () => issuance(automatic),

  'issuance-record-without-document': () => issuance({ ...automatic, open: [opened({ document: false })], sign: [] }),

  'issuance-waits-for-evidence': () =>
    issuance(
      {
        ...automatic,
        open: [opened(), opened({ evidenceVersion: 2 })],
        automatic: [gate('wait', { for: 'evidence', until: inMs(aDay) }), pass],
      },
      [{ afterTimers: 1, send: { signal: 'evidenceArrived' } }],
    ),

  'issuance-reminded-and-escalated': () =>
    issuance(
      {
        ...automatic,
        open: [opened(), opened({ evidenceVersion: 2 })],
        automatic: [gate('wait', { for: 'evidence', remindAt: inMs(300), until: inMs(600) }), pass],
        remind: [undefined],
        escalate: [gate('stop', { for: 'officer', until: inMs(aDay) })],
      },
      [{ afterTimers: 3, send: { signal: 'evidenceArrived' } }],
    ),

  'issuance-approved-after-return': () => {
    const [first, second] = [as<DecisionId>('deci_a'), as<DecisionId>('deci_b')]
    const forApprover = gate('wait', { for: 'approver', remindAt: inMs(aDay / 2), until: inMs(aDay) })
    return issuance(
      {
        open: [
          opened({ needsApproval: true }),
          opened({ outcome: 'wait', go: false, needsApproval: true, for: 'supplement', until: inMs(aDay) }),
          opened({ needsApproval: true, evidenceVersion: 2 }),
          opened({ needsApproval: true, evidenceVersion: 2 }),
        ],
        automatic: [pass, pass, pass],
        approval: [forApprover, forApprover, pass],
        readDecision: [
          { decisionId: first, outcome: 'returned' },
          { decisionId: second, outcome: 'approved' },
        ],
        clearance: [pass],
        sign: [signed],
        delivery: [gate('ended')],
      },
      [
        { afterTimers: 1, send: { decision: first } },
        { afterTimers: 2, send: { signal: 'evidenceArrived' } },
        { afterTimers: 3, send: { decision: second } },
      ],
    )
  },

  'issuance-approved-with-the-level-shown': () => {
    const decision = as<DecisionId>('deci_f')
    const forApprover = gate('wait', { for: 'approver', remindAt: inMs(aDay / 2), until: inMs(aDay) })
    return issuance(
      {
        ...automatic,
        open: [opened({ needsApproval: true }), opened({ needsApproval: true, levelShown: true })],
        approval: [forApprover, pass],
        readDecision: [{ decisionId: decision, outcome: 'approved' }],
      },
      [{ afterTimers: 1, send: { decision } }],
    )
  },

  'issuance-decided-twice-at-once': () => {
    const [first, second] = [as<DecisionId>('deci_d'), as<DecisionId>('deci_e')]
    const forApprover = gate('wait', { for: 'approver', remindAt: inMs(aDay / 2), until: inMs(aDay) })
    return issuance(
      {
        open: [opened({ needsApproval: true }), opened({ needsApproval: true })],
        automatic: [pass, pass],
        approval: [forApprover, pass],
        readDecision: [
          { decisionId: first, outcome: 'approved' },
          { decisionId: second, outcome: 'approved' },
        ],
        clearance: [pass],
        sign: [signed],
        delivery: [gate('ended')],
      },
      [{ afterTimers: 1, send: { together: [first, second] } }],
    )
  },

  'issuance-not-signed-then-withdrawn': () => {
    const decision = as<DecisionId>('deci_c')
    return issuance(
      {
        ...automatic,
        open: [opened(), opened({ outcome: 'ended', go: false })],
        sign: [[{ caseId, outcome: 'refused', credentials: [], code: 'lint' }]],
        signingRefused: [gate('stop', { for: 'officer', until: inMs(aDay) })],
        readDecision: [{ decisionId: decision, outcome: 'withdrawn' }],
      },
      [{ afterTimers: 1, send: { decision } }],
    )
  },

  'cohort-automatic': () => {
    const members = [a, b, c]
    const passed = members.flatMap((one) => told(one, 'pass'))
    return together(members, {
      open: [members.map(openedOf)],
      automatic: [passed],
      clearance: [passed],
      sign: [members.map(signedOf)],
      delivery: [members.flatMap((one) => told(one, 'ended'))],
    })
  },

  'cohort-some-leave': () => {
    const deadline = { until: inMs(aDay) }
    const passed = (...cases: CaseId[]) => cases.flatMap((one) => told(one, 'pass'))
    return together([a, b, c, d, e], {
      open: [
        [openedOf(a), openedOf(b), openedOf(c), { ...openedOf(d), needsApproval: true }, openedOf(e)],
        [openedOf(e)],
      ],
      automatic: [
        [
          ...passed(a, d),
          ...told(b, 'alone'),
          ...told(c, 'wait', { for: 'evidence', ...deadline }),
          ...told(e, 'again'),
        ],
        passed(e),
      ],
      approval: [told(d, 'wait', { for: 'approver', ...deadline })],
      leave: [undefined, undefined],
      clearance: [passed(a), passed(e)],
      sign: [[signedOf(a)], [{ ...signedOf(e), outcome: 'refused', code: 'lint' }]],
      signingRefused: [told(e, 'stop', { for: 'officer', ...deadline })],
      delivery: [told(a, 'ended')],
    })
  },

  'revocation-approved': () => ({
    ...revocationStory,
    answers: {
      revocationGate: [
        { state: 'proposed', deadline: aDay / 1000 },
        { state: 'approved', deadline: aDay / 1000 },
        { state: 'approved', deadline: aDay / 1000 },
      ],
      revoke: [{ state: 'executed', deadline: aDay / 1000 }],
      publishStatusLists: [{ published: ['1'] }],
      revocationDone: [undefined],
    },
    messages: [{ afterTimers: 1, send: { decision: as<DecisionId>('deci_d') } }],
  }),

  'revocation-expired': () => ({
    ...revocationStory,
    answers: {
      revocationGate: [
        { state: 'proposed', deadline: 0.2 },
        { state: 'proposed', deadline: 0.2 },
      ],
      revocationExpired: [undefined],
    },
    messages: [],
  }),

  'erasure-approved': () => ({
    ...erasureStory,
    answers: {
      erasureGate: [
        { state: 'proposed', deadline: aDay / 1000 },
        { state: 'approved', deadline: aDay / 1000 },
        { state: 'approved', deadline: aDay / 1000 },
      ],
      erase: [undefined],
    },
    messages: [{ afterTimers: 1, send: { decision: as<DecisionId>('deci_d') } }],
  }),

  'erasure-expired': () => ({
    ...erasureStory,
    answers: {
      erasureGate: [
        { state: 'proposed', deadline: 0.2 },
        { state: 'proposed', deadline: 0.2 },
      ],
      erasureExpired: [undefined],
    },
    messages: [],
  }),

  'status-lists-published': () => ({
    workflow: 'statusLists',
    workflowId: 'status-lists',
    args: [],
    answers: { institutions: [[institution]], publishStatusLists: [{ published: ['1', '2'] }] },
    messages: [],
  }),

  'disposal-suggested': () => ({
    workflow: 'disposal',
    workflowId: 'disposal',
    args: [],
    answers: { reconcilable: [[institution]], suggestDisposals: [3] },
    messages: [],
  }),

  'reconciled-at-night': () => ({
    workflow: 'reconciliation',
    workflowId: 'reconciliation',
    args: [],
    answers: { reconcilable: [[institution]], reconcile: [2] },
    messages: [],
  }),
}

/** Members of a cohort. */
const member = (letter: string) => as<CaseId>(`case_${letter.repeat(26)}`)
const [a, b, c, d, e] = [member('b'), member('c'), member('d'), member('e'), member('f')]

function together(cases: readonly CaseId[], answers: Script): Story {
  const workflowId = `cohort/${institution}/aaaaaaaaaaaaaaaaaaaaaaaaaa`
  return { workflow: 'cohort', workflowId, args: [{ institution, cases }], answers, messages: [] }
}

function issuance(answers: Script, messages: readonly Message[] = []): Story {
  const workflowId = `case/${institution}/${caseId}`
  return { workflow: 'issuance', workflowId, args: [{ institution, caseId }], answers, messages }
}

const erasureStory = {
  workflow: 'erasure',
  workflowId: `erasure/${institution}/${erasure.erasureId}`,
  args: [erasure],
} as const

const revocationStory = {
  workflow: 'revocation',
  workflowId: `revocation/${institution}/cred_aaaaaaaa/1`,
  args: [revocation],
} as const
