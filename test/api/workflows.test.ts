import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLeaf } from '#audit/entry.ts'
import { connectTemporal, startOnce, type TemporalLine } from '#connectors/platform/temporal.ts'
import { readTrail } from '#db/audit-log.ts'
import { inInstitution } from '#db/client.ts'
import { recordIntentions, storeCredentials } from '#db/credentials.ts'
import { caseWorkflowId } from '#db/ids.ts'
import { readInstitution } from '#db/institution.ts'
import { applyRegister } from '#db/register.ts'
import { startOfWorkflow } from '#db/wake-ups.ts'
import { as, type CaseId, type CredentialId, type Instant } from '#domain/words.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { type RunningPipeline, startPipeline } from '#workers/pipeline.ts'
import { openCourses, openLecture } from './achievement.ts'
import { caseToDecide, receiveCase } from './cases.ts'
import { type ApiWorld, applier, createApiWorld, institution, personOf, registerOf } from './world.ts'

const base = '/v1/institutions/norrsken'

describe('what people decide reaches the workflows', () => {
  let w: ApiWorld
  let line: TemporalLine
  let worker: RunningPipeline | undefined
  beforeAll(async () => {
    w = await createApiWorld({ temporal: true })
    line = await connectTemporal(w.world.temporal)
  })
  afterAll(async () => {
    await worker?.shutdown()
    await line.close()
    await w.dispose()
  })

  const undelivered = async () => {
    const rows = await w.open('bevis_relay').sql`
      select id from outbox where done_at is null and kind in ('start', 'update') and id not like 'start/case%'`
    return rows.map(({ id }) => id as string)
  }
  const show = async (id: CaseId) => {
    const response = await w.ask('officer', `${base}/cases/${id}`)
    return {
      etag: response.headers.get('etag') ?? '',
      detail: (await response.json()) as { seen: object; state: string },
    }
  }
  const withdraw = async (id: CaseId) => {
    const { etag, detail } = await show(id)
    return w.ask('officer', `${base}/cases/${id}/decisions`, {
      headers: { 'if-match': etag, 'idempotency-key': 'w' },
      body: { outcome: 'withdraw', reason: 'learner-asked', text: 'Asked for.', seen: detail.seen },
    })
  }
  const startCase = (id: CaseId) =>
    startOnce(line.client, { workflowId: caseWorkflowId(institution, id), ...startOfWorkflow(institution, [id]) })

  test('says whether Temporal can be reached', async () => {
    expect(await (await w.ask(undefined, '/readyz?verbose')).text()).toContain('[+]temporal ok')
  })

  test('without a worker a decision is recorded and pending, and the outbox keeps it', async () => {
    const id = await caseToDecide(w, { offering: 'nobody-there' })
    await startCase(id)
    const response = await withdraw(id)
    const answer = (await response.json()) as { decision: string }
    expect([response.status, answer]).toMatchObject([202, { delivery: 'pending' }])
    expect(await undelivered()).toEqual([`update/${answer.decision}`])
  })

  test('with a worker the case follows, and nothing is left to repeat', async () => {
    const bundle = await w.world.workflowBundle()
    worker = await startPipeline({
      dbs: { pipeline: w.open('bevis_pipeline') },
      temporal: w.world.temporal,
      workflowBundlePath: bundle,
    })
    const id = await receiveCase(w, { offering: 'somebody-there' })
    const before = await undelivered()
    await startCase(id)
    await expect.poll(async () => (await show(id)).detail.state).toMatch(/^(waiting|stopped)$/)
    const response = await withdraw(id)
    expect([response.status, await response.json()]).toMatchObject([200, { delivery: 'delivered' }])
    await expect.poll(async () => (await show(id)).detail.state).toBe('withdrawn')
    expect(await undelivered()).toEqual(before)
  })

  test('a revocation’s workflow starts with the proposal and hears of the approval', async () => {
    const caseId = await caseToDecide(w, { offering: 'revoked' })
    const credential = as<CredentialId>('cred_revoked')
    const issuedAt = as<Instant>('2026-02-02T10:00:00.000Z')
    await inInstitution(w.open('bevis_signing'), institution, async (tx) => {
      await recordIntentions(tx, [
        { credentialId: credential, caseId, kid: 'k', documentDigest: 'd', issuedAt, provedBy: 1 },
      ])
      await storeCredentials(tx, [
        {
          credentialId: credential,
          caseId,
          subject: personOf('learner'),
          format: 'ob3-jwt',
          kid: 'k',
          digest: 'd',
          compact: 'a.b.c',
          issuedAt,
        },
      ])
    })
    const proposed = await w.ask('officer', `${base}/revocations`, {
      headers: { 'idempotency-key': 'r' },
      body: { credential, reason: 'issued-in-error', text: 'Given to the wrong person.' },
    })
    const { id, delivery } = (await proposed.json()) as { id: string; delivery: string }
    expect(delivery).toBe('delivered')
    const path = `${base}/revocations/${id}`
    const headers = { 'if-match': (await w.ask('second-officer', path)).headers.get('etag') ?? '' }
    const approved = await w.ask('second-officer', `${path}/approve`, { method: 'POST', headers })
    expect(await approved.json()).toMatchObject({ state: 'approved', delivery: 'delivered' })
    const handle = line.client.workflow.getHandle(`revocation/${institution}/${credential}/1`)
    expect((await handle.describe()).type).toBe('revocation')
  })

  test('a dead letter whose cause is mended goes through intake once more, and a second time is no use', async () => {
    const event = {
      specversion: '1.0',
      id: 'late-1',
      source: 'open-courses',
      institution,
      sequence: 1,
      type: 'org.beviskedja.completion.recorded.v1',
      data: {
        learner: { scheme: 'oidc', value: 'learner' },
        achievement: 'open-lecture',
        offering: 'spring',
        completedAt: '2026-02-01T10:00:00.000Z',
      },
    }
    const subject = `completions.${institution}.open-courses`
    const message = { subject, payload: Buffer.from(JSON.stringify(event)), headers: {} }
    const { taken } = await takeIn(w.open('bevis_intake'), 'COMPLETIONS', [message])
    const letter = taken[0]?.kind === 'refused' ? taken[0].deadLetter : ''
    const replay = () => w.ask('operator', `${base}/dead-letters/${letter}/replay`, { body: {} })

    const early = await replay()
    expect([early.status, await early.json()]).toMatchObject([409, { code: 'still_refused', deadLetter: letter }])

    const register = registerOf(institution)
    await applyRegister(
      w.db,
      { ...register, items: [...register.items, openLecture(), openCourses()] },
      { by: applier },
    )
    const mended = await replay()
    expect([mended.status, await mended.json()]).toEqual([200, { id: letter, state: 'replayed', as: 'case' }])
    const again = await replay()
    expect([again.status, await again.json()]).toMatchObject([409, { code: 'wrong_state', state: 'replayed' }])

    const told = await inInstitution(w.db, institution, async (tx) => readTrail(tx, (await readInstitution(tx)).trail))
    const entries = told.map(({ leaf }) => parseLeaf(leaf)).filter(({ type }) => type.startsWith('dead-letter.'))
    expect(entries).toMatchObject([
      { type: 'dead-letter.replay-ordered/1', actor: { kind: 'human' } },
      { type: 'dead-letter.replay-ordered/1', actor: { kind: 'human' } },
      {
        type: 'dead-letter.replayed/1',
        actor: { kind: 'human', role: 'operator' },
        data: { deadLetter: letter, as: 'case' },
      },
    ])
  })
})
