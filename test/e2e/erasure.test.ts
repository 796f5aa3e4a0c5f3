/** Erasing, and looking for what was erased (audit-log §10: proofs still verify, plaintext is nowhere). */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyTrail } from '#audit/verify-trail.ts'
import { disclosuresOf } from '#db/audit-log.ts'
import { inInstitution, sqlState } from '#db/client.ts'
import { credentialsOf, readCredential } from '#db/credentials.ts'
import { referenceDigest } from '#db/crypto.ts'
import { evidenceAbout } from '#db/evidence.ts'
import { personalOf } from '#db/people.ts'
import { reconcile } from '#db/queries/reconciliation.ts'
import { wholeTrails } from '#db/trails.ts'
import { readReplayable } from '#db/verdicts.ts'
import * as f from '#dev/demo/facts.ts'
import { as, type CaseId, type CredentialId, type PersonId } from '#domain/words.ts'
import { courseA, offeringOf } from './courses.ts'
import { norrsken } from './emitters.ts'
import {
  databaseFolder,
  databaseRows,
  files,
  filesWith,
  histories,
  institutionSealed,
  type Kept,
  messages,
  placesOf,
  serverFiles,
} from './everywhere.ts'
import { type System, startSystem } from './system.ts'

/** Letters that stand nowhere else. */
const slug = `kq${randomBytes(5).toString('hex')}`
const name = `Kanarina Zqvx${randomBytes(4).toString('hex')}`
const freeText = `Talade med zvxq${randomBytes(4).toString('hex')} om vfu`
const canaries = [slug, name, freeText.split(' ')[2] ?? '']
const person = as<PersonId>(`pers_${randomBytes(8).toString('hex')}`)
const [first, second] = ['officer-2', 'officer-3'] as const

const learner = {
  id: person,
  name,
  references: Object.entries({
    eppn: `st30${slug}@student.norrsken.example`,
    canvas: `u-40${slug}`,
    antagning: `A-2026-00${slug}`,
    webb: `w-00${slug}`,
    klinikskolan: `KD-0${slug}`,
    certus: `K-90${slug}`,
    provtjanst: `D-00${slug}`,
  }).map(([scheme, value]) => ({ scheme, value })),
  employments: [],
  managers: [],
  protected: false,
}

let system: System
let caseId: CaseId
let erasureId: string
beforeAll(async () => {
  system = await startSystem({ register: (it) => ({ ...it, people: [...it.people, learner] }) })
})
afterAll(() => system.dispose())

const propose = (sub: string, changes: object = {}) =>
  system.people.post(sub, '/erasures', {
    case: caseId,
    basis: 'archive-disposal',
    decision: 'STYR-2026/481',
    text: `Gallras: ${freeText}`,
    ...changes,
  })
const act = async (sub: string, id: string, what: 'approve' | 'refuse') => {
  const { etag } = await system.people.get(sub, `/erasures/${id}`)
  return system.people.post(sub, `/erasures/${id}/${what}`, {}, { 'if-match': etag })
}
const shown = async (id: string) =>
  (await system.people.get(first, `/erasures/${id}`)).body as {
    state: string
    outside?: string
    because?: string
    counts?: Record<string, number>
  }
const idOf = ({ body }: { readonly body: unknown }) => (body as { id: string }).id

/** All that is kept anywhere, as somebody with every key that is left could read it. */
async function everything(): Promise<Kept[]> {
  const admin = await system.world.nats.connect(system.world.nats.identity('admin'))
  return [
    ...(await databaseRows(system)),
    ...(await institutionSealed(system)),
    ...(await messages(admin)),
    ...(await histories(system)),
    ...(await underThePersonsKey()),
  ]
}

/** What the person's own key opens. */
async function underThePersonsKey(): Promise<Kept[]> {
  return inInstitution(system.open('bevis_pipeline'), norrsken, async (tx) => {
    const [row] = await system.admin`select trail from cases where id = ${caseId}`
    const disclosures = await disclosuresOf(tx, [row?.['trail']], [person])
    const inputs = await readReplayable(tx, new Map([[caseId, person]]))
    const facts = await evidenceAbout(tx, { persons: [person], withdrawn: true })
    const [stored] = await credentialsOf(tx, [caseId])
    const id = stored?.id ?? as<CredentialId>('none')
    const document = await readCredential(tx, { id, format: 'ob3-jwt', subject: person })
    const personal = (await personalOf(tx, [person])).get(person)
    return [
      ...facts.map((one) => ({ where: 'evidence', bytes: Buffer.from(JSON.stringify(one.body)) })),
      ...(document === undefined ? [] : [{ where: 'credential', bytes: Buffer.from(document) }]),
      ...(personal === undefined ? [] : [{ where: 'register', bytes: Buffer.from(JSON.stringify(personal)) }]),
      ...disclosures.map((one) => ({ where: 'disclosure', bytes: Buffer.from(one.disclosure, 'base64url') })),
      ...inputs.map((one) => ({ where: 'judged input', bytes: Buffer.from(one.inputBytes) })),
    ]
  })
}

/** Every digest that is kept: 32 bytes, in hexadecimal. */
async function digests(): Promise<Set<string>> {
  const found = new Set<string>()
  for (const { bytes } of await databaseRows(system)) {
    for (const part of bytes.toString('latin1').match(/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g) ?? [])
      found.add(Buffer.from(part, 'base64url').toString('hex'))
    for (const part of bytes.toString('latin1').match(/[0-9a-f]{64}/g) ?? []) found.add(part)
  }
  const columns = await system.admin<{ name: string; column: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where a.atttypid = 'bytea'::regtype and c.relkind = 'r' and n.nspname in ('public', 'audit')`
  for (const { name: table, column } of columns) {
    for (const row of await system.admin.unsafe(
      `select encode(${column}, 'hex') as d from ${table} where octet_length(${column}) = 32`,
    ))
      found.add(String(row['d']))
  }
  return found
}

/** Whoever knows how references are built, and even holds the key they are digested under, tries them out. */
function guess(known: ReadonlySet<string>, tries: number): string[] {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const hits: string[] = []
  const keys = system.world.secrets
  for (let n = 0; n < tries; n += 1) {
    const value = n === 0 ? `u-40${slug}` : `u-40kq${n.toString(16).padStart(10, '0')}`
    const disclosed = Buffer.from(JSON.stringify(['', 'learner', value])).toString('base64url')
    const tried = [hash(value), hash(JSON.stringify({ scheme: 'canvas', value })), hash(disclosed)]
    const keyed = Buffer.from(referenceDigest(keys, norrsken, { scheme: 'canvas', value })).toString('hex')
    if ([...tried, keyed].some((digest) => known.has(digest))) hits.push(value)
  }
  return hits
}
const tries = Number(process.env['BEVIS_GUESSES'] ?? 100_000)

describe('a person with a case that ended', () => {
  test('is found in every place where the person should be, while the person is there', {
    timeout: 120_000,
  }, async () => {
    caseId = await system.tell(courseA(offeringOf(slug, 'steril-beredning', randomBytes(4).toString('hex'))))
    const approve = { outcome: 'approve', reason: 'outcomes-shown', text: freeText }
    await system.decideAsAsked(caseId, approve)
    await system.decideAsAsked(caseId, approve)
    await system.until(caseId, ({ state }) => state === 'issued')
    // Not accepted, and it quotes the person: broken JSON, and a reference where none belongs.
    await system.emitters.send({
      ...f.completed('canvas-norrsken', offeringOf(slug, 'steril-beredning', 'x')),
      type: 'org.beviskedja.nonsense.v1',
    })
    await expect.poll(async () => (await system.admin`select from dead_letter`).length).toBe(1)

    const places = placesOf(canaries, await everything())
    expect(places).toEqual(['credential', 'dead letter', 'disclosure', 'evidence', 'register', 'stream COMPLETIONS'])
    expect(filesWith([Buffer.from(slug)], serverFiles()).some((file) => file.includes('/nats/'))).toBe(true)
    expect((await system.people.view(caseId)).view.learner).toMatchObject({ id: person, name })
    expect(guess(await digests(), 10)).toEqual([`u-40${slug}`])
  })

  test('is not erased while something holds it back', async () => {
    expect(await propose('officer-1')).toMatchObject({ status: 403, body: { code: 'role_required' } })
    expect(await propose(first, { basis: 'gdpr-17-1-a' })).toMatchObject({
      status: 422,
      body: { code: 'erasure_unfounded', lacks: 'archive-ground-missing' },
    })
    expect(await propose(first)).toMatchObject({ status: 409, body: { code: 'erasure_blocked', blocker: 'in-force' } })
    const { view } = await system.people.view(caseId)
    const credential = view.credentials[0]?.id
    const proposed = await system.people.post('officer-1', '/revocations', {
      credential,
      reason: 'holder-request',
      text: `Hen bad om det: ${freeText}`,
    })
    const path = `/revocations/${idOf(proposed)}`
    const { etag } = await system.people.get('officer-2', path)
    expect((await system.people.post('officer-2', `${path}/approve`, {}, { 'if-match': etag })).status).toBe(200)
    await expect
      .poll(async () => ((await system.people.get('officer-2', path)).body as { state: string }).state)
      .toBe('executed')
    expect(await propose(first)).toMatchObject({ status: 409, body: { blocker: 'in-register' } })
    await system.apply((register) => register)
    const hold = await system.people.post(second, '/holds', {
      case: caseId,
      reason: 'appeal',
      decision: 'STYR-2026/77',
    })
    expect(await propose(first)).toMatchObject({ status: 409, body: { blocker: 'hold' } })
    expect((await system.people.post(second, `/holds/${idOf(hold)}/lift`, { decision: 'STYR-2026/90' })).status).toBe(
      200,
    )
  })

  test('is erased by two persons, and by no fewer', { timeout: 60_000 }, async () => {
    const proposed = await propose(first)
    expect(proposed).toMatchObject({ status: 201, body: { state: 'proposed', person } })
    erasureId = idOf(proposed)
    expect(await act(first, erasureId, 'approve')).toMatchObject({ status: 403, body: { code: 'own_proposal' } })
    const pipeline = system.open('bevis_pipeline')
    const byForce = inInstitution(pipeline, norrsken, (tx) =>
      tx.orm.execute(`select erase('${erasureId}', '{}', '{}')`),
    )
    await expect(byForce).rejects.toSatisfy((error) => sqlState(error) === 'BV003')
    expect((await shown(erasureId)).state).toBe('proposed')
    expect(await act(second, erasureId, 'approve')).toMatchObject({ status: 200, body: { state: 'approved' } })
    await expect.poll(async () => (await shown(erasureId)).outside).toBe('done')
    expect(await shown(erasureId)).toMatchObject({
      state: 'executed',
      counts: { keys: 1, references: 7, credentials: 1, deadLetters: 1 },
    })
  })

  test('is nowhere afterwards', { timeout: 120_000 }, async () => {
    expect(placesOf(canaries, await everything())).toEqual([])
    await system.admin.unsafe('vacuum full')
    await system.admin.unsafe('checkpoint')
    const words = canaries.map((word) => Buffer.from(word))
    expect(filesWith(words, [...serverFiles(), ...files(await databaseFolder(system))])).toEqual([])
  })

  test('leaves trails that verify, and say what is withheld', async () => {
    const [row] = await system.admin`select trail from cases where id = ${caseId}`
    const whole = await inInstitution(system.open('bevis_signing'), norrsken, (tx) => wholeTrails(tx, [row?.['trail']]))
    const report = [...whole.values()].map((one) => verifyTrail(one.leaves, one.expected))
    expect(report.map(({ outcome }) => outcome)).toEqual(['passed'])
    expect((await system.people.view(caseId)).view.learner).toEqual({ id: person, protected: true })
    const { body } = await system.people.get('officer-1', `/cases/${caseId}/trail?limit=200&purpose=audit`)
    const { entries, disclosures, withheld } = body as {
      entries: { entry: { type: string; data: object } }[]
      disclosures: unknown[]
      withheld: { why: string }[]
    }
    expect(disclosures).toEqual([])
    expect(new Set(withheld.map(({ why }) => why))).toEqual(new Set(['erased']))
    expect(entries.map(({ entry }) => entry).findLast(({ type }) => type !== 'trail.sealed/1')).toMatchObject({
      type: 'privacy.erased/1',
      data: { erasure: erasureId, decision: 'STYR-2026/481' },
    })
  })

  test('cannot be found by trying out who it might have been', { timeout: 3_600_000 }, async () => {
    expect(guess(await digests(), tries)).toEqual([])
  })

  test('is not brought back by the same events coming again', async () => {
    const before = await system.admin`select count(*)::int as n from evidence`
    for (const message of system.emitters.sent.slice(0, 3)) await system.emitters.again(message)
    await expect.poll(async () => (await system.admin`select from inbox where repeats > 0`).length).toBe(3)
    expect([...(await system.admin`select count(*)::int as n from evidence`)]).toEqual([...before])
    expect((await system.admin`select from person_reference where person = ${person}`).length).toBe(0)
    const [key] = await system.admin`select wrapped from subject_key where subject = ${person}`
    expect(key).toEqual({ wrapped: null })
  })

  test('is somebody new when a new event comes', { timeout: 60_000 }, async () => {
    const at = offeringOf(slug, 'steril-beredning', randomBytes(4).toString('hex'))
    const id = await system.tell([f.completed('branschregistret', at)])
    const { view } = await system.people.view(id).catch(async () => ({ view: await system.until(id, () => true) }))
    expect(view.learner.id).not.toBe(person)
    const [key] = await system.admin`select wrapped from subject_key where subject = ${view.learner.id}`
    expect(key?.['wrapped']).not.toBeNull()
  })

  test('leaves a record that agrees with itself', { timeout: 60_000 }, async () => {
    const look = () =>
      inInstitution(system.open('bevis_pipeline'), norrsken, (tx) => reconcile(tx, { limit: 50, graceSeconds: 0 }))
    await expect.poll(async () => (await look()).discrepancies).toEqual([])
  })

  test('is not taken back into the register under the same id', async () => {
    const again = system.apply((it) => ({ ...it, people: [...it.people, learner] }))
    await expect(again).rejects.toMatchObject({ code: 'person-erased' })
  })
})
