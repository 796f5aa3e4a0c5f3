import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectNats, jetStream } from '#connectors/platform/nats.ts'
import { choosePorts, isFree } from '#dev/servers/ports.ts'
import { removeCluster, startPostgres } from '#dev/servers/postgres.ts'
import { birthOf, readLive, waitUntil } from '#dev/servers/processes.ts'
import { type Stack, startStack } from '#dev/stack.ts'
import { openKept, stackPaths } from '#dev/stack-state.ts'
import { begin, emptyFolder, type Options, ownFolder, runNode } from './support.ts'
import { availableUsers } from './users.ts'

const users = availableUsers()

describe.each(users)('the stack, run by $name', ({ prepare }) => {
  let folder: ReturnType<typeof ownFolder>
  let options: Options
  beforeEach(async () => {
    folder = ownFolder()
    options = await prepare(folder.dir)
  })
  afterEach(async () => {
    await run('stop')
    folder.remove()
  })

  const args = (command: string) => [
    'dev/stack.ts',
    command,
    '--json',
    '--servers-only',
    '--dir',
    join(folder.dir, 'stack'),
  ]
  const run = (command: string) => runNode(args(command), options)
  const expectStarts = async () => {
    const said = await run('start')
    expect(said.code, said.err).toBe(0)
  }
  const status = async () => JSON.parse((await run('status')).out) as Status
  const attach = (): Promise<Stack> => startStack({ dir: join(folder.dir, 'stack'), quiet: true, processes: false })

  test('keeps its ports and finds yesterday’s data after a stop', async () => {
    await expectStarts()
    const first = await attach()
    await leaveTraces(first)
    expect((await run('stop')).code).toBe(0)
    expect((await status()).running).toBe(false)
    await expectStarts()
    const second = await attach()
    expect(second.urls).toEqual(first.urls)
    expect(second.adminUrl).toBe(first.adminUrl)
    expect(await readTraces(second)).toEqual({ rows: 1, messages: 1, namespace: 'yesterday' })
  })

  test('started twice is one stack, and Ctrl-C on it leaves nothing running', async () => {
    const owner = begin(args('dev'), options)
    await waitUntil(() => owner.said().includes('"running":true') || owner.child.exitCode !== null, 120_000)
    const { members } = await status()
    const again = await run('dev')
    expect(again).toMatchObject({ code: 0 })
    expect(again.err).toContain('already running')
    expect((await status()).members).toEqual(members)
    owner.child.kill('SIGINT')
    expect((await owner.ended).code).toBe(130)
    await expectNothingRuns(members)
  })

  test('killed outright, its next start ends what was left and goes on with the same data', async () => {
    await expectStarts()
    const before = await attach()
    await leaveTraces(before)
    const { members } = await status()
    const owner = readLive(join(before.dir, 'run', 'stack.pid'))
    process.kill(owner?.pid ?? 0, 'SIGKILL')
    expect((await status()).running).toBe(false)
    await expectStarts()
    const pids = members.flatMap(({ pid }) => pid ?? [])
    expect(pids.filter((pid) => birthOf(pid) !== undefined)).toEqual([])
    expect(await readTraces(await attach())).toMatchObject({ rows: 1, messages: 1 })
  })
})

describe('a running stack', () => {
  let folder: ReturnType<typeof ownFolder>
  let stack: Stack
  beforeAll(async () => {
    folder = ownFolder()
    stack = await startStack({ dir: folder.dir, quiet: true, processes: false })
    await leaveTraces(stack)
  })
  afterAll(async () => {
    await stack.stop()
    folder.remove()
  })

  test.each(['postgres', 'nats', 'temporal'] as const)('starts %s again when it is killed', async (name) => {
    const pidFile = join(folder.dir, 'run', `${name}.pid`)
    const before = readLive(pidFile)?.pid
    await stack.kill(name)
    await waitUntil(() => ![undefined, before].includes(readLive(pidFile)?.pid), 30_000)
    expect(readLive(pidFile)?.pid).not.toBe(before)
    expect(await patiently(() => readTraces(stack))).toEqual({ rows: 1, messages: 1, namespace: 'yesterday' })
  })

  test('gives emitters the rights of the register’s file, and keeps the old ones where the file is broken', async () => {
    const { publicKey, seedFile } = stack.emitterKey('umu', 'lms')
    const entry = { publish: ['completions.umu.lms'], subscribe: ['_INBOX_umu_lms.>'] }
    await stack.useEmitters(`{ nkey: ${publicKey}, permissions: ${JSON.stringify(entry)} }`)
    const connect = () =>
      connectNats({ url: stack.urls.nats, seed: readFileSync(seedFile, 'utf8').trim(), name: 'umu_lms' })
    const first = await connect()
    await expect(stack.useEmitters('{ nkey: nonsense')).rejects.toThrow('does not accept')
    const second = await connect()
    await jetStream(second).publish('completions.umu.lms', '{}')
    await Promise.all([first.close(), second.close()])
  })

  test('keeps secrets from other users and the signing secret from all processes but one', () => {
    const secrets = readdirSync(join(folder.dir, 'secrets'), { recursive: true, encoding: 'utf8' })
    const files = secrets.map((name) => statSync(join(folder.dir, 'secrets', name))).filter((file) => file.isFile())
    expect(files.length).toBeGreaterThan(5)
    expect(files.filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([])
    const holders = (['pipeline', 'signing', 'intake', 'relay', 'api', 'cli'] as const).filter((name) =>
      JSON.stringify(stack.environment(name)).includes('signing-'),
    )
    expect(holders).toEqual(['signing'])
  })

  test('started again in the same process is the same stack', async () => {
    const again = await startStack({ dir: folder.dir, quiet: true, processes: false })
    expect(again.owned).toBe(false)
    await again.stop()
    expect(await isFree(stack.ports.nats)).toBe(false)
  })
})

describe('a stack that is about to start', () => {
  let folder: ReturnType<typeof ownFolder>
  beforeEach(() => {
    folder = ownFolder()
  })
  afterEach(() => folder.remove())

  test('says so where another program has taken a port it must keep, and leaves nothing running', async () => {
    const { ports } = await openKept(stackPaths(folder.dir))
    const stranger = createServer()
    await new Promise<void>((resolve) => stranger.listen(ports.nats, '127.0.0.1', resolve))
    await expect(startStack({ dir: folder.dir, quiet: true, processes: false })).rejects.toThrow(
      `Port ${ports.nats}, kept for nats`,
    )
    await new Promise((resolve) => stranger.close(resolve))
    expect(readLive(join(folder.dir, 'run', 'stack.pid'))).toBeUndefined()
  })

  test('uses the Postgres of DATABASE_URL and starts none of its own', async () => {
    const elsewhere = emptyFolder(join(folder.dir, 'elsewhere'))
    const { port } = await choosePorts(['port'], elsewhere)
    const server = await startPostgres({ dir: elsewhere, port, password: 'for this test' })
    const args = ['--json', '--servers-only', '--dir', join(folder.dir, 'stack')]
    const env = { ...process.env, DATABASE_URL: server.adminUrl }
    const said = await runNode(['dev/stack.ts', 'start', ...args], { env })
    const status = JSON.parse(said.out) as Status
    expect(status.members.find(({ name }) => name === 'postgres')?.pid).toBeNull()
    const sql = postgres(server.adminUrl, { max: 1 })
    expect(await sql`select to_regclass('public.institution') is not null as migrated`).toEqual([{ migrated: true }])
    await sql.end()
    await runNode(['dev/stack.ts', 'stop', ...args])
    await server.stop()
    removeCluster(elsewhere)
  })
})

test('the command line of the stack tells its usage where it does not understand', async () => {
  const said = await runNode(['dev/stack.ts', 'strat'])
  expect(said).toMatchObject({ code: 2 })
  expect(said.err).toContain('Usage:')
})

interface Status {
  readonly running: boolean
  readonly members: readonly { readonly name: string; readonly pid: number | null }[]
}

async function expectNothingRuns(members: Status['members']): Promise<void> {
  const pids = members.flatMap(({ pid }) => pid ?? [])
  expect(pids.length).toBeGreaterThan(1)
  expect(pids.filter((pid) => birthOf(pid) !== undefined)).toEqual([])
}

/** Something in each server that a later start must find. */
async function leaveTraces(stack: Stack): Promise<void> {
  const sql = postgres(stack.adminUrl, { max: 1 })
  await sql`create table trace as select 1 as one`
  await sql.end()
  const nats = await connectNats({ url: stack.urls.nats, seed: seedOf(stack, 'relay'), name: 'relay' })
  await jetStream(nats).publish('issuance.umu.trace', '{}')
  await nats.close()
  const temporal = await Connection.connect({ address: stack.urls.temporal })
  await temporal.workflowService.registerNamespace({
    namespace: 'yesterday',
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  })
  await temporal.close()
}

async function readTraces(stack: Stack) {
  const sql = postgres(stack.adminUrl, { max: 1 })
  const temporal = await Connection.connect({ address: stack.urls.temporal })
  const nats = await connectNats({ url: stack.urls.nats, seed: seedOf(stack, 'cli'), name: 'admin' })
  try {
    const rows = await sql`select * from trace`
    const info = await nats.request('$JS.API.STREAM.INFO.ISSUANCE', '')
    const { namespaceInfo } = await temporal.workflowService.describeNamespace({ namespace: 'yesterday' })
    return {
      rows: rows.length,
      messages: info.json<{ state: { messages: number } }>().state.messages,
      namespace: namespaceInfo?.name,
    }
  } finally {
    await Promise.all([sql.end(), temporal.close(), nats.close()])
  }
}

function seedOf(stack: Stack, name: 'relay' | 'cli'): string {
  return readFileSync(stack.environment(name)['BEVIS_NATS_SEED_FILE'] ?? '', 'utf8').trim()
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  let answer: T | undefined
  await waitUntil(async () => {
    answer = await ask().catch(() => undefined)
    return answer !== undefined
  }, 30_000)
  return answer ?? (await ask())
}
