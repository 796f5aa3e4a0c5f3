import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyRegister } from '#db/register.ts'
import type { RegisterItem } from '#db/register-items.ts'
import { openCourses, openLecture } from '../api/achievement.ts'
import { type ApiWorld, applier, createApiWorld, institution, registerOf } from '../api/world.ts'
import { bevis, startBevis } from './run-bevis.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-intake-'))
const file = join(folder, 'late.ndjson')
const register = registerOf(institution)
let w: ApiWorld
let emitter: RegisterItem

beforeAll(async () => {
  w = await createApiWorld({ temporal: true })
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const kid = 'open-1'
  writeFileSync(
    join(folder, 'norrsken.open-courses.jwk.json'),
    JSON.stringify({ ...(await exportJWK(privateKey)), kid }),
  )
  const key = { kid, jwk: { ...(await exportJWK(publicKey)), kid }, from: '2020-01-01T00:00:00.000Z' }
  const { body } = openCourses()
  emitter = {
    kind: 'emitter',
    id: 'open-courses',
    body: { ...(body as object), keys: [key] },
  } as unknown as RegisterItem
  writeFileSync(file, `${JSON.stringify(completion(1))}\n\n${JSON.stringify(completion(2))}\n`)
  writeFileSync(join(folder, 'token'), await w.token('operator'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await w.dispose()
})

const declare = (...items: RegisterItem[]) =>
  applyRegister(w.db, { ...register, items: [...register.items, ...items] }, { by: applier })
const environment = () => ({ BEVIS_PUBLIC_URL: w.api.url, BEVIS_TOKEN_FILE: join(folder, 'token') })
const run = (...args: string[]) => bevis(args, { env: environment() })
const send = (...more: string[]) => run('event', 'send', file, '--emitter-dir', folder, '--http', '--json', ...more)
const operator = (...args: string[]) => run(...args, '--institution', institution)

function completion(n: number): object {
  return {
    specversion: '1.0',
    id: `late-${n}`,
    source: 'open-courses',
    institution,
    sequence: n,
    type: 'org.beviskedja.completion.recorded.v1',
    data: {
      learner: { scheme: 'oidc', value: 'learner' },
      achievement: 'open-lecture',
      offering: `spring-${n}`,
      completedAt: '2026-02-01T10:00:00.000Z',
    },
  }
}

describe('events over HTTP', () => {
  test('nobody whom the register does not name is let in', async () => {
    const { code, stderr } = await send()
    expect([code, stderr]).toEqual([5, expect.stringContaining('emitter_not_authenticated')])
  })

  test('one per line, each with its own end; what is mended is replayed by its cause', async () => {
    await declare(emitter)
    const early = await send()
    expect(early.code).toBe(1)
    expect(early.json()).toMatchObject({
      sent: [
        { file: `${file}:1`, id: 'late-1', outcome: 'dead-letter', code: 'unknown-achievement' },
        { file: `${file}:3`, id: 'late-2', outcome: 'dead-letter', code: 'unknown-achievement' },
      ],
    })
    const replay = ['dead-letter', 'replay', '--code', 'unknown-achievement', '--stream', 'HTTP']
    const refused = await operator(...replay, '--confirm', '2')
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('0 of 2 taken in again.')])

    await declare(emitter, openLecture())
    expect(await operator(...replay, '--source', 'nobody', '--confirm', '0')).toMatchObject({
      code: 0,
      stdout: '0 of 0 taken in again.\n',
    })
    const mended = await operator(...replay, '--source', 'open-courses', '--confirm', '2')
    expect([mended.code, mended.stdout]).toEqual([0, '2 of 2 taken in again.\n'])
    const again = await send()
    expect([again.code, again.json()]).toMatchObject([
      0,
      { sent: [{ outcome: 'duplicate' }, { outcome: 'duplicate' }] },
    ])
  })

  test('are listed, and each tells what became of it, without what it says', async () => {
    const listed = await operator('event', 'list', '--source', 'open-courses', '--ndjson')
    const keys = listed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { key: string }).key)
    expect(keys).toHaveLength(2)
    const { code, stdout } = await operator('event', 'show', keys[0] ?? '')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/signed with open-1[^]*Opened +case_/)])
    expect(stdout).not.toContain('spring-')
    expect(await operator('event', 'show', '0'.repeat(64))).toMatchObject({ code: 4 })
  })

  test('are offered again while the API is away, and not for ever', async () => {
    const args = ['event', 'send', file, '--emitter-dir', folder, '--http', '--keep-trying', '2']
    const sending = startBevis(args, { env: { ...environment(), BEVIS_PUBLIC_URL: 'http://127.0.0.1:9' } })
    await sending.says('trying again')
    expect(await sending.ended).toMatchObject({ code: 7 })
  })
})
