/** The examples of docs/emitters.md, word for word, against the running system: what a reader types must work. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registerItems } from '#config/register/items.ts'
import { applyRegister } from '#db/register.ts'
import { ownFolder } from '../../kit/test/ground.ts'
import { sandboxRegister } from '../config/register-folder.ts'
import { root } from '../support/paths.ts'
import { type Doors, openDoors } from './doors.ts'

const page = readFileSync(join(root, 'docs', 'emitters.md'), 'utf8')
const { folder, remove } = ownFolder()
const keys = join(folder, 'keys')
const pair = generateKeyPairSync('ed25519')
let doors: Doors
let overlay: Record<string, object>

beforeAll(async () => {
  doors = await openDoors()
  const nats = await doors.system.world.nats.emitter('sandbox', 'first-steps')
  overlay = { 'first-steps': { jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid: 'first-steps-1' } } }
  for (const path of [keys, join(folder, '.bevis', 'sandbox')]) mkdirSync(path, { recursive: true })
  writeFileSync(join(keys, 'sandbox.first-steps.pem'), pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  writeFileSync(join(keys, 'sandbox.first-steps.seed'), `${nats.seed}\n`)
  await apply()
})
afterAll(async () => {
  await doors.close()
  remove()
})

async function apply(): Promise<void> {
  const by = { ref: 'setup', kind: 'service', role: 'operator' } as const
  const register = registerItems(sandboxRegister(overlay as never))
  await applyRegister(doors.system.open('bevis_api'), register, { by })
}

/** The blocks of one section, as the page has them; commands of ours are tried by other tests and left out. */
function section(heading: string, language = 'sh'): string {
  const begin = page.indexOf(`\n${heading}\n`)
  expect(begin, heading).toBeGreaterThan(0)
  const level = heading.split(' ')[0] ?? ''
  const rest = page.slice(begin + heading.length + 2)
  const end = rest.search(new RegExp(`^#{2,${level.length}} `, 'm'))
  const text = end < 0 ? rest : rest.slice(0, end)
  const blocks = [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\``, 'gms'))]
  expect(blocks.length, heading).toBeGreaterThan(0)
  const plain = blocks.map(([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
  return plain.join('\n').replaceAll(/^npx bevis .*\n/gm, '')
}

const variables = () => ({
  PATH: process.env['PATH'],
  BEVIS: doors.api.url,
  KEYS: keys,
  NATS: doors.system.world.nats.url,
})

/** What it printed, one JSON document a line. @throws where a command ends with another code than 0 */
async function run(program: string, args: readonly string[], input: string): Promise<unknown[]> {
  const said = await new Promise<string>((resolve, reject) => {
    const child = execFile(program, args, { cwd: folder, env: variables() }, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`${stderr}${stdout}`, { cause: error }))
      else resolve(stdout)
    })
    child.stdin?.end(input)
  })
  const lines = said.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as unknown)
}
const bash = (script: string) => run('bash', ['-eu'], script)
const outcome = (name: string) => ({ events: [expect.objectContaining({ outcome: name }) as unknown] })

/** A Python that has the packages of the page: the machine's own, or one made here from the package index. */
function python(): string | undefined {
  const has = (program: string) => spawnSync(program, ['-c', 'import cryptography']).status === 0
  if (has('python3')) return 'python3'
  const place = join(root, '.bevis', 'python')
  const own = join(place, 'bin', 'python')
  try {
    if (!existsSync(own)) execFileSync('python3', ['-m', 'venv', place], { stdio: 'ignore' })
    const requirements = join(root, 'docs', 'examples', 'requirements.txt')
    execFileSync(own, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { stdio: 'ignore', timeout: 120_000 })
  } catch {
    return undefined
  }
  return has(own) ? own : undefined
}

test('with curl and openssl alone: a case, a duplicate, evidence, every fault at once, a dead letter, mended', async () => {
  const first = section('### With curl and openssl')
  const rest = ['## 3 See the case', '## 4 Make it fail', '## 5 Read the dead letter, mend, replay'].map((each) =>
    section(each),
  )
  const answers = await bash([first, 'send completed.json', ...rest].join('\n'))
  expect(answers).toEqual([
    outcome('case'),
    outcome('duplicate'),
    outcome('evidence'),
    { events: [{ valid: false, problems: [expect.anything(), expect.anything(), expect.anything()] }] },
    outcome('dead-letter'),
    outcome('case'),
  ])
  await expect
    .poll(() => doors.system.admin`select state from cases where offering = 'first-steps-with-curl'`)
    .toEqual([{ state: 'issued' }])
  const [credential] = await doors.system.admin`select c.test from cases c where offering = 'first-steps-with-curl'`
  expect(credential).toEqual({ test: true })
})

test('in Python: a case, and a login with a name sealed to the institution’s key', async ({ skip }) => {
  const program = python()
  if (program === undefined) return skip('no Python with the package cryptography, and pip could not fetch it')
  const script = [section('### With Python', 'python'), section('### A name', 'python')].join('\n')
  const said = await run('bash', ['-eu'], `"${program}" - <<'PY' | tr "'" '"'\n${script}\nPY`)
  expect(said).toEqual([outcome('case'), outcome('evidence')])
})

test('with the NATS command line', async ({ skip }) => {
  if (spawnSync('nats', ['--version']).status !== 0) return skip('no nats on PATH')
  await bash(section('### With the NATS command line'))
  await expect
    .poll(() => doors.system.admin`select count(*)::int as cases from cases where offering = 'first-steps-with-nats'`)
    .toEqual([{ cases: 1 }])
})

test('with a key of one’s own, made and registered as the page says', async () => {
  const [make = '', use = ''] = section('## 6 Your own key').split(/(?=^cat > own[.]json)/m)
  await bash(make)
  const made = JSON.parse(readFileSync(join(folder, '.bevis', 'sandbox', 'own-system.keys.json'), 'utf8')) as object
  const b64 = make.split('\n')[0] ?? ''
  await expect(bash(`${b64}\n${use}`)).resolves.toMatchObject([{ code: 'emitter_not_authenticated' }])
  overlay = { ...overlay, ...made }
  await apply()
  for (let time = 1; time <= 5; time += 1) {
    const answers = await bash(`${b64}\n${use}`)
    expect(answers).toEqual([outcome(time === 1 ? 'case' : 'duplicate')])
  }
})
