/** Audit packages over the API: what stands in the database and nothing else, for each reader what their profile opens, and every export told. */
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entryOf } from '#activities/signing/entry.ts'
import { checkLog, type LogFinding } from '#audit/check-log.ts'
import { parseCheckpoint } from '#audit/checkpoint.ts'
import { b64url, hex, sha256 } from '#audit/digest.ts'
import { openDisclosure } from '#audit/disclosure.ts'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { type HeadProof, headProblem, trailKey } from '#audit/heads.ts'
import { verifyTlogProof } from '#audit/judge-checkpoint.ts'
import { parseNote } from '#audit/note.ts'
import { type PackageProfile, packageProfiles } from '#audit/package/profiles.ts'
import { parsePolicy } from '#audit/policy.ts'
import { leafHash } from '#audit/tree.ts'
import { verifyTrail } from '#audit/verify-trail.ts'
import { appendEntries, readTrail } from '#db/audit-log.ts'
import { caseRows, moveCases } from '#db/cases.ts'
import { inInstitution } from '#db/client.ts'
import { recordIntentions, storeCredentials } from '#db/credentials.ts'
import { readInstitution } from '#db/institution.ts'
import { applyRegister } from '#db/register.ts'
import { drawFrom, type Member } from '#domain/sample.ts'
import { as, type CaseId, type CredentialId, type Instant } from '#domain/words.ts'
import { inputDigestOf } from '#verifier/replay.ts'
import { caseToDecide } from './cases.ts'
import { type OpenedPackage, openPackage } from './package-files.ts'
import { type ApiWorld, applier, createApiWorld, institution, personOf, registerOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken'
const secretText = 'Written for the learner alone'
const document = 'a.document-with-a-name.c'

let w: ApiWorld
let id: CaseId
let trail = ''

beforeAll(async () => {
  w = await createApiWorld()
  id = await caseToDecide(w, { offering: 'course-1' })
  await approve(id)
  await issue(id)
  trail = (await inInstitution(w.db, institution, (tx) => caseRows(tx, [id])))[0]?.trail ?? ''
  await w.log.tellHeads()
  await w.log.publish()
})
afterAll(() => w.dispose())

async function approve(of: CaseId): Promise<void> {
  const shown = await w.ask('reviewer', `${base}/cases/${of}`)
  const { seen } = (await shown.json()) as { seen: object }
  const response = await w.ask('reviewer', `${base}/cases/${of}/decisions`, {
    headers: { 'if-match': shown.headers.get('etag') ?? '', 'idempotency-key': randomUUID() },
    body: { outcome: 'approve', reason: 'outcomes-shown', seen, text: secretText },
  })
  expect(response.status, await response.clone().text()).toBe(202)
}

/** As the signing worker and the pipeline would. */
async function issue(of: CaseId): Promise<void> {
  const credentialId = as<CredentialId>(`cred_${of.slice(5)}`)
  const issuedAt = as<Instant>('2026-02-02T10:00:00.000Z')
  await inInstitution(w.open('bevis_pipeline'), institution, async (tx) => {
    const common = { caseId: of, step: 'approval' } as const
    await moveCases(tx, [
      { ...common, to: 'judging', cause: 'approved', decision: 'd', entry: { type: 'case.resumed/1' } },
    ])
  })
  await inInstitution(w.open('bevis_signing'), institution, async (tx) => {
    const [row] = await caseRows(tx, [of])
    if (row === undefined) throw new Error('no case')
    await recordIntentions(tx, [{ credentialId, caseId: of, kid: 'k', documentDigest: 'd', issuedAt, provedBy: 1 }])
    const stored = { credentialId, caseId: of, subject: row.person, format: 'ob3-jwt', kid: 'k', digest: 'd', issuedAt }
    await storeCredentials(tx, [{ ...stored, compact: document }])
    const data = { credential: credentialId, kid: 'k', formats: ['ob3-jwt'] }
    await appendEntries(tx, [entryOf(row, 'credential.issued/1', { key: credentialId, data, digest: 'd' })])
  })
}

interface Order {
  readonly kind: 'trails' | 'samples' | 'log'
  readonly [member: string]: unknown
}

async function ordered({ kind, ...order }: Order, who: Somebody = 'officer'): Promise<Response> {
  return w.ask(who, `${base}/audit-packages/${kind}`, { body: order })
}

async function packaged(order: Order): Promise<OpenedPackage> {
  const response = await ordered(order)
  expect(response.status, response.status === 200 ? '' : await response.clone().text()).toBe(200)
  return openPackage(new Uint8Array(await response.arrayBuffer()))
}

const forCase = (profile: PackageProfile, more: object = {}) =>
  packaged({ kind: 'trails' as const, cases: [id], profile, purpose: 'audit', ...more })

async function ownTrail(): Promise<Entry[]> {
  return inInstitution(w.db, institution, async (tx) => {
    const { trail: own } = await readInstitution(tx)
    return (await readTrail(tx, own)).map(({ leaf }) => parseLeaf(leaf))
  })
}

interface Heads {
  readonly asOfSize: number
  readonly mapSize: number
  readonly mapRoot: string
  readonly trails: readonly (Omit<HeadProof, 'key'> & { readonly trail: string })[]
}
const noHead = { trail: '', index: -1, n: 0, head: '', path: [] }

describe('a package of a case', () => {
  test('holds the very bytes of the database, each proved against the one witnessed checkpoint', async () => {
    const found = await forCase('public')
    const stored = await inInstitution(w.db, institution, (tx) => readTrail(tx, trail))
    const policy = parsePolicy(w.log.policy)
    expect(found.manifest.trails).toEqual([expect.objectContaining({ trail, case: id, entries: stored.length })])
    for (const { n, leaf } of stored) {
      const name = `trails/${trail}/${String(n).padStart(4, '0')}`
      expect(Buffer.compare(found.bytes(`${name}.json`), leaf)).toBe(0)
      const proofText = found.text(`${name}.tlog-proof`)
      expect(proofText.endsWith(`\n\n${found.text('checkpoint.txt')}`)).toBe(true)
      const judged = verifyTlogProof(policy, { leafHash: leafHash(leaf), proofText })
      expect(judged).toMatchObject({ ok: true, witnesses: [{ name: 'w1' }] })
    }
    const [line] = found.manifest.trails
    const leaves = stored.map(({ leaf }) => leaf)
    const head = { n: line?.entries ?? 0, hash: line?.head ?? '' }
    expect(verifyTrail(leaves, { log: found.manifest.log, trail, head }).outcome).not.toBe('failed')
    expect(found.text('policy.txt')).toBe(w.log.policy)
    expect(w.log.policy).toContain(found.text('keys/checkpoint.vkey').trim())
    expect(w.log.policy).toContain(found.text('keys/witnesses.vkey').trim())
  })

  test('tells where the trail stood in the newest manifest of heads', async () => {
    const found = await forCase('public')
    const heads = found.json<Heads>('heads.json')
    const { asOfSize, mapSize, mapRoot: root } = heads
    const told = parseLeaf(found.bytes('heads/entry.json'))
    expect(told).toMatchObject({ type: 'log.heads/1', data: { asOfSize, mapRoot: root, trails: mapSize } })
    const [{ trail: of, ...line } = noHead] = heads.trails
    const proof = { ...line, key: b64url(trailKey(found.manifest.log, of)) }
    const last = found.bytes(`trails/${trail}/${String(proof.n).padStart(4, '0')}.json`)
    const end = { trail: of, n: proof.n, head: b64url(leafHash(last)) }
    expect(headProblem({ log: found.manifest.log, size: mapSize, root }, end, proof)).toBeUndefined()
  })

  test('lets an accreditor judge again from exactly what was judged', async () => {
    const found = await forCase('accreditor')
    const disclosures = found.json<Record<string, string[]>>(`trails/${trail}/disclosures.json`)
    const inputs = found.paths.filter((path) => /\/inputs\/\d+\.json$/.test(path))
    expect(inputs.length).toBe(5)
    for (const path of inputs) {
      const n = Number(/(\d+)\.json$/.exec(path)?.[1])
      const salt = Buffer.from(found.text(path.replace('.json', '.salt')), 'base64url')
      const leaf = parseLeaf(found.bytes(`trails/${trail}/${String(n).padStart(4, '0')}.json`))
      const opened = (disclosures[String(n)] ?? []).map((one) => openDisclosure(one, leaf._sd ?? []))
      expect(opened).toContainEqual(
        expect.objectContaining({ kind: 'opened', name: 'input', value: inputDigestOf(salt, found.bytes(path)) }),
      )
      const { rules } = found.json<{ rules: string }>(path)
      expect(found.manifest.rules).toContain(rules)
      expect(Buffer.from(sha256(found.bytes(`rules/${rules}.json`))).toString('base64url')).toBe(rules)
    }
    expect(found.paths.filter((path) => path.includes('/verdicts/'))).toHaveLength(5)
  })

  test('of the same case at the same checkpoint is the same bytes, but for what the manifest says of the export', async () => {
    const first = await forCase('court')
    await inInstitution(w.open('bevis_pipeline'), institution, (tx) =>
      appendEntries(tx, [
        {
          trail,
          id: `${id}:later:${randomUUID()}`,
          type: 'approver.reminded/1',
          actor: { ref: 'p', kind: 'service', role: 'r' },
          act: { meaning: 'reminded', outcome: 'success' },
          data: { role: 'examiner' },
        },
      ]),
    )
    await w.log.publish()
    const again = await forCase('court', {
      checkpoint: first.manifest.checkpoint.size,
      purpose: 'court',
      reason: 'dnr-1',
    })
    expect(again.manifest.content).toBe(first.manifest.content)
    expect(again.manifest).toMatchObject({ purpose: 'court', reason: 'dnr-1', files: first.manifest.files })
    expect((await forCase('court')).manifest.trails[0]?.entries).toBe((first.manifest.trails[0]?.entries ?? 0) + 1)
  })
})

describe('each profile opens its part and nothing more', () => {
  const secrets: readonly (readonly [string, string, readonly PackageProfile[]])[] = [
    ['free text of a decision', secretText, ['court', 'subject']],
    ['the signed document', document, ['employer', 'court', 'subject']],
    ['the holder’s name', 'Test learner', ['court', 'subject']],
    ['who decided', 'Test reviewer', ['court', 'subject']],
    ['what was judged', '"register":{', ['accreditor', 'court']],
    ['what was found', '"findings":[{', ['accreditor', 'court', 'subject']],
    ['what the decider was shown', '","seen",', ['accreditor', 'court', 'subject']],
    ['the digest of an event', '","event",', ['accreditor', 'court', 'subject']],
    ['the digest of the document', '"document","d"]', ['employer', 'accreditor', 'court', 'subject']],
  ]
  const opened = new Map<PackageProfile, OpenedPackage>()
  beforeAll(async () => {
    for (const profile of packageProfiles) opened.set(profile, await forCase(profile))
  })

  test.each(secrets)('%s', (_what, secret, who) => {
    const seen = packageProfiles.filter((profile) => opened.get(profile)?.everything().includes(secret))
    expect(seen).toEqual(who)
  })

  test('and says of all the rest that it is withheld, and why', () => {
    for (const profile of packageProfiles) {
      const found = opened.get(profile)
      const digests = (found?.paths ?? [])
        .filter((path) => new RegExp(`^trails/${trail}/\\d+\\.json$`).test(path))
        .flatMap((path) => parseLeaf(found?.bytes(path) ?? new Uint8Array())._sd ?? [])
      const disclosures =
        found?.paths.includes(`trails/${trail}/disclosures.json`) === true
          ? Object.values(found.json<Record<string, string[]>>(`trails/${trail}/disclosures.json`)).flat()
          : []
      const withheld = (found?.manifest.withheld ?? []).flatMap(({ digest }) => digest ?? [])
      expect(withheld.length + disclosures.length).toBe(digests.length)
      for (const digest of withheld) expect(digests).toContain(digest)
    }
    expect(opened.get('public')?.manifest.withheld).toContainEqual(
      expect.objectContaining({ part: 'credentials', why: 'profile' }),
    )
  })
})

describe('an export', () => {
  test('is an entry of the institution before it leaves, which names its content', async () => {
    const { manifest } = await forCase('employer', { purpose: 'employment', reason: 'dnr-2026-7' })
    const entry = (await ownTrail()).find(({ n }) => n === manifest.recorded.first)
    expect(entry).toMatchObject({
      type: 'trail.exported/1',
      at: manifest.made,
      actor: { ref: manifest.requester, kind: 'human', role: 'officer' },
      act: { reason: 'dnr-2026-7' },
      data: {
        purpose: 'employment',
        case: id,
        profile: 'employer',
        content: manifest.content,
        checkpoint: manifest.checkpoint.size,
      },
    })
    const log = await (await w.ask('officer', `${base}/access-log?what=export&case=${id}`)).json()
    expect(log).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ what: 'export', caseId: id })]),
    })
    const review = {
      from: '2026-01-01',
      until: '2026-07-01',
      looked: [`export:${manifest.content}`],
      findings: [],
      actions: [],
      reference: 'KVAL-2026/12',
    }
    const headers = { 'idempotency-key': 'review-of-a-package' }
    expect((await w.ask('officer', `${base}/quality-reviews`, { body: review, headers })).status).toBe(201)
  })

  test('tells the data subject who has looked, this export’s forerunners too', async () => {
    await w.ask('officer', `${base}/cases/${id}/trail?purpose=appeal`)
    await w.log.publish()
    const found = await forCase('subject')
    const looks = found.paths
      .filter((path) => /^access\/\d+\.json$/.test(path))
      .map((path) => parseLeaf(found.bytes(path)))
    expect(looks.map(({ type }) => type)).toEqual(expect.arrayContaining(['trail.viewed/1', 'trail.exported/1']))
    const policy = parsePolicy(w.log.policy)
    for (const path of found.paths.filter((one) => /^access\/\d+\.json$/.test(one))) {
      const proofText = found.text(path.replace('.json', '.tlog-proof'))
      expect(verifyTlogProof(policy, { leafHash: leafHash(found.bytes(path)), proofText }).ok).toBe(true)
    }
    expect(found.json('persons.json')).toContainEqual({ id: 'pers_learner', name: 'Test learner' })
  })

  test.each([
    ['of an unknown case', { cases: ['case_nowhere'] }, 404, 'not_found'],
    ['at a checkpoint that never was', { checkpoint: 999_999 }, 404, 'no_such_checkpoint'],
    ['for a profile that is none', { profile: 'friend' }, 400, 'invalid_request'],
    ['without a purpose', { purpose: undefined }, 400, 'invalid_request'],
  ])('%s is refused, and nothing is recorded', async (_what, change, status, code) => {
    const before = (await ownTrail()).length
    const response = await ordered({
      kind: 'trails' as const,
      cases: [id],
      profile: 'public',
      purpose: 'audit',
      ...change,
    })
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code])
    expect(await ownTrail()).toHaveLength(before)
  })

  test('is for officers', async () => {
    const order = { kind: 'trails' as const, cases: [id], profile: 'public', purpose: 'audit' }
    for (const who of ['reviewer', 'operator', 'learner'] as const) expect((await ordered(order, who)).status).toBe(403)
  })
})

describe('a sample', () => {
  const ended: CaseId[] = []
  beforeAll(async () => {
    for (let n = 0; n < 6; n += 1) {
      const one = await caseToDecide(w, { offering: `sampled-${n}` })
      await withdraw(one)
      ended.push(one)
    }
  })

  const order = {
    kind: 'samples' as const,
    from: '2026-01-01T00:00:00Z',
    size: 3,
    profile: 'accreditor',
    purpose: 'accreditation',
  }

  test('is drawn by the root of the first checkpoint after its announcement, and anybody draws it again', async () => {
    const { manifest, ...found } = await whilePublishing(() => packaged(order))
    const { sample } = manifest
    const population = found.json<{ case: string; stratum: string[] }[]>('population.json')
    expect(population.map((one) => one.case)).toEqual(ended.toSorted())
    expect(sample?.population).toEqual({ count: 6, digest: b64url(sha256(found.bytes('population.json'))) })
    expect(sample?.seed).toBe(hex(Buffer.from(sample?.seedFrom?.root ?? '', 'base64url').subarray(0, 16)))
    const members = population.map(({ case: one, stratum }): Member => ({ id: one, stratum }))
    const again = drawFrom(members, { size: 3, seed: sample?.seed ?? '' })
    expect(again.ids).toEqual(sample?.drawn)
    expect(manifest.trails.map((one) => one.case).toSorted()).toEqual([...again.ids].toSorted())

    const announced = (await ownTrail()).find(({ n }) => n === sample?.announced.n)
    const { count, digest } = sample?.population ?? {}
    expect(announced).toMatchObject({
      type: 'sample.announced/1',
      data: { population: digest, count, size: 3, seed: 'next' },
    })
    expect(manifest.recorded.last - manifest.recorded.first).toBe(2)
  })

  test('is drawn from each stratum with the auditor’s own seed', async () => {
    const seed = '0123456789abcdef0123456789abcdef'
    const { manifest } = await whilePublishing(() => packaged({ ...order, strata: ['level', 'achievement'], seed }))
    expect(manifest.sample).toMatchObject({ method: 'stratified', seed, strata: ['level', 'achievement'] })
    expect(manifest.sample?.counts).toEqual([{ stratum: ['none', expect.any(String)], population: 6, drawn: 3 }])
    expect(manifest.sample).not.toHaveProperty('seedFrom')
  })

  test('of nothing is refused', async () => {
    const response = await ordered({ ...order, achievement: 'nothing-of-the-kind' })
    expect([response.status, await response.json()]).toEqual([
      422,
      expect.objectContaining({ code: 'empty_population' }),
    ])
  })
})

/** Publishes again and again until the answer is there, as the log's own process would. */
async function whilePublishing<T>(ask: () => Promise<T>): Promise<T> {
  let isAnswered = false
  const answer = ask().finally(() => {
    isAnswered = true
  })
  while (!isAnswered) {
    await w.log.publish()
    await Promise.race([answer.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 100))])
  }
  return answer
}

async function withdraw(of: CaseId): Promise<void> {
  await inInstitution(w.open('bevis_pipeline'), institution, (tx) =>
    moveCases(tx, [
      {
        caseId: of,
        to: 'withdrawn',
        cause: 'withdrawn',
        decision: 'd',
        step: 'approval',
        entry: { type: 'case.withdrawn/1', reason: 'asked-for' },
      },
    ]),
  )
}

describe('the whole log', () => {
  test('is a folder that any tool for tiled logs reads: every entry, and the root that was signed', async () => {
    const found = await packaged({ kind: 'log', purpose: 'archive' })
    const told: LogFinding[] = []
    const read = async (path: string) => (found.paths.includes(path) ? found.bytes(path) : undefined)
    const { size, root } = parseCheckpoint(parseNote(found.text('checkpoint')).text)
    await checkLog({ read, size, root, tell: (finding) => told.push(finding) })
    expect(told).toEqual([])
    expect(found.manifest).toMatchObject({
      kind: 'log',
      trails: [],
      withheld: [],
      checkpoint: { size, root: b64url(root) },
    })
    expect(found.everything()).not.toContain('Test learner')
    expect((await ownTrail()).at(-1)).toMatchObject({
      type: 'log.exported/1',
      data: { content: found.manifest.content },
    })
  })
})

describe('protected identity', () => {
  test('hides name and inputs: masked for a court, withheld from accreditors and employers', async () => {
    const register = registerOf(institution)
    const items = register.items.map((item) =>
      item.kind === 'person' && item.id === personOf('learner')
        ? { ...item, body: { ...item.body, protected: true } }
        : item,
    )
    await applyRegister(w.db, { ...register, items }, { by: applier })
    await w.log.publish()
    const court = await forCase('court')
    expect(court.text('report.sv.pdf')).not.toContain('Test learner')
    expect(court.json('persons.json')).toContainEqual(
      expect.objectContaining({ id: 'pers_learner', masked: 'protected' }),
    )
    expect(court.everything()).not.toContain('Test learner')
    const why = (profile: OpenedPackage, part: string) =>
      profile.manifest.withheld.filter((line) => line.part === part).map((line) => line.why)
    expect(new Set(why(await forCase('accreditor'), 'inputs'))).toEqual(new Set(['protected']))
    expect(why(await forCase('employer'), 'credentials')).toEqual(['protected'])
    expect((await forCase('subject')).json('persons.json')).toContainEqual(
      expect.objectContaining({ name: 'Test learner' }),
    )
  })
})

test('what was erased is withheld as such, and the entry that committed to it is proved all the same', async () => {
  const admin = postgres(w.world.adminUrl, { max: 1, onnotice: () => undefined })
  const gone = await admin<{ n: string; digest: string }[]>`
    delete from audit.disclosure where trail = ${trail} and n = (
      select n from audit.entry where trail = ${trail} and type = 'decision.recorded/1') returning n, digest`
  await admin.end()
  const found = await forCase('court')
  expect(gone).toHaveLength(2)
  for (const { n, digest } of gone) {
    expect(found.manifest.withheld).toContainEqual({ trail, n: Number(n), digest, why: 'erased' })
  }
  expect(found.everything()).not.toContain(secretText)
  const report = await found.verified(w.log.policy)
  const inclusion = report.trails.flatMap(({ checks }) => checks).find(({ id: check }) => check === 'inclusion')
  expect(inclusion?.outcome).toBe('passed')
})
