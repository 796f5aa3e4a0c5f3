import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { readConfig, variablesOf } from '#config/env.ts'
import { type ProcessName, processes } from '#config/given.ts'
import { streamConfigs } from '#connectors/platform/nats-streams.ts'
import { searchAttributeKeys } from '#connectors/platform/temporal.ts'
import { auditOwner, roles } from '#db/rights.ts'
import { caseQueues } from '#db/wake-ups.ts'
import { ensureBinaries } from '#dev/servers/binaries.ts'
import { bevis } from '../cli/run-bevis.ts'

const secretUse = z.union([z.string(), z.object({ source: z.string(), target: z.string() })])
const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  secrets: z.array(secretUse).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
})
const compose = z
  .object({
    services: z.record(z.string(), service),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
    configs: z.record(z.string(), z.object({ content: z.string().optional(), file: z.string().optional() })),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), { merge: true }))

type Service = z.infer<typeof service>
const ours = processes.filter((name) => name !== 'cli')
/** The witness has nothing to do with the database it watches. */
const onDatabase = ours.filter((name) => name !== 'witness')

function serviceOf(name: string): Service {
  const found = compose.services[name]
  if (found === undefined) throw new Error(`no service ${name}`)
  return found
}

/** Settings as the container sees them: `${NAME:-default}` and `${NAME:?…}` filled in as an operator would. */
function environmentOf(name: string): Record<string, string> {
  const given: Record<string, string> = {
    BEVIS_PUBLIC_URL: 'https://bevis.example',
    BEVIS_OIDC_ISSUER: 'https://login.example',
    BEVIS_WITNESS_NAME: 'witness.example/w1',
  }
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, variable: string, sign: string, rest: string) => {
      const value = given[variable] ?? (sign === '-' ? rest : undefined)
      if (value === undefined) throw new Error(`${variable} is demanded of the operator without being said here`)
      return value
    })
  return Object.fromEntries(Object.entries(serviceOf(name).environment).map(([key, text]) => [key, fill(text)]))
}

const secretsOf = (name: string) => serviceOf(name).secrets.map((use) => (typeof use === 'string' ? use : use.source))
const targetsOf = (name: string) => serviceOf(name).secrets.map((use) => (typeof use === 'string' ? use : use.target))

describe('docker-compose.yml', () => {
  test('runs our processes from one image, each under its own database role', () => {
    for (const name of ours) expect(serviceOf(name)).toMatchObject({ image: 'beviskedja', build: '.' })
    for (const name of onDatabase) {
      const { username, password } = new URL(environmentOf(name)['BEVIS_DATABASE_URL'] ?? '')
      expect(username).toBe(name === 'log' ? 'bevis_sequencer' : `bevis_${name}`)
      expect(password).toBe('')
    }
    const commands = ours.map((name) => serviceOf(name).command.join(' '))
    expect(commands).toContain('node cli/main.ts serve')
    expect(new Set(commands).size).toBe(ours.length)
  })

  test('works at every queue of cases, each in a process of its own under the pipeline’s role', () => {
    const workers = Object.entries(compose.services).filter(([, { command }]) =>
      command.join(' ').includes('work pipeline'),
    )
    const queues = workers.map(([, { command }]) =>
      command.join(' ').split('node cli/main.ts work pipeline --queue ').at(1),
    )
    expect(new Set(queues)).toEqual(new Set(caseQueues))
    expect(queues).toHaveLength(caseQueues.length)
    const { command: _mine, ...shape } = serviceOf('pipeline')
    for (const [, each] of workers) expect(each).toMatchObject(shape)
  })

  test.each([
    ...ours.map((name) => [name, name] as const),
    ['cohorts', 'pipeline'] as const,
    ['prepare', 'cli'] as const,
    ['operator', 'cli'] as const,
  ])('gives %s exactly the variables that config/env.ts reads for %s', (serviceName, process) => {
    const { required, optional } = variablesOf(process)
    const given = Object.keys(environmentOf(serviceName))
    expect(given).toEqual(expect.arrayContaining(required))
    expect([...required, ...optional]).toEqual(expect.arrayContaining(given))
  })

  test.each(ours)('starts %s as production would', (name: ProcessName) => {
    const folder = mkdtempSync(join(tmpdir(), 'bevis-compose-'))
    const file = join(folder, 'password')
    writeFileSync(file, 'Nq3v81xk', { mode: 0o600 })
    const password = name === 'witness' ? {} : { BEVIS_DATABASE_PASSWORD_FILE: file }
    const config = readConfig(name, { ...environmentOf(name), ...password })
    expect(config).toMatchObject({ process: name, env: 'production' })
    rmSync(folder, { recursive: true })
  })

  test('hands every secret over as a file that exists there, and none as a value', () => {
    for (const [name, { environment }] of Object.entries(compose.services)) {
      for (const [variable, value] of Object.entries(environment)) {
        if (value.startsWith('/run/secrets/')) expect(targetsOf(name)).toContain(value.slice('/run/secrets/'.length))
        else expect(variable).not.toMatch(/PASSWORD|PWD|SECRET|SEED(_|$)|TOKEN/)
      }
      for (const source of secretsOf(name)) expect(Object.keys(compose.secrets)).toContain(source)
    }
  })

  test('lets the script that makes the roles read their passwords: it runs as Postgres’ own user, whose files they are not', () => {
    const script = compose.configs['postgres_roles']?.content ?? ''
    const begun = serviceOf('postgres').command.join()
    const read = [...script.matchAll(/^login \w+ (\w+)$/gm)].map(([, secret = '']) => secret)
    expect(secretsOf('postgres')).toEqual(expect.arrayContaining(read))
    expect(read).toHaveLength(7)
    expect(script).toContain('"/run/roles/$$2"')
    expect(script).not.toContain('/run/secrets')
    expect(begun).toContain('install -o postgres -m 0400 /run/secrets/* /run/roles/')
    expect(begun).toContain('exec docker-entrypoint.sh postgres')
  })

  test('gives the signing secret and the signing keys to the signing process alone', () => {
    const holders = (test: (each: Service, name: string) => boolean) =>
      Object.entries(compose.services).flatMap(([name, each]) => (test(each, name) ? [name] : []))
    expect(holders((_each, name) => secretsOf(name).includes('signing'))).toEqual(['signing'])
    expect(holders((each) => each.volumes.some((volume) => volume.startsWith('signing-keys:')))).toEqual(['signing'])
    expect(holders((each) => Object.keys(each.environment).some((key) => key.startsWith('BEVIS_SIGNING')))).toEqual([
      'signing',
    ])
  })

  test('gives the checkpoint keys to the process that keeps the logs alone', () => {
    const holders = (test: (each: Service) => boolean) =>
      Object.entries(compose.services).flatMap(([name, each]) => (test(each) ? [name] : []))
    expect(holders((each) => each.volumes.some((volume) => volume.startsWith('log-keys:')))).toEqual(['log'])
    expect(holders((each) => 'BEVIS_LOG_KEYS_DIR' in each.environment)).toEqual(['log'])
    const policies = holders((each) => each.volumes.some((volume) => volume.endsWith(':/etc/bevis/policies')))
    expect(policies).toEqual(['log'])
  })

  test('gives the witness a key and a folder that nobody else has, and no way to the database', () => {
    const { depends_on, secrets, volumes } = serviceOf('witness')
    expect([depends_on, secrets]).toEqual([{}, ['witness']])
    expect(volumes).toContain('witness:/var/lib/bevis/witness')
    const others = Object.entries(compose.services).filter(([name]) => name !== 'witness')
    for (const [name, each] of others) {
      expect([name, secretsOf(name).includes('witness')]).toEqual([name, false])
      expect(each.volumes.some((volume) => volume.startsWith('witness:'))).toBe(false)
    }
    const variables = Object.keys(serviceOf('witness').environment).join(' ')
    expect(variables).not.toMatch(/DATABASE|NATS|TEMPORAL|SECRETS|SIGNING/)
  })

  test('lets the witness know every log of the installation, by the very files that the log worker writes', () => {
    const written = serviceOf('log').volumes.find((volume) => volume.endsWith(':/etc/bevis/policies')) ?? ''
    const { volumes } = serviceOf('witness')
    const folders = environmentOf('witness')['BEVIS_WITNESS_LOGS_DIR']?.split(',') ?? []
    expect(volumes).toContain(`${written}:ro`)
    expect(folders).toContain(written.split(':').at(-1))
    for (const folder of folders) expect(volumes.some((volume) => volume.endsWith(`:${folder}:ro`))).toBe(true)
  })

  test('finds each folder that a process writes to in the image, as its user’s own, or told to be given to that user', () => {
    const image = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    const made = /^RUN install -d -o node -g node -m 0700 (.+)$/m.exec(image)?.[1]?.split(' ') ?? []
    const guide = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
    const handed = /`chown -R 1000 ([^`]+)`/.exec(guide)?.[1]?.split(' ') ?? []
    const written = ours.flatMap((name) => serviceOf(name).volumes.filter((volume) => !volume.endsWith(':ro')))
    expect(written.length).toBeGreaterThan(3)
    for (const volume of written) {
      const [, from = '', to = ''] = /^(.+):(\/[^:]+)$/.exec(volume) ?? []
      if (from.startsWith('$')) expect(handed).toContain(from.replace('${BEVIS_DEPLOY:-./deploy}', 'deploy'))
      else expect(made).toContain(to)
    }
  })

  test('demands of the operator what the guide has them write down, and nothing else', () => {
    const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8')
    const demanded = [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name)
    const guide = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
    const [line = ''] = /^ *printf [^>]+> \.env$/m.exec(guide) ?? []
    expect(new Set(demanded)).toEqual(new Set(line.match(/\bBEVIS_\w+/g)))
  })

  test('gives each process a password and a NATS identity of its own', () => {
    const passwords = ours.flatMap((name) =>
      serviceOf(name).secrets.flatMap((use) => (typeof use === 'object' ? [use.source] : [])),
    )
    expect(new Set(passwords).size).toBe(passwords.length)
  })

  test('waits for what is healthy or done, and every wait can come true', () => {
    for (const [name, { depends_on }] of Object.entries(compose.services)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        if (condition === 'service_healthy') expect([name, serviceOf(other).healthcheck]).not.toContain(undefined)
        else expect(condition).toBe('service_completed_successfully')
      }
    }
    for (const name of ['postgres', 'temporal', 'nats', 'api']) expect(serviceOf(name).healthcheck).toBeDefined()
    for (const name of onDatabase) expect(serviceOf(name).depends_on).toHaveProperty('prepare')
  })

  test('asks each of our processes whether it is ready, where it says so', () => {
    for (const name of ours) {
      const port = name === 'api' ? environmentOf('api')['BEVIS_PORT'] : '9464'
      expect(serviceOf(name).healthcheck?.test.join(' ')).toContain(`fetch('http://127.0.0.1:${port}/readyz')`)
    }
  })

  test('opens only NATS to the network: the rest listens on this machine', () => {
    for (const [name, { ports }] of Object.entries(compose.services))
      for (const port of ports) if (name !== 'nats') expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('pins the version of every server', () => {
    for (const { image } of Object.values(compose.services)) if (image !== 'beviskedja') expect(image).toMatch(/:\d+/)
  })

  test('makes every database role, and registers every search attribute', () => {
    const script = compose.configs['postgres_roles']?.content ?? ''
    for (const role of [...roles, auditOwner]) expect(script).toMatch(new RegExp(`(login|create role) ${role}\\b`))
    const namespace = serviceOf('temporal-namespace').command.join()
    for (const { name } of Object.values(searchAttributeKeys)) expect(namespace).toContain(name)
  })

  test('finds every file it wants where bevis deploy init puts it, for their owner alone; a second time is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bevis-compose-'))
    const deploy = join(folder, 'deploy')
    expect((await bevis(['deploy', 'init', deploy])).code).toBe(0)
    const files = [...Object.values(compose.secrets), ...Object.values(compose.configs)].flatMap(
      ({ file }) => file ?? [],
    )
    for (const file of files) expect(existsSync(file.replace('${BEVIS_DEPLOY:-./deploy}', deploy)), file).toBe(true)
    expect(statSync(join(deploy, 'secrets/keys.json')).mode & 0o077).toBe(0)
    const again = await bevis(['deploy', 'init', deploy])
    expect([again.code, again.stderr]).toEqual([6, expect.stringContaining('deploy/exists')])
    rmSync(folder, { recursive: true })
  })

  test('has a NATS configuration that the server accepts, with room for our largest message', async () => {
    const content = compose.configs['nats']?.content ?? ''
    const folder = mkdtempSync(join(tmpdir(), 'bevis-compose-'))
    writeFileSync(join(folder, 'nats.conf'), content)
    const { code } = await bevis(['deploy', 'init', join(folder, 'deploy')])
    expect(code).toBe(0)
    copyFileSync(join(folder, 'deploy/nats-accounts.conf'), join(folder, 'accounts.conf'))
    const binary = (await ensureBinaries())['nats-server']
    execFileSync(binary, ['-t', '-c', join(folder, 'nats.conf')], { stdio: 'pipe' })
    rmSync(folder, { recursive: true })
    expect(content).toContain('sync_interval: always')
    const room = Number(/max_payload: (\d+)/.exec(content)?.[1])
    for (const { max_msg_size } of streamConfigs) expect(room).toBeGreaterThan(max_msg_size)
  })
})
