import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inInstitution } from '#db/client.ts'
import { recordIntentions, storeCredentials } from '#db/credentials.ts'
import { claimSlots } from '#db/status-lists.ts'
import { as, type CaseId, type CredentialId, type Instant } from '#domain/words.ts'
import { caseToDecide } from './cases.ts'
import { type ApiWorld, createApiWorld, institution, personOf, publicUrl, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken/revocations'

describe('taking a credential back', () => {
  let w: ApiWorld
  let count = 0
  beforeAll(async () => {
    w = await createApiWorld()
  })
  afterAll(() => w.dispose())

  /** A signed document as the signing worker stores it. */
  async function issued(
    teacher: Somebody = 'examiner',
    on = '2026-02-02',
  ): Promise<{ caseId: CaseId; id: CredentialId }> {
    count += 1
    const caseId = await caseToDecide(w, { offering: `course-${count}`, teacher })
    const id = as<CredentialId>(`cred_${count}`)
    const issuedAt = as<Instant>(`${on}T10:00:00.000Z`)
    await inInstitution(w.open('bevis_signing'), institution, async (tx) => {
      await claimSlots(tx, [id])
      await recordIntentions(tx, [{ credentialId: id, caseId, kid: 'k', documentDigest: 'd', issuedAt, provedBy: 1 }])
      await storeCredentials(tx, [
        {
          credentialId: id,
          caseId,
          subject: personOf('learner'),
          format: 'ob3-jwt',
          kid: 'k',
          digest: 'd',
          issuedAt,
          compact: 'a.b.c',
        },
      ])
    })
    return { caseId, id }
  }
  const propose = (who: Somebody, credential: string, changes: object = {}, key = 'k1') =>
    w.ask(who, base, {
      headers: { 'idempotency-key': `${credential}:${key}` },
      body: { credential, reason: 'issued-in-error', text: 'Given to the wrong person.', ...changes },
    })
  const tagOf = async (id: string) => (await w.ask('officer', `${base}/${id}`)).headers.get('etag') ?? ''
  const act = async (who: Somebody, id: string, what: 'approve' | 'refuse') =>
    w.ask(who, `${base}/${id}/${what}`, { method: 'POST', headers: { 'if-match': await tagOf(id) } })
  const entriesOf = async (caseId: CaseId) => {
    const trail = await (await w.ask('officer', `/v1/institutions/norrsken/cases/${caseId}/trail`)).json()
    return (trail as { entries: { entry: { type: string } }[] }).entries.map(({ entry }) => entry)
  }

  test('takes two officers, each with an entry in their own name', async () => {
    const { id: credential, caseId } = await issued()
    const proposed = await propose('officer', credential)
    expect(proposed.status).toBe(201)
    const { id } = (await proposed.json()) as { id: string }
    expect(await (await propose('officer', credential)).json()).toMatchObject({ id, state: 'proposed' })

    const own = await act('officer', id, 'approve')
    expect([own.status, await own.json()]).toMatchObject([
      403,
      { code: 'revocation_refused', findings: [{ rule: 'revocation.two-persons' }] },
    ])
    const second = await act('second-officer', id, 'approve')
    expect([second.status, await second.json()]).toMatchObject([
      200,
      { state: 'approved', proposedBy: 'pers_officer', approvedBy: 'pers_second-officer', delivery: 'pending' },
    ])
    expect((await act('second-officer', id, 'approve')).status).toBe(200)
    expect((await act('officer', id, 'refuse')).status).toBe(409)

    const acts = (await entriesOf(caseId)).filter(({ type }) => type.startsWith('revocation.'))
    expect(acts).toMatchObject([
      {
        type: 'revocation.proposed/1',
        actor: { kind: 'human', role: 'officer' },
        data: { credential, revocation: id },
      },
      { type: 'revocation.approved/1', actor: { kind: 'human', role: 'officer' } },
    ])
    expect(new Set(acts.map((entry) => (entry as unknown as { actor: { ref: string } }).actor.ref)).size).toBe(2)
    expect(await (await w.ask('officer', base)).json()).toMatchObject({
      items: [{ id, state: 'approved' }],
      next: null,
    })
    expect(await (await w.ask('second-officer', `${base}/${id}`)).json()).toMatchObject({
      text: 'Given to the wrong person.',
    })
  })

  test('names what was issued in its place, to both officers and in the log; nothing else passes for it', async () => {
    const { id: older } = await issued('examiner', '2026-01-02')
    const { id: old, caseId } = await issued('examiner', '2026-03-02')
    const { id: successor } = await issued('examiner', '2026-03-03')
    const why = { reason: 'superseded' }
    for (const wrong of [{}, { successor: older }, { successor: old }, { successor: 'cred_elsewhere' }]) {
      const refused = await propose('officer', old, { ...why, ...wrong }, JSON.stringify(wrong))
      expect([refused.status, await refused.json()], JSON.stringify(wrong)).toMatchObject([
        403,
        { code: 'revocation_refused', findings: [{ rule: 'revocation.successor' }] },
      ])
    }
    expect((await propose('officer', old, { successor }, 'another')).status).toBe(403)
    const proposed = await propose('officer', old, { ...why, successor })
    expect(proposed.status).toBe(201)
    const { id } = (await proposed.json()) as { id: string }
    expect(await (await w.ask('second-officer', `${base}/${id}`)).json()).toMatchObject({ successor })
    expect(await (await act('second-officer', id, 'approve')).json()).toMatchObject({ state: 'approved', successor })
    const told = (await entriesOf(caseId)).filter(({ type }) => type.startsWith('revocation.'))
    expect(told.map((entry) => (entry as unknown as { data: object }).data)).toEqual([
      { credential: old, revocation: id, successor },
      { credential: old, revocation: id, successor },
    ])
  })

  test('with a successor that was itself taken back meanwhile is not approved', async () => {
    const { id: old } = await issued('examiner', '2026-04-02')
    const { id: successor } = await issued('examiner', '2026-04-03')
    const { id } = (await (await propose('officer', old, { reason: 'superseded', successor })).json()) as { id: string }
    const { id: other } = (await (await propose('officer', successor)).json()) as { id: string }
    expect((await act('second-officer', other, 'approve')).status).toBe(200)
    const refused = await act('second-officer', id, 'approve')
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { findings: [{ rule: 'revocation.successor' }] },
    ])
  })

  test('is refused to an officer who is named in the case', async () => {
    const { id: credential } = await issued('second-officer')
    const { id } = (await (await propose('officer', credential)).json()) as { id: string }
    const response = await act('second-officer', id, 'approve')
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { findings: [{ rule: 'revocation.not-named' }] },
    ])
    expect(await (await act('second-officer', id, 'refuse')).json()).toMatchObject({ state: 'refused' })
  })

  test('is decided on as it was read: without its tag, or with a stale one, nothing happens', async () => {
    const { id: credential } = await issued()
    const { id } = (await (await propose('officer', credential)).json()) as { id: string }
    const etag = await tagOf(id)
    const again = await w.ask('officer', `${base}/${id}`, { headers: { 'if-none-match': `"other", ${etag}` } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    for (const what of ['approve', 'refuse']) {
      const ask = (headers: Record<string, string>) =>
        w.ask('second-officer', `${base}/${id}/${what}`, { method: 'POST', headers })
      for (const headers of [{}, { 'if-match': '*' }] as Record<string, string>[])
        expect((await ask(headers)).status).toBe(428)
      const stale = await ask({ 'if-match': '"older"' })
      expect([stale.status, stale.headers.get('etag'), await stale.json()]).toMatchObject([
        412,
        etag,
        { code: 'precondition_failed', now: { id, state: 'proposed' } },
      ])
    }
    expect(await (await act('second-officer', id, 'refuse')).json()).toMatchObject({ state: 'refused' })
    expect(await tagOf(id)).not.toBe(etag)
  })

  test('happens one at a time, for a reason from the list, for a credential of this institution', async () => {
    const { id: credential } = await issued()
    expect((await propose('officer', credential, { reason: 'because' })).status).toBe(400)
    expect((await propose('officer', credential, { text: 'Short.' })).status).toBe(400)
    expect((await propose('officer', 'cred_unknown')).status).toBe(404)
    expect((await propose('officer', credential)).status).toBe(201)
    const reused = await propose('officer', credential, { reason: 'assessment-invalid' })
    expect([reused.status, await reused.json()]).toMatchObject([422, { code: 'idempotency_key_reused' }])
    const other = await propose('second-officer', credential, {}, 'k2')
    expect([other.status, await other.json()]).toMatchObject([409, { code: 'revocation_open', state: 'proposed' }])
  })

  test('what was issued and what was proposed come page by page in both directions', async () => {
    const list = async (query: string) => {
      const response = await w.ask('officer', `/v1/institutions/norrsken/${query}`)
      return (await response.json()) as { items: { id: string }[]; next: string | null; prev: string | null }
    }
    for (const what of ['credentials', 'revocations']) {
      const all = await list(what)
      expect(all.items.length, what).toBeGreaterThan(1)
      const first = await list(`${what}?limit=1`)
      const second = await list(`${what}?limit=1&cursor=${encodeURIComponent(first.next ?? '')}`)
      const back = await list(`${what}?limit=1&cursor=${encodeURIComponent(second.prev ?? '')}`)
      expect([...first.items, ...second.items]).toEqual(all.items.slice(0, 2))
      expect([back.items, back.prev]).toEqual([first.items, null])
    }
    expect((await list('revocations?state=executed')).items).toEqual([])
  })

  test('the credential tells its status, its slot and its formats; its document is for officers and leaves a mark', async () => {
    const { id, caseId } = await issued()
    const path = `/v1/institutions/norrsken/credentials/${id}`
    expect(await (await w.ask('officer', path)).json()).toMatchObject({
      id,
      caseId,
      status: 'valid',
      formats: [{ format: 'ob3-jwt', kid: 'k' }],
      statusList: { url: expect.stringContaining(`${publicUrl}/institutions/norrsken/status-lists/list_`) },
    })
    const document = await w.ask('officer', `${path}/document?purpose=support`)
    expect([document.headers.get('content-type'), await document.text()]).toEqual(['application/jwt', 'a.b.c'])
    expect((await w.ask('officer', `${path}/document?format=w3c-jose`)).status).toBe(404)
    expect((await w.ask('reviewer', `${path}/document`)).status).toBe(403)
  })
})
