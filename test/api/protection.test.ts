/** Protected identities: masked at every door, shown at one, to one role, for a purpose that is logged. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inInstitution } from '#db/client.ts'
import { recordIntentions, storeCredentials } from '#db/credentials.ts'
import { storeDeadLetters } from '#db/dead-letters.ts'
import { claimSlots } from '#db/status-lists.ts'
import { as, type CaseId, type CredentialId, type Instant } from '#domain/words.ts'
import { caseToDecide } from './cases.ts'
import { type ApiWorld, createApiWorld, institution, personOf, type Somebody } from './world.ts'

const base = '/v1/institutions/norrsken'
const offering = 'kurs-i-overkalix'
const name = 'Test learner'
const credential = as<CredentialId>('cred_hidden')

let w: ApiWorld
let caseId: CaseId
let letter: string
beforeAll(async () => {
  w = await createApiWorld()
  caseId = await caseToDecide(w, { offering })
  await inInstitution(w.open('bevis_signing'), institution, async (tx) => {
    const issuedAt = as<Instant>('2026-02-02T10:00:00.000Z')
    const one = { credentialId: credential, caseId, kid: 'k', issuedAt }
    await claimSlots(tx, [credential])
    await recordIntentions(tx, [{ ...one, documentDigest: 'd', provedBy: 1 }])
    await storeCredentials(tx, [
      { ...one, subject: personOf('learner'), format: 'ob3-jwt', digest: 'd', compact: `a.${name}.c` },
    ])
  })
  const payload = Buffer.from(
    JSON.stringify({ broken: [{ learner: { scheme: 'oidc', value: 'learner' } }], where: offering }),
  )
  const subject = 'completions.norrsken.lms'
  const draft = { stream: 'COMPLETIONS', subject, code: 'invalid-event', problems: [], payload, headers: {} }
  const [id = ''] = await inInstitution(w.open('bevis_intake'), institution, (tx) => storeDeadLetters(tx, [draft]))
  letter = id
})
afterAll(() => w.dispose())

const read = async (who: Somebody, path: string) => {
  const response = await w.ask(who, `${base}${path}`)
  const text = await response.text()
  const inside = Buffer.from(/"payload":"([^"]*)"/.exec(text)?.[1] ?? '', 'base64url').toString()
  return { status: response.status, text: `${text} ${inside}` }
}
const evidenceOf = async () => {
  const { text } = await read('officer', `/cases/${caseId}/evidence`)
  return /evid_[a-z2-7]+/.exec(text)?.[0] ?? ''
}
const keyOf = async () => /"key":"([0-9a-f]{64})"/.exec((await read('officer', '/events?limit=1')).text)?.[1] ?? ''

/** Everywhere a person can be shown, who may look there, and what is seen there of somebody who is not protected. */
const doors = async (): Promise<readonly (readonly [string, readonly Somebody[], string])[]> => [
  [`/cases/${caseId}`, ['officer', 'reviewer'], name],
  ['/cases', ['officer', 'reviewer'], offering],
  [`/cases?offering=${offering}`, ['officer'], offering],
  [`/cases?q=${offering}`, ['officer'], offering],
  ['/cases?learnerScheme=oidc&learner=learner', ['officer'], offering],
  [`/cases/${caseId}/evidence`, ['officer', 'reviewer'], offering],
  [`/cases/${caseId}/evidence/${await evidenceOf()}`, ['officer', 'reviewer'], offering],
  [`/events/${await keyOf()}/payload`, ['officer'], offering],
  [`/credentials/${credential}/document`, ['officer'], name],
  [`/dead-letters/${letter}`, ['officer', 'operator'], offering],
]

describe('a protected identity', () => {
  test('is seen at every door before anybody marks it', async () => {
    expect((await read('officer', '/register/person/pers_learner')).text).toContain(name)
    for (const [path, who, word] of await doors())
      for (const one of who) expect((await read(one, path)).text, path).toContain(word)
    const { text } = await read('officer', `/cases/${caseId}/trail`)
    expect(JSON.parse(text).disclosures.length).toBeGreaterThan(0)
  })

  test('is marked by a privacy officer only', async () => {
    const body = { case: caseId, reason: 'sekretessmarkering', decision: 'SEK-2026/12' }
    const mark = (who: Somebody) => w.ask(who, `${base}/protections`, { body })
    expect((await mark('officer')).status).toBe(403)
    expect((await mark('privacy')).status).toBe(200)
    expect((await mark('second-privacy')).status).toBe(200)
    const { items } = (await (await w.ask('privacy', `${base}/protections`)).json()) as { items: object[] }
    expect(items).toMatchObject([{ person: 'pers_learner', markedBy: 'pers_privacy' }])
  })

  test('is masked at every door, for everybody', async () => {
    for (const [path, who] of await doors()) {
      for (const one of who) {
        const { text } = await read(one, path)
        expect(text, `${one} ${path}`).not.toContain(name)
        expect(text.replace(path, ''), `${one} ${path}`).not.toContain(offering)
      }
    }
    expect((await read('officer', '/register/person/pers_learner')).text).not.toContain(name)
    const trail = JSON.parse((await read('officer', `/cases/${caseId}/trail`)).text) as {
      disclosures: object[]
      withheld: { why: string }[]
    }
    expect(trail.disclosures).toEqual([])
    expect(new Set(trail.withheld.map(({ why }) => why))).toEqual(new Set(['protected']))
    expect(await (await w.ask('officer', `${base}/cases/${caseId}`)).json()).toMatchObject({
      learner: { id: 'pers_learner', protected: true },
      offering: '***',
    })
  })

  test('is not found by where it is or by who it is, and is by its case', async () => {
    const found = async (query: string) => JSON.parse((await read('officer', `/cases?${query}`)).text).items.length
    expect(await found(`offering=${offering}`)).toBe(0)
    expect(await found(`q=${offering}`)).toBe(0)
    expect(await found('learnerScheme=oidc&learner=learner')).toBe(0)
    expect(await found(`q=${caseId}`)).toBe(1)
  })

  test('is shown to a privacy officer who says what for, and that is logged', async () => {
    expect((await read('officer', `/cases/${caseId}/identity?purpose=appeal`)).status).toBe(403)
    expect((await read('privacy', `/cases/${caseId}/identity`)).status).toBe(400)
    const { status, text } = await read('privacy', `/cases/${caseId}/identity?purpose=appeal`)
    expect([status, JSON.parse(text)]).toMatchObject([200, { person: 'pers_learner', protected: true, name, offering }])
    const log = await read('officer', '/access-log')
    expect(log.text).toContain('appeal')
    expect(log.text).not.toContain(name)
  })

  test('is open again when the mark has ended', async () => {
    const end = await w.ask('privacy', `${base}/protections/pers_learner/end`, { body: { decision: 'SEK-2026/44' } })
    expect(end.status).toBe(200)
    expect((await read('officer', `/cases/${caseId}`)).text).toContain(name)
  })
})
