/** Cases as intake and the gates leave them, made with the very functions those workers use. */
import { appoint } from '#db/appointments.ts'
import { collectInputs } from '#db/case-input.ts'
import { freezeCases, moveCases } from '#db/cases.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import type { AcceptedEvent } from '#db/inbox.ts'
import { recordEvents } from '#db/intake.ts'
import { recordVerdicts } from '#db/verdicts.ts'
import { judge } from '#domain/gates/judge.ts'
import { as, type CaseId, type Instant, type InstitutionId, type OrganisationId } from '#domain/words.ts'
import { achievementId } from './achievement.ts'
import { type ApiWorld, institution as norrsken, personOf, type Somebody } from './world.ts'

const home = as<OrganisationId>('norrsken')

export interface Seed {
  readonly offering: string
  /** Who taught; the whole list. */
  readonly teacher?: Somebody
  readonly institution?: InstitutionId
}

let sequence = 0

/** A completion and who taught, taken in by intake; nothing has been judged. */
export async function receiveCase(
  w: ApiWorld,
  { offering, teacher = 'examiner', institution = norrsken }: Seed,
): Promise<CaseId> {
  const intake = w.open('bevis_intake')
  const at = '2026-02-01T10:00:00.000Z'
  const taught = {
    from: at,
    until: at,
    teaching: { organisation: home, teachers: [{ scheme: 'oidc', value: teacher }], complete: true },
  }
  const { events } = await recordEvents(intake, institution, [
    accepted({ institution, kind: 'completion', offering }, { completedAt: at }),
    accepted({ institution, kind: 'participation', offering }, taught),
  ])
  const [first] = events
  if (first?.kind !== 'case') throw new Error(`no case came of it: ${JSON.stringify(events)}`)
  return first.caseId
}

/** The same, through the gates up to the approval, with the reviewer appointed. */
export async function caseToDecide(w: ApiWorld, seed: Seed): Promise<CaseId> {
  const caseId = await receiveCase(w, seed)
  await inInstitution(w.open('bevis_pipeline'), seed.institution ?? norrsken, async (tx) => {
    await moveCases(tx, [
      { caseId, to: 'judging', cause: 'gates-started', step: 'open', entry: { type: 'case.resumed/1' } },
    ])
    await judgeAll(tx, caseId)
    await appoint(tx, [
      { caseId, role: 'external-reviewer', person: personOf('reviewer'), rule: 'draw.rotation/1', because: 'drawn' },
    ])
    const [moved] = await moveCases(tx, [
      {
        caseId,
        to: 'deciding',
        cause: 'approval-demanded',
        step: 'approval',
        waiting: { for: { code: 'approver' } },
        entry: { type: 'case.waiting/1', data: { for: 'approver' } },
      },
    ])
    if (!moved?.moved) throw new Error(`the case was not moved: ${JSON.stringify(moved)}`)
  })
  return caseId
}

/** One that `officer` has refused, as it ends: the decision's id with it. */
export async function refusedCase(w: ApiWorld, seed: Seed): Promise<{ caseId: CaseId; decision: string }> {
  const caseId = await caseToDecide(w, seed)
  const path = `/v1/institutions/${seed.institution ?? norrsken}/cases/${caseId}`
  const shown = await w.ask('officer', path)
  const { seen } = (await shown.json()) as { seen: object }
  const decided = await w.ask('officer', `${path}/decisions`, {
    headers: { 'if-match': shown.headers.get('etag') ?? '', 'idempotency-key': 'refuse' },
    body: { outcome: 'refuse', reason: 'identity-unknown', text: 'Identiteten går inte att fastställa.', seen },
  })
  const { decision } = (await decided.json()) as { decision: string }
  const entry = { type: 'case.refused/1', reason: 'identity-unknown' }
  await inInstitution(w.open('bevis_pipeline'), seed.institution ?? norrsken, (tx) =>
    moveCases(tx, [{ caseId, to: 'refused', cause: 'refused', step: 'decision', decision, entry }]),
  )
  return { caseId, decision }
}

async function judgeAll(tx: Tx, caseId: CaseId): Promise<void> {
  const [input] = await collectInputs(tx, [caseId])
  if (input === undefined) throw new Error('no input')
  await freezeCases(tx, [{ caseId, achievement: input.achievement, profiles: input.profiles }])
  const gates = ['open', 'identity', 'assessment', 'separation', 'evidence-level'] as const
  await recordVerdicts(
    tx,
    gates.map((gate) => ({ input, verdict: judge(gate, input) })),
  )
}

const types = {
  completion: 'org.beviskedja.completion.recorded.v1',
  participation: 'org.beviskedja.participation.recorded.v1',
} as const

/** A second completion at the same place: evidence of that case alone, which gets a new evidence version. */
export function completedAgain(offering: string): AcceptedEvent {
  return accepted({ institution: norrsken, kind: 'completion', offering }, { completedAt: '2026-02-02T10:00:00.000Z' })
}

interface About {
  readonly institution: InstitutionId
  readonly kind: keyof typeof types
  readonly offering: string
}

function accepted({ institution, kind, offering }: About, data: object): AcceptedEvent {
  sequence += 1
  const id = `event-${sequence}`
  const learner = { scheme: 'oidc', value: 'learner' }
  const common = { learner, achievement: achievementId, offering, attempt: 1 }
  const event = {
    specversion: '1.0',
    id,
    source: 'lms',
    institution,
    sequence,
    type: types[kind],
    data: { ...common, ...data },
  }
  return {
    id,
    source: 'lms',
    sequence,
    kind,
    learner,
    alsoKnownAs: [],
    introducesLearners: false,
    achievement: { id: achievementId, version: 1, band: 'C2-D', test: true },
    offering,
    attempt: 1,
    occurredAt: as<Instant>('2026-02-01T10:00:00.000Z'),
    from: { emitter: 'lms', owner: { organisation: home }, signed: true },
    event: JSON.parse(JSON.stringify(event)),
    computed: { credits: [] },
    message: {
      stream: 'COMPLETIONS',
      subject: `completions.${institution}.lms`,
      payload: Buffer.from(JSON.stringify(event)),
      headers: {},
    },
  }
}
