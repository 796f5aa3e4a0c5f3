/** `bevis keys inventory`: one list of every key, from the tables and the policy, without a private half. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inInstitution } from '#db/client.ts'
import { publishIssuerKeys } from '#db/issuer-keys.ts'
import { readCheckpoint } from '#db/log.ts'
import { applyRegister } from '#db/register.ts'
import type { RegisterItem } from '#db/register-items.ts'
import { as, type Instant } from '#domain/words.ts'
import { openCourses } from '../api/achievement.ts'
import { type ApiWorld, applier, createApiWorld, institution, registerOf } from '../api/world.ts'
import { bevis } from './run-bevis.ts'

let w: ApiWorld
const folder = mkdtempSync(join(tmpdir(), 'bevis-inventory-'))
const policy = join(folder, 'trust.policy')
beforeAll(async () => {
  w = await createApiWorld()
  writeFileSync(policy, w.log.policy)
  const from = as<Instant>('2026-01-01T00:00:00.000Z')
  const key = { jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }, alg: 'ES256', validFrom: from }
  await inInstitution(w.open('bevis_signing'), institution, (tx) =>
    publishIssuerKeys(tx, [
      {
        ...key,
        kid: 'https://bevis.example/keys/old',
        validUntil: as<Instant>('2026-02-01T00:00:00.000Z'),
        status: 'retired',
      },
      { ...key, kid: 'https://bevis.example/keys/new', status: 'active' },
    ]),
  )
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'open-1', alg: 'ES256' }
  const body = { ...(openCourses().body as object), nkey: 'UOPEN', keys: [{ kid: 'open-1', jwk, from }] }
  const emitter = { kind: 'emitter', id: 'open-courses', body } as unknown as RegisterItem
  const register = registerOf(institution)
  await applyRegister(w.db, { ...register, items: [...register.items, emitter] }, { by: applier })
  await w.log.publish()
})
afterAll(async () => {
  await w.dispose()
  rmSync(folder, { recursive: true })
})

const inventory = (...args: string[]) =>
  bevis(['keys', 'inventory', ...args], {
    env: { BEVIS_DATABASE_URL: w.world.url('bevis_api'), BEVIS_SECRETS_FILE: w.world.secretsFile },
  })

test('names purpose, owner, algorithm, validity and place of every key', async () => {
  const { code, stdout, stderr } = await inventory(institution, '--policy', policy, '--json')
  expect([code, stderr]).toEqual([0, ''])
  const { keys } = JSON.parse(stdout) as { keys: { purpose: string }[] }
  const [logLine = '', witnessLine = ''] = w.log.policy.split('\n')
  const [logKey, witnessKey] = [logLine.split(' ')[1], witnessLine.split(' ')[2]].map((vkey) =>
    vkey?.split('+').slice(0, 2).join('+'),
  )
  const from = '2026-01-01T00:00:00.000Z'
  const theirs = { owner: 'open-courses', status: 'active', place: 'with the emitter' }
  const ours = { purpose: 'credentials', owner: institution, alg: 'ES256', from }
  expect(keys).toEqual(
    expect.arrayContaining([
      {
        ...ours,
        key: 'https://bevis.example/keys/old',
        status: 'retired',
        until: '2026-02-01T00:00:00.000Z',
        place: 'destroyed',
      },
      { ...ours, key: 'https://bevis.example/keys/new', status: 'active', place: 'signing process, sealed' },
      { purpose: 'log', owner: institution, key: logKey, alg: 'Ed25519', status: 'active', place: 'log process' },
      { purpose: 'witness', owner: 'w1', key: witnessKey, alg: 'Ed25519', status: 'active', place: 'with the witness' },
      { ...theirs, purpose: 'events', key: 'open-1', alg: 'ES256', from },
      { ...theirs, purpose: 'stream', key: 'UOPEN', alg: 'Ed25519' },
    ]),
  )
  expect(keys).toHaveLength(6)
  const text = await inventory(institution, '--policy', policy)
  expect(text.stdout.split('\n')[0]).toMatch(/^PURPOSE +OWNER +KEY +ALG +STATUS +FROM +UNTIL +PLACE$/)
})

test('keeps the key of a log that ended, by what it signed last', async () => {
  const note = await inInstitution(w.db, institution, readCheckpoint)
  const admin = postgres(w.world.adminUrl, { max: 1, onnotice: () => undefined })
  await admin`insert into audit.succession (institution, generation, size, kept, last)
    values (${institution}, 2, ${note?.size ?? 0}, ${note?.size ?? 0}, ${note?.note ?? ''})`
  await admin.end()
  const { stdout } = await inventory(institution, '--policy', policy, '--ndjson')
  const ended = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { status: string })
    .filter(({ status }) => status === 'ended')
  const key = expect.stringMatching(/^bevis[.]example[/]norrsken[+][0-9a-f]{8}$/)
  expect(ended).toEqual([
    { purpose: 'log', owner: institution, key, alg: 'Ed25519', status: 'ended', place: 'log process' },
  ])
})

test.each([
  [[], '--policy <file> is missing'],
  [['--policy', join(folder, 'nothing')], 'is no policy: it cannot be read'],
  [['--policy', import.meta.filename], 'is no policy: policy-malformed'],
])('says what is wrong with %j', async (args, what) => {
  const { code, stderr } = await inventory(institution, ...args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(what)])
})
