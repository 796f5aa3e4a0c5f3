/** From a real case to a file that a stranger checks: every process for real, the command line in between, and no network at the end. */
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readTrustedTsa } from '#connectors/time-stamp/verify.ts'
import { readTrail } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import { inInstitution } from '#db/client.ts'
import { appendHeads } from '#db/heads.ts'
import { askForCheckpoint, readCheckpoint, readLog } from '#db/log.ts'
import { waitUntil } from '#dev/servers/processes.ts'
import type { CaseId } from '#domain/words.ts'
import { anchorOnce } from '#workers/log/anchor.ts'
import { openPackage } from '../api/package-files.ts'
import { type Ended, startBevis } from '../cli/run-bevis.ts'
import { makeTsa, startTsa } from '../support/tsa.ts'
import { courseA, joined, offeringOf, webinar } from './courses.ts'
import { norrsken } from './emitters.ts'
import { type System, startSystem } from './system.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-packages-'))
const trust = () => join(system.log.policyDir, `${norrsken}.policy`)

const tsa = makeTsa()
const root = join(folder, 'tsa.pem')
let authority: Awaited<ReturnType<typeof startTsa>>
let system: System
let high: CaseId
let low: CaseId
beforeAll(async () => {
  writeFileSync(root, tsa.root)
  authority = await startTsa((query) => tsa.reply(query))
  system = await startSystem()
  const approve = { outcome: 'approve', reason: 'outcomes-shown', text: 'All outcomes are shown' }
  low = await system.tell(webinar(offeringOf('13', 'validering-information', 'p'), joined, { login: false }))
  high = await system.tell(courseA(offeringOf('01', 'steril-beredning', 'p')))
  await system.decideAsAsked(high, approve)
  await system.decideAsAsked(high, approve)
  for (const id of [high, low]) await system.until(id, ({ state }) => state === 'issued')
  await covered()
  await stamped()
  // Where every trail stands, as the log's own process tells it by the hour.
  await headsTold()
}, 240_000)
afterAll(async () => {
  await authority.close()
  tsa.dispose()
  await system.dispose()
  rmSync(folder, { recursive: true })
})

/** Until a witnessed checkpoint covers all that was logged. */
async function covered(): Promise<void> {
  const db = system.open('bevis_sequencer')
  const isCovered = async () => {
    const [waiting] = await system.admin<
      { n: string }[]
    >`select count(*) as n from audit.pending where institution = ${norrsken}`
    const sizes = await inInstitution(db, norrsken, async (tx) => [await readLog(tx), await readCheckpoint(tx)])
    return Number(waiting?.n) === 0 && sizes[0]?.size === sizes[1]?.size
  }
  await inInstitution(db, norrsken, askForCheckpoint)
  for (const deadline = Date.now() + 60_000; !(await isCovered()); ) {
    if (Date.now() > deadline) throw new Error(`no checkpoint covers the log: ${system.log.troubles.join('; ')}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** As the log's own process does once a day. */
async function stamped(): Promise<void> {
  const db = system.open('bevis_sequencer')
  const { url } = authority
  const anchored = await anchorOnce({ db, tsa: { url, trusted: readTrustedTsa(tsa.root) }, everySeconds: 60 }, norrsken)
  if (anchored.kind !== 'anchored') throw new Error(`not stamped: ${JSON.stringify(anchored)}`)
  await covered()
}

async function headsTold(): Promise<void> {
  const sequencer = system.open('bevis_sequencer')
  await inInstitution(sequencer, norrsken, async (tx) => appendHeads(tx, (await readLog(tx))?.size ?? 0))
  await covered()
}

const bevis = (...args: string[]): Promise<Ended> => as('officer-1', ...args)

async function as(who: 'officer-1' | 'officer-2', ...args: string[]): Promise<Ended> {
  const file = join(folder, `${who}.token`)
  writeFileSync(file, await system.people.token(who))
  const env = { BEVIS_PUBLIC_URL: system.publicUrl, BEVIS_TOKEN_FILE: file }
  return startBevis([...args], { env }).ended
}

async function exported(name: string, ...args: string[]): Promise<string> {
  const out = join(folder, name)
  const ended = await bevis(...args, '--institution', norrsken, '--purpose', 'audit', '--out', out)
  expect([ended.code, ended.stderr]).toEqual([0, ''])
  return out
}

interface Verified {
  readonly packages: readonly {
    readonly outcome: string
    readonly checks: readonly { readonly id: string; readonly outcome: string }[]
    readonly trails: readonly { readonly checks: readonly { readonly id: string; readonly outcome: string }[] }[]
  }[]
}

/** Checks that did not pass, without duplicates. */
async function unpassed(out: string): Promise<string[]> {
  const ended = await bevis('verify', out, '--policy', trust(), '--tsa', root, '--json')
  const [report] = (ended.json() as Verified).packages
  const checks = [...(report?.checks ?? []), ...(report?.trails ?? []).flatMap((one) => one.checks)]
  return [...new Set(checks.filter(({ outcome }) => outcome !== 'passed').map(({ id, outcome }) => `${id} ${outcome}`))]
}

describe('a package of issued cases', () => {
  test('for a court passes every check there is, gates judged again and documents too', async () => {
    const out = await exported('court.zip', 'trail', 'export', high, low, '--profile', 'court')
    expect(await unpassed(out)).toEqual([])
    const verified = await bevis('verify', out, '--policy', trust(), '--tsa', root)
    expect([verified.code, verified.stderr]).toEqual([0, ''])
    // Both moments are in the package, and the criteria are those the case was judged by.
    expect(verified.stdout).toMatch(
      /F3 criteria before the assessment: (holds|does NOT hold): The criteria (stood|came)/,
    )
    const beforeSaid = await bevis('verify', out, '--policy', trust(), '--tsa', root, '--at', '2020-01-01T00:00:00Z')
    expect(beforeSaid.code).toBe(3)
  })

  test('for an accreditor lets every gate be judged again, and names nobody', async () => {
    const out = await exported('accreditor', 'trail', 'export', high, '--profile', 'accreditor')
    expect(await unpassed(out)).toEqual(['documents could-not-check'])
  })

  test.each(['public', 'employer', 'subject'] as const)(
    'for %s ends well, and says what it cannot show',
    async (profile) => {
      const out = await exported(`${profile}-ends.zip`, 'trail', 'export', high, '--profile', profile)
      const documents = profile === 'public' ? ['documents could-not-check'] : []
      expect(await unpassed(out)).toEqual(['replay could-not-check', 'separation could-not-check', ...documents])
      const verified = await bevis('verify', out, '--policy', trust(), '--tsa', root)
      expect([verified.code, verified.stderr]).toEqual([0, ''])
      expect(verified.stdout.split('\n')[0]).toContain('the gates were not judged again')
      const demanded = await bevis('verify', out, '--policy', trust(), '--tsa', root, '--profile', 'accreditor')
      expect(demanded.code).toBe(8)
    },
  )

  test('holds what the database holds, entry by entry', async () => {
    const out = await exported('public.zip', 'trail', 'export', high, '--profile', 'public')
    const found = openPackage(readFileSync(out))
    const stored = await inInstitution(system.open('bevis_api'), norrsken, async (tx) => {
      const [row] = await caseRows(tx, [high])
      return readTrail(tx, row?.trail ?? '')
    })
    const [line] = found.manifest.trails
    expect(line?.entries).toBe(stored.length)
    for (const { n, leaf } of stored) {
      expect(found.text(`trails/${line?.trail}/${String(n).padStart(4, '0')}.json`)).toBe(Buffer.from(leaf).toString())
    }
  })

  test('is not made over another one', async () => {
    const again = await bevis(
      'trail',
      'export',
      high,
      '--profile',
      'public',
      '--purpose',
      'audit',
      '--out',
      join(folder, 'court.zip'),
    )
    expect([again.code, again.stderr]).toEqual([6, expect.stringContaining('is there already')])
  })
})

/** Commands in the code blocks of a README, word by word. */
function commandsIn(readme: string): string[][] {
  const blocks = [...readme.matchAll(/```sh\n([^`]*)```/g)].map(([, text = '']) => text)
  return blocks.flatMap((block) => block.trim().split('\n')).map((line) => line.split(' '))
}

/** The same whatever its files are called. */
const shapeOf = (commands: readonly string[][]) =>
  commands.map((words) => words.map((word) => word.replace(/^[^.]+(?=[.](zip|policy)$)/, '')))

/** Runs what a README tells its reader to, word for word, where they would: the files beside it under the names it gives them. */
async function doAsTold(cwd: string, [first, ...words]: readonly string[], pack?: string): Promise<Ended> {
  expect(first).toBe('bevis')
  for (const word of words) {
    if (word.endsWith('.zip') && pack !== undefined) copyFileSync(pack, join(cwd, word))
    if (word.endsWith('.policy')) copyFileSync(trust(), join(cwd, word))
  }
  return startBevis(words, { cwd }).ended
}

describe('what a package tells its reader', () => {
  test.each(['public', 'employer', 'subject', 'accreditor', 'court'] as const)(
    'in both languages is how to verify it, and that very command does: %s',
    async (profile) => {
      const pack = await exported(`${profile}-told.zip`, 'trail', 'export', high, '--profile', profile)
      const found = openPackage(readFileSync(pack))
      const readmes = ['README.sv.md', 'README.en.md'].map((name) => found.text(name))
      const [sv = [], en = []] = readmes.map(commandsIn)
      expect(sv.length).toBeGreaterThan(0)
      expect(shapeOf(sv)).toEqual(shapeOf(en))
      for (const readme of readmes) {
        expect(readme).toContain('--profile accreditor')
        for (const name of readme.match(/\b[a-z]+([.][a-z]+)?[.](html|json|pdf)\b/g) ?? [])
          expect(found.paths.some((one) => one === name || one.endsWith(`/${name}`))).toBe(true)
      }
      for (const command of [...sv, ...en]) {
        const { code, stderr } = await doAsTold(folder, command, pack)
        expect([code, stderr]).toEqual([0, ''])
      }
    },
  )

  test('of a whole log is how to check it, and that very command does', async () => {
    const out = await exported('log-told', 'log', 'export')
    const [sv = [], en = []] = ['README.sv.md', 'README.en.md'].map((name) =>
      commandsIn(readFileSync(join(out, name), 'utf8')),
    )
    expect(sv).toEqual(en)
    expect(sv.length).toBeGreaterThan(0)
    for (const command of sv) {
      const { code, stderr } = await doAsTold(out, command)
      expect([code, stderr]).toEqual([0, ''])
    }
  })
})

test('a sample is drawn by a root that nobody chose, and verified as such', async () => {
  const from = '2020-01-01T00:00:00Z'
  const out = await exported(
    'sample.zip',
    'trail',
    'sample',
    '--from',
    from,
    '--size',
    '1',
    '--strata',
    'level',
    '--profile',
    'accreditor',
  )
  const { sample } = openPackage(readFileSync(out)).manifest
  expect(sample).toMatchObject({
    method: 'stratified',
    population: { count: 2 },
    seedFrom: { size: expect.any(Number) },
  })
  expect((await unpassed(out)).filter((one) => one.endsWith('failed'))).toEqual([])
})

test('the whole log is a folder that fsck reads', async () => {
  const out = await exported('log', 'log', 'export')
  const checked = await bevis('log', 'fsck', '--dir', out, '--trails', '--json')
  expect([checked.code, checked.stderr]).toEqual([0, ''])
  expect((await unpassed(out)).filter((one) => one.endsWith('failed'))).toEqual([])
})

describe('what somebody sent in and the institution answers for', () => {
  const today = new Date().toISOString().slice(0, 10)

  /** One step by one officer; the id that its answer names. */
  async function step(who: 'officer-1' | 'officer-2', ...args: string[]): Promise<string> {
    const ended = await as(who, ...args, '--reference', 'DNR-2026/1', '--institution', norrsken)
    expect([ended.code, ended.stderr], args.join(' ')).toEqual([0, ''])
    return /(appl|comp)_[a-z2-7]+/.exec(ended.stdout)?.[0] ?? ''
  }

  test('an appeal is followed to its end, and the package of its case shows that somebody apart decided it', async () => {
    const id = await step('officer-1', 'appeal', 'lodge', low, '--kind', 'appeal', '--received', today)
    await step('officer-1', 'appeal', 'acknowledge', id)
    await step('officer-2', 'appeal', 'decide', id, '--outcome', 'dismissed', '--reason', 'criteria-met')
    await step('officer-1', 'appeal', 'close', id)
    const listed = await bevis('appeal', 'list', '--state', 'closed', '--institution', norrsken)
    expect(listed.stdout).toMatch(new RegExp(`${id} .* closed +dismissed`))
    await covered()
    await headsTold()
    const out = await exported('appealed.zip', 'trail', 'export', low, '--profile', 'court')
    expect(await unpassed(out)).toEqual([])
    const verified = await bevis('verify', out, '--policy', trust(), '--tsa', root, '--json')
    const [report] = (verified.json() as { packages: { trails: { pairs: { pair: string; holds: string }[] }[] }[] })
      .packages
    expect(report?.trails[0]?.pairs).toContainEqual(expect.objectContaining({ pair: 'E5', holds: 'yes' }))
  })

  test('a complaint is received, acknowledged, progressed and closed, and the log alone tells how it ended', async () => {
    const id = await step('officer-1', 'complaint', 'receive', '--category', 'late-answer', '--received', today)
    await step('officer-1', 'complaint', 'acknowledge', id)
    await step('officer-2', 'complaint', 'progress', id, 'statement-asked-for')
    const open = await bevis('complaint', 'list', '--state', 'open', '--institution', norrsken)
    expect(open.stdout).toMatch(new RegExp(`${id} +the service +late-answer +${today} +progressed`))
    await step('officer-2', 'complaint', 'close', id, '--outcome', 'justified', '--measure', 'answer-sooner')
    await covered()
    const told = await bevis(
      'log',
      'report',
      '--url',
      `${system.publicUrl}/log/${norrsken}`,
      '--policy',
      trust(),
      '--json',
    )
    expect([told.code, told.json()]).toMatchObject([
      0,
      {
        appeals: { begun: 1, closed: 1, outcomes: { dismissed: 1 } },
        complaints: { begun: 1, closed: 1, outcomes: { justified: 1 } },
      },
    ])
  })
})

describe('after the log was followed by another', () => {
  beforeAll(async () => {
    const { nats, secretsFile } = system.world
    const env = {
      BEVIS_DATABASE_URL: system.world.url('bevis_api'),
      BEVIS_OWNER_DATABASE_URL: system.world.adminUrl,
      BEVIS_SECRETS_FILE: secretsFile,
      BEVIS_NATS_URL: nats.url,
      BEVIS_NATS_SEED_FILE: nats.identity('admin').seedFile,
    }
    const plan = await startBevis(['log', 'succeed', norrsken, '--json'], { env }).ended
    const { ends } = plan.json() as { ends: string }
    const asked = ['log', 'succeed', norrsken, '--ends', ends, '--reason', 'key-compromised']
    const { code, stderr } = await startBevis(asked, { env }).ended
    expect([code, stderr]).toEqual([0, expect.any(String)])
    const lines = () => system.log.troubles.flatMap((said) => /log \S+\+\S+$/.exec(said) ?? [])
    expect(await waitUntil(() => lines().length > 0, 20_000)).toBe(true)
    appendFileSync(trust(), `${lines()[0]}\n`)
    await covered()
  }, 60_000)

  test('packages of cases issued before pass every check, with the time-stamps and proofs of before in them', async () => {
    const out = await exported('after.zip', 'trail', 'export', high, low, '--profile', 'court')
    expect(await unpassed(out)).toEqual([])
    const found = openPackage(readFileSync(out))
    const [stamped] = found.paths.filter((name) => /^anchors\/\d+\.checkpoint$/.test(name))
    const origins = ['checkpoint.txt', stamped ?? ''].map((name) => found.text(name).split('\n')[0])
    expect(origins).toEqual([`${found.manifest.log}.2`, found.manifest.log])
  })

  test('issuing goes on, and what is issued is proved by the new log', async () => {
    const id = await system.tell(
      webinar(offeringOf('14', 'validering-information', 'q'), { ...joined }, { login: false }),
    )
    await system.until(id, ({ state }) => state === 'issued')
    await covered()
    await headsTold()
    const out = await exported('next.zip', 'trail', 'export', id, '--profile', 'court')
    expect(await unpassed(out)).toEqual([])
    const found = openPackage(readFileSync(out))
    const document = found.paths.find((name) => /\/credentials\/.*\.jwt$/.test(name)) ?? ''
    const payload = JSON.parse(Buffer.from(found.text(document).split('.')[1] ?? '', 'base64url').toString()) as {
      readonly evidence: readonly { readonly logOrigin?: string }[]
    }
    expect(payload.evidence.flatMap(({ logOrigin }) => logOrigin ?? [])).toEqual([`${found.manifest.log}.2`])
  })

  test('the new log reads whole, and holds all of the old one', async () => {
    const folders = ['', '.2'].map((suffix) => join(system.log.dir, `${norrsken}${suffix}`))
    const ended = await bevis('log', 'fsck', '--dir', folders[1] ?? '', '--trails', '--succeeds', folders[0] ?? '')
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('all in their places')])
  })
})

describe('the log at its address', () => {
  const address = () => `${system.publicUrl}/log/${norrsken}`

  test('is copied from there by whoever has its policy, and copied again for what is new', async () => {
    const copy = join(folder, 'copy')
    const mirror = () => bevis('log', 'mirror', copy, '--url', `${address()}.2`, '--policy', trust(), '--json')
    const first = await mirror()
    expect([first.code, first.stderr]).toEqual([0, ''])
    const { size } = JSON.parse(first.stdout) as { size: number }
    expect(size).toBeGreaterThan(20)
    await exported('once-more.zip', 'trail', 'export', high, '--profile', 'public')
    await covered()
    const next = JSON.parse((await mirror()).stdout) as { size: number; came: number }
    expect(next.came).toBe(next.size - size)
    expect(next.came).toBeGreaterThan(0)
    expect((await bevis('log', 'fsck', '--dir', copy, '--trails')).code).toBe(0)
  })

  test('tells the figures of the institution, and they are the database’s', async () => {
    const told = await bevis('log', 'report', '--url', `${address()}.2`, '--policy', trust(), '--json')
    expect([told.code, told.stderr]).toEqual([0, ''])
    const [counted] = await system.admin`select
      (select count(*)::int from cases where institution = ${norrsken}) as opened,
      (select count(distinct id)::int from credential where institution = ${norrsken}) as issued,
      (select count(*)::int from decision where institution = ${norrsken}) as decisions`
    const { cases, credentials, decisions } = told.json() as {
      readonly cases: { readonly opened: number }
      readonly credentials: { readonly issued: number }
      readonly decisions: Readonly<Record<string, number>>
    }
    const all = Object.values(decisions).reduce((sum, count) => sum + count, 0)
    expect({ opened: cases.opened, issued: credentials.issued, decisions: all }).toEqual(counted)
    expect(all).toBeGreaterThan(0)
  })

  test('is read whole by a tool that has nothing but the address and the policy’s key', async () => {
    const [, vkey = ''] = /^log (\S+)/m.exec(readFileSync(trust(), 'utf8')) ?? []
    const checked = await bevis('log', 'fsck', '--url', address(), '--vkey', vkey, '--trails', '--heads', '--json')
    expect([checked.code, checked.stderr]).toEqual([0, ''])
    expect(checked.json()).toMatchObject({ whole: true, differences: 0 })
  })

  test('is mirrored file by file from what its checkpoint says, and the mirror is whole', async () => {
    const mirror = join(folder, 'mirror')
    const take = async (path: string) => {
      const response = await fetch(`${address()}/${path}`)
      expect([path, response.status]).toEqual([path, 200])
      mkdirSync(dirname(join(mirror, path)), { recursive: true })
      writeFileSync(join(mirror, path), Buffer.from(await response.arrayBuffer()))
    }
    await take('checkpoint')
    // As C2SP tlog-tiles has it, for a log of less than 65,536 entries.
    const size = Number(readFileSync(join(mirror, 'checkpoint'), 'utf8').split('\n')[1])
    const full = Math.floor(size / 256)
    const name = (index: number) => String(index).padStart(3, '0')
    for (const level of ['0', 'entries']) {
      for (let index = 0; index < full; index += 1) await take(`tile/${level}/${name(index)}`)
      if (size % 256 > 0) await take(`tile/${level}/${name(full)}.p/${size % 256}`)
    }
    if (full > 0) await take(`tile/1/000.p/${full}`)
    const checked = await bevis('log', 'fsck', '--dir', mirror, '--trails', '--json')
    expect([checked.code, checked.json()]).toMatchObject([0, { whole: true, size }])
  })
})
