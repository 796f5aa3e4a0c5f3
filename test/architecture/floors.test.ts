import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { root } from '../support/paths.ts'
import { type Scratch, scratchHouse } from './scratch.ts'

/** Every rule of .dependency-cruiser.cjs with imports that break it: file that imports → its text. */
const plants: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'cli-looks-down-only': { 'cli/neighbour.ts': "import '#dev/fine.ts'" },
  'dev-looks-down-only': { 'dev/neighbour.ts': "import '#cli/fine.ts'" },
  'web-looks-down-only': { 'web/up.ts': "import '../cli/fine.ts'" },
  'api-looks-down-only': { 'api/neighbour.ts': "import '#workers/fine.ts'" },
  'workers-looks-down-only': { 'workers/neighbour.ts': "import '#api/fine.ts'" },
  'workflows-looks-down-only': {
    'workflows/up.ts': "import type { fine } from '#workers/fine.ts'\nexport type Up = typeof fine",
  },
  'activities-looks-down-only': { 'activities/up.ts': "import '#workflows/fine.ts'" },
  'db-looks-down-only': { 'db/up.ts': "import '#activities/fine.ts'" },
  'verifier-looks-down-only': { 'verifier/up.ts': "import '#db/fine.ts'" },
  'credentials-looks-down-only': { 'credentials/neighbour.ts': "import '#audit/fine.ts'" },
  'audit-looks-down-only': { 'audit/neighbour.ts': "import '#events/fine.ts'" },
  'events-looks-down-only': { 'events/neighbour.ts': "import '#config/fine.ts'" },
  'config-looks-down-only': { 'config/neighbour.ts': "import '#connectors/fine.ts'" },
  'connectors-looks-down-only': { 'connectors/neighbour.ts': "import '#credentials/fine.ts'" },
  'domain-looks-down-only': { 'domain/up.ts': "import '#events/fine.ts'" },
  'no-circles': {
    'db/ring-of-types.ts': "import type { Other } from './ring-of-types-too.ts'\nexport type One = Other | 1",
    'db/ring-of-types-too.ts': "import type { One } from './ring-of-types.ts'\nexport type Other = One | 2",
    'audit/ring.ts': "import './ring-too.ts'",
    'audit/ring-too.ts': "import './ring.ts'",
  },
  'not-to-unresolvable': {
    'db/gone.ts': "import '#domain/gone.ts'",
  },
  'product-never-imports-tests': {
    'workers/eager.ts': "import '../test/fine.ts'",
    'dev/toolbox.ts': "import '../tools/fine.ts'",
  },
  'kit-stands-alone': { 'kit/leans.ts': "import '../domain/fine.ts'" },
  'nobody-leans-on-the-kit': { 'cli/leans.ts': "import '../kit/fine.ts'" },
  'domain-imports-nothing': { 'domain/reads.ts': "import 'node:fs'", 'domain/parses.ts': "import 'zod'" },
  'verifier-is-pure': {
    'verifier/reads.ts': "import 'node:fs'",
    'verifier/asks.ts': "import '#connectors/fine.ts'",
  },
  'workflows-are-pure': {
    'workflows/hashes.ts': "import 'node:crypto'",
    'workflows/asks.ts': "import '@temporalio/client'",
    'workflows/queries.ts': "import type { fine } from '#db/fine.ts'\nexport type Query = typeof fine",
    'workflows/types.ts': "import type { fine } from '#activities/fine.ts'\nexport type Act = typeof fine",
  },
  'activities-as-types': { 'workflows/runs.ts': "import '#activities/contracts.ts'" },
  'sql-only-in-db': { 'api/asks.ts': "import 'drizzle-orm/postgres-js'", 'activities/asks.ts': "import 'postgres'" },
  'jose-only-where-keys-live': { 'api/signs.ts': "import type { JWK } from 'jose'\nexport type Key = JWK" },
  'nats-only-in-platform': {
    'workers/publishes.ts': "import '@nats-io/jetstream'",
    'connectors/identity/publishes.ts': "import '@nats-io/transport-node'",
  },
  'logs-only-in-platform': { 'workers/logs.ts': "import 'pino'" },
  'temporal-client-only-in-platform': { 'api/starts.ts': "import '@temporalio/client'" },
  'opentelemetry-only-in-platform': { 'workers/spans.ts': "import '@opentelemetry/api'" },
}

const rooms = [
  'cli',
  'dev',
  'web',
  'api',
  'workers',
  'workflows',
  'activities',
  'db',
  'verifier',
  'credentials',
  'audit',
  'events',
].concat(['config', 'connectors', 'domain', 'kit', 'test', 'tools'])

/** What is allowed, in every room: a rule that bit here would be too strict. */
const fine: Readonly<Record<string, string>> = {
  ...Object.fromEntries(rooms.map((room) => [`${room}/fine.ts`, 'export const fine = 1\n'])),
  'activities/contracts.ts': "import type { fine } from '#domain/fine.ts'\nexport type Contract = typeof fine\n",
  'workflows/pure.ts':
    "import { sleep } from '@temporalio/workflow'\nimport type { Contract } from '#activities/contracts.ts'\n" +
    'export const pure: (one: Contract) => unknown = sleep\n',
  'db/sql.ts':
    "import { sql } from 'drizzle-orm'\nimport { fine } from '#domain/fine.ts'\nexport const query = sql`${fine}`\n",
  'credentials/sign.ts': "export { CompactSign } from 'jose'\n",
  'connectors/platform/lines.ts': "import '@nats-io/jetstream'\nimport '@temporalio/client'\n",
  'test/free.ts': "import 'postgres'\nimport '#cli/fine.ts'\n",
}

const cruised = z.object({
  summary: z.object({
    violations: z.array(
      z.object({
        from: z.string(),
        rule: z.object({ name: z.string() }),
        /** A circle is told once, from one of its files. */
        cycle: z.array(z.object({ name: z.string() })).default([]),
      }),
    ),
  }),
})

const config = z
  .object({ forbidden: z.array(z.object({ name: z.string(), severity: z.literal('error') })) })
  .parse(createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')))

describe('floors and circles', () => {
  let house: Scratch
  let violations: z.infer<typeof cruised>['summary']['violations']

  beforeAll(async () => {
    house = scratchHouse({ ...fine, ...Object.assign({}, ...Object.values(plants)) })
    const { output } = await house.tool('depcruise', '--config', '.dependency-cruiser.cjs', '-T', 'json', '.')
    violations = cruised.parse(JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1))).summary
      .violations
  })
  afterAll(() => house.dispose())

  test('every rule has a planted violation', () => {
    expect(Object.keys(plants).toSorted()).toEqual(config.forbidden.map(({ name }) => name).toSorted())
  })

  test('every folder with code stands on a floor', () => {
    const folders = readdirSync(root, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !/^[.]|^node_modules$/.test(entry.name),
    )
    const withCode = folders.filter(({ name }) =>
      readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).some((file) => file.endsWith('.ts')),
    )
    // The kit stands alone, under rules of its own.
    const outside = ['test', 'tools', 'bench', 'kit']
    const standing = config.forbidden.map(({ name }) => name.replace(/-looks-down-only$/, ''))
    expect([...outside, ...standing]).toEqual(expect.arrayContaining(withCode.map(({ name }) => name)))
  })

  test.each(Object.entries(plants))('%s catches what breaks it', (rule, files) => {
    const caught = violations
      .filter((each) => each.rule.name === rule)
      .flatMap(({ from, cycle }) => [from, ...cycle.map(({ name }) => name)])
    expect(caught).toEqual(expect.arrayContaining(Object.keys(files)))
  })

  test('nothing else is caught', () => {
    const planted = Object.values(plants).flatMap((files) => Object.keys(files))
    expect(violations.filter(({ from }) => !planted.includes(from))).toEqual([])
  })
})
