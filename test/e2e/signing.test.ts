import { sql as template } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignOutcome } from '#activities/contracts.ts'
import { type LogWatch, watchLog } from '#activities/signing/await-log.ts'
import { signingActivities } from '#activities/signing.ts'
import type { Register } from '#config/register/load.ts'
import type { KeyStore } from '#credentials/signing/keys.ts'
import { databaseNow, inInstitution, openDb } from '#db/client.ts'
import { takeBack } from '#db/log-recovery.ts'
import * as f from '#dev/demo/facts.ts'
import { daysAgo } from '#dev/demo/moments.ts'
import { checkFromOutside, noticesTampering } from '#dev/demo/outside.ts'
import { as, type CaseId, credentialFormats } from '#domain/words.ts'
import { keptPolicies } from '#workers/log/policies.ts'
import { startSigning } from '#workers/signing.ts'
import { joined, offeringOf, webinar } from './courses.ts'
import { norrsken } from './emitters.ts'
import { expectSound } from './sound.ts'
import { type System, startSystem } from './system.ts'

let system: System
let watch: LogWatch
beforeAll(async () => {
  system = await startSystem({ signer: false, register: inBothFormats })
  watch = await watchLog(system.open('bevis_signing'))
  await system.keys.createKey(norrsken, await now())
})
afterAll(async () => {
  await watch.stop()
  await system.dispose()
})

/** The TEST achievement is issued in both formats. */
function inBothFormats(register: Register): Register {
  const achievements = register.achievements.map((one) =>
    one.id === 'test-merit' ? { ...one, formats: [...credentialFormats] } : one,
  )
  return { ...register, achievements }
}

const now = () => inInstitution(system.open('bevis_signing'), norrsken, databaseNow)
const session = (key: string, achievement = 'validering-information') =>
  webinar(offeringOf('13', achievement, key), joined, { login: false })

/** A case that only waits for its signature. */
async function cleared(key: string): Promise<CaseId> {
  const id = await system.tell(session(key))
  await system.until(id, ({ state }) => state === 'cleared')
  return id
}

function signer(keys: Pick<KeyStore, 'activeKey'> = system.keys, db = system.open('bevis_signing')) {
  const policyOf = keptPolicies(system.log.policyDir)
  return signingActivities({ db, keys, publicUrl: system.publicUrl, log: watch, policyOf })
}

const sign = (id: CaseId, by = signer()): Promise<SignOutcome[]> => by.sign({ institution: norrsken, cases: [id] })

async function stored(id: CaseId) {
  const [row] = await system.admin`
    select (select count(*)::int from credential x where x.case_id = c.id) as credentials,
      (select count(*)::int from signing_request s where s.case_id = c.id) as requests,
      (select count(*)::int from status_slot t join signing_request s on s.credential_id = t.credential_id
        where s.case_id = c.id) as slots
    from cases c where c.id = ${id}`
  return { ...row }
}

async function compactOf(id: CaseId): Promise<string> {
  const { view } = await system.people.view(id)
  const credential = view.credentials[0]?.id ?? ''
  return String((await system.people.get('officer-1', `/credentials/${credential}/document?purpose=audit`)).body)
}

/** Addresses of credentials that a document says it stands in for. */
function replacedBy(compact: string): unknown[] {
  const payload = Buffer.from(compact.split('.')[1] ?? '', 'base64url').toString()
  const { evidence } = JSON.parse(payload) as { evidence: { replaces?: string }[] }
  return evidence.flatMap(({ replaces }) => (replaces === undefined ? [] : [replaces]))
}

async function verdictOn(credential: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify({ credential }) }
  return (await fetch(`${system.publicUrl}/v1/verify`, init)).json()
}

/** What would be told of the case, and be left of its signature, were the record now put back behind its trail. */
async function takenBack(id: CaseId): Promise<{ readonly told: string[]; readonly requests: number }> {
  const owner = openDb(system.world.adminUrl, system.world.secrets, { max: 1 })
  const [row] = await system.admin<{ trail: string }[]>`select trail from cases where id = ${id}`
  const found = { told: [] as string[], requests: -1 }
  const undone = new Error('only tried')
  try {
    await inInstitution(owner, norrsken, async (tx) => {
      found.told = (await takeBack(tx, [row?.trail ?? ''], 'tried')).map(({ type }) => type)
      const [left] = await tx.execute<{ requests: number }>(
        template`select count(*)::int as requests from signing_request where case_id = ${id}`,
      )
      found.requests = left?.requests ?? -1
      throw undone
    }).catch((error: unknown) => {
      if (error !== undone) throw error
    })
  } finally {
    await owner.close()
  }
  return found
}

test('four signing activities at once leave one signature in one slot', async () => {
  const id = await cleared('at-once')
  const answers = await Promise.allSettled([sign(id), sign(id), sign(id), sign(id)])
  const said = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  expect(said.some(({ outcome }) => outcome === 'signed')).toBe(true)
  expect(said.filter(({ outcome }) => outcome === 'refused')).toEqual([])
  expect(await stored(id)).toEqual({ credentials: 1, requests: 1, slots: 1 })
})

test('a worker that dies between signing and storing leaves a slot and a request that the next one uses', async () => {
  const id = await cleared('died')
  const db = system.open('bevis_signing')
  let asked = 0
  const dying: Pick<KeyStore, 'activeKey'> = {
    activeKey: async (institution, at) => {
      asked += 1
      const key = await system.keys.activeKey(institution, at)
      // Asked once to prepare and once to sign; the line to the database breaks with the second.
      if (asked === 2) await db.close()
      return key
    },
  }
  await expect(sign(id, signer(dying, db))).rejects.toThrow()
  expect(await stored(id)).toEqual({ credentials: 0, requests: 1, slots: 1 })
  const slot = () => system.admin`select list_id, slot from status_slot t join signing_request s on
    s.credential_id = t.credential_id where s.case_id = ${id}`
  const [before] = await slot()
  expect(await takenBack(id)).toEqual({ told: ['case.gone-back/1'], requests: 0 })
  await system.keys.rotate(norrsken, await now())
  expect(await sign(id)).toMatchObject([{ outcome: 'signed' }])
  expect(await stored(id)).toEqual({ credentials: 1, requests: 1, slots: 1 })
  expect(await slot()).toEqual([before])
  expect(await takenBack(id)).toEqual({ told: [], requests: 1 })
  expect(await sign(id)).toMatchObject([{ outcome: 'signed' }])
  expect(await stored(id)).toEqual({ credentials: 1, requests: 1, slots: 1 })
})

test('what was refused after it was intended is intended anew once its case is cleared again, and signed once', async () => {
  const losing = { isArmed: false, asked: new Set<string>() }
  const keys: KeyStore = {
    ...system.keys,
    activeKey: async (institution, at) => {
      // Asked for the same moment to prepare and to sign: the second time the key is gone.
      const isGone = losing.isArmed && losing.asked.has(at)
      losing.asked.add(at)
      if (!isGone) return system.keys.activeKey(institution, at)
      losing.isArmed = false
      return undefined
    },
  }
  const { temporal } = system.world
  const { policyDir } = system.log
  const db = system.open('bevis_signing')
  const worker = await startSigning({
    temporal,
    client: system.temporal,
    db,
    keys,
    publicUrl: system.publicUrl,
    policyDir,
  })
  const where = offeringOf('14', 'validering-information', 'refused-once')
  losing.isArmed = true
  const id = await system.tell(webinar(where, joined, { login: false }))
  await system.until(id, ({ state }) => state === 'stopped')
  expect(await stored(id)).toEqual({ credentials: 0, requests: 1, slots: 1 })
  await system.emitters.send(f.loggedIn('webb', where, daysAgo(6, '16:05')))
  await system.until(id, ({ state }) => state === 'issued')
  await worker.shutdown()
  expect(await stored(id)).toEqual({ credentials: 1, requests: 1, slots: 1 })
  const told = await system.admin<{ type: string }[]>`
    select e.type from audit.entry e join cases c on c.trail = e.trail
    where c.id = ${id} and e.type in ('issuance.cleared/1', 'signing.requested/1', 'signing.refused/1', 'credential.issued/1') order by e.n`
  const round = ['issuance.cleared/1', 'signing.requested/1']
  expect(told.map(({ type }) => type)).toEqual([...round, 'signing.refused/1', ...round, 'credential.issued/1'])
  expect(await verdictOn(await compactOf(id))).toMatchObject({ result: 'verified' })
})

test('the first credential is published with its status list, and an outsider verifies both', async () => {
  await system.startSigner()
  const id = await system.tell(session('outside'))
  await system.until(id, ({ state }) => state === 'issued')
  const compact = await compactOf(id)
  expect(await checkFromOutside(compact)).toMatchObject({ signature: 'holds', status: 'valid' })
  expect(await noticesTampering(compact)).toBe(true)
  expect(await verdictOn(compact)).toMatchObject({ result: 'verified' })
})

test('rotated and retired keys keep what they signed verifying; what is signed afterwards has the new key', async () => {
  const before = await system.tell(session('before-rotation'))
  await system.until(before, ({ state }) => state === 'issued')
  const old = await compactOf(before)
  const retiring = (await system.keys.publicKeys()).filter(({ status }) => status === 'active')
  const fresh = await system.keys.rotate(norrsken, await now())
  for (const { kid } of retiring) await system.keys.retire(norrsken, kid)
  const after = await system.tell(session('after-rotation'))
  await system.until(after, ({ state }) => state === 'issued')
  const young = await compactOf(after)
  const kidOf = (compact: string) =>
    (JSON.parse(Buffer.from(compact.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid
  expect(kidOf(young)).toBe(fresh.kid)
  expect(kidOf(old)).not.toBe(fresh.kid)
  for (const compact of [old, young]) {
    expect(await verdictOn(compact)).toMatchObject({ result: 'verified' })
    expect(await checkFromOutside(compact)).toMatchObject({ signature: 'holds', status: 'valid' })
  }
})

test('one officer revokes nothing; two do, and the published list says so', async () => {
  const id = await system.tell(session('revoked'))
  const { credentials } = await system.until(id, ({ state }) => state === 'issued')
  const compact = await compactOf(id)
  const proposal = { credential: credentials[0]?.id, reason: 'issued-in-error', text: 'Utfärdad till fel person.' }
  const proposed = await system.people.post('officer-1', '/revocations', proposal)
  expect(proposed.status).toBe(201)
  const { id: revocation } = proposed.body as { id: string }
  const { etag } = await system.people.get('officer-2', `/revocations/${revocation}`)
  const approve = (sub: string) =>
    system.people.post(sub, `/revocations/${revocation}/approve`, {}, { 'if-match': etag })
  expect((await approve('officer-1')).status).toBe(403)
  expect(await checkFromOutside(compact)).toMatchObject({ status: 'valid' })
  expect((await approve('officer-2')).status).toBe(200)
  await expect.poll(async () => (await checkFromOutside(compact)).status).toBe('revoked')
  expect(await verdictOn(compact)).toMatchObject({ result: 'refused' })
  await expect
    .poll(async () => {
      const [row] = await system.admin`select state from revocation where id = ${revocation}`
      return row?.['state'] as string
    })
    .toBe('executed')
})

test('a new credential names the superseded one it stands in for, in the document and in the log; the next one after it names none', async () => {
  const before = await system.tell(session('replaced'))
  const [old] = (await system.until(before, ({ state }) => state === 'issued')).credentials
  const proposal = { credential: old?.id, reason: 'superseded', text: 'Ersätts av ett med rätt omfattning.' }
  const { id: revocation } = (await system.people.post('officer-1', '/revocations', proposal)).body as { id: string }
  const { etag } = await system.people.get('officer-2', `/revocations/${revocation}`)
  await system.people.post('officer-2', `/revocations/${revocation}/approve`, {}, { 'if-match': etag })
  await expect
    .poll(
      async () => (await system.admin`select state from revocation where id = ${revocation}`)[0]?.['state'] as string,
    )
    .toBe('executed')
  const after = await system.tell(session('replacing'))
  await system.until(after, ({ state }) => state === 'issued')
  expect(replacedBy(await compactOf(after))).toEqual([
    `${system.publicUrl}/institutions/${norrsken}/credentials/${old?.id}`,
  ])
  expect(await verdictOn(await compactOf(after))).toMatchObject({ result: 'verified' })
  const told = await system.admin`
    select e.type, convert_from(e.leaf, 'UTF8')::jsonb #>> '{data,replaces}' as replaces from audit.entry e
    join cases c on c.trail = e.trail where c.id = ${after} and e.type in ('signing.requested/1', 'credential.issued/1') order by e.n`
  expect(told.map(({ type, replaces }) => [type, replaces])).toEqual([
    ['signing.requested/1', old?.id],
    ['credential.issued/1', old?.id],
  ])
  const next = await system.tell(session('next'))
  await system.until(next, ({ state }) => state === 'issued')
  expect(replacedBy(await compactOf(next))).toEqual([])
})

test('a credential that is issued beside one that stands names it in the log alone, and takes its place when the old one is taken back and names it', async () => {
  const before = await system.tell(session('standing'))
  const [old] = (await system.until(before, ({ state }) => state === 'issued')).credentials
  const after = await system.tell(session('beside'))
  const [successor] = (await system.until(after, ({ state }) => state === 'issued')).credentials
  expect(replacedBy(await compactOf(after))).toEqual([])
  const payload = Buffer.from((await compactOf(after)).split('.')[1] ?? '', 'base64url').toString()
  expect(payload).not.toContain(old?.id)
  const tellsOf = async (id: CaseId, types: readonly string[]) => {
    const rows = await system.admin<{ data: Record<string, unknown> }[]>`
      select convert_from(e.leaf, 'UTF8')::jsonb -> 'data' as data from audit.entry e join cases c on c.trail = e.trail
      where c.id = ${id} and e.type = any(${types}) order by e.n`
    return rows.map(({ data }) => data)
  }
  const beside = await tellsOf(after, ['signing.requested/1', 'credential.issued/1'])
  expect(beside.map(({ beside, replaces }) => [beside, replaces])).toEqual([
    [old?.id, undefined],
    [old?.id, undefined],
  ])

  const superseded = { credential: old?.id, reason: 'superseded', text: 'Ersätts av ett med rätt omfattning.' }
  const silent = await system.people.post('officer-1', '/revocations', superseded)
  expect([silent.status, silent.body]).toMatchObject([403, { findings: [{ rule: 'revocation.successor' }] }])
  const named = await system.people.post('officer-1', '/revocations', { ...superseded, successor: successor?.id })
  const { id: revocation } = named.body as { id: string }
  const { etag, body: seen } = await system.people.get('officer-2', `/revocations/${revocation}`)
  expect(seen).toMatchObject({ successor: successor?.id })
  await system.people.post('officer-2', `/revocations/${revocation}/approve`, {}, { 'if-match': etag })
  await expect.poll(async () => (await checkFromOutside(await compactOf(before))).status).toBe('revoked')
  const told = await tellsOf(before, ['revocation.proposed/1', 'revocation.approved/1', 'credential.revoked/1'])
  expect(told).toEqual(told.map(() => ({ credential: old?.id, revocation, successor: successor?.id })))
  expect(told).toHaveLength(3)
  // Whoever is shown the old one learns that it is revoked, and of no other document of the holder's.
  const verdict = await verdictOn(await compactOf(before))
  expect(verdict).toMatchObject({ result: 'refused' })
  expect(JSON.stringify(verdict)).not.toContain(successor?.id)
  expect(await verdictOn(await compactOf(after))).toMatchObject({ result: 'verified' })
})

test('a case in two formats is one credential in one slot; each document is downloaded as what it is, and verifies', async () => {
  const id = await system.tell(session('both', 'test-merit'))
  const { credentials } = await system.until(id, ({ state }) => state === 'issued')
  expect(new Set(credentials.map((one) => one.id)).size).toBe(1)
  expect(await stored(id)).toEqual({ credentials: 2, requests: 1, slots: 1 })
  const places = new Set<string>()
  for (const [format, type] of [
    ['ob3-jwt', 'application/jwt'],
    ['w3c-jose', 'application/vc+jwt'],
  ]) {
    const path = `/credentials/${credentials[0]?.id}/document?purpose=audit&format=${format}`
    const document = await system.people.get('officer-1', path)
    expect([document.status, document.type]).toEqual([200, type])
    expect(await verdictOn(String(document.body))).toMatchObject({ result: 'verified', profile: format })
    const seen = await checkFromOutside(String(document.body))
    expect(seen).toMatchObject({ signature: 'holds', status: 'valid' })
    places.add(JSON.stringify(seen.payload['credentialStatus']))
  }
  expect(places.size).toBe(1)
})

test('a credential of the TEST achievement says that it is a test', async () => {
  const id = await system.tell(session('trial', 'test-merit'))
  await system.until(id, ({ state }) => state === 'issued')
  const { payload } = await checkFromOutside(await compactOf(id))
  expect(JSON.stringify(payload)).toMatch(/TEST/)
})

test('every intended document was signed once and nothing waits', async () => {
  const waiting = await system.admin`select id from cases where state <> 'issued'`
  for (const { id } of waiting) await system.until(as<CaseId>(String(id)), ({ state }) => state === 'issued')
  await expectSound(system)
})
