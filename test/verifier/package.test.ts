/** Packages out of a small log with real keys: sound ones, tampered ones by somebody who may rewrite the whole file, and poor ones. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, sha256, utf8 } from '#audit/digest.ts'
import { buildLeaf, parseLeaf } from '#audit/entry.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import { leafHash } from '#audit/tree.ts'
import { timeStampRequest } from '#connectors/time-stamp/request.ts'
import { judgeBy, readTrustedTsa } from '#connectors/time-stamp/verify.ts'
import { bands } from '#domain/words.ts'
import type { CheckId, PackageReport } from '#verifier/report.ts'
import type { Trust } from '#verifier/trust.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { promised } from '../domain/fixtures.ts'
import { type DocumentSigner, documentSigner } from '../support/documents.ts'
import { caseTrail, MemoryLog, origin, ownTrail, policyText, trust, witnesses } from '../support/memory-log.ts'
import { type Files, filesOf, opened, sealed, soundPackage } from '../support/package.ts'
import { tellCase, tellHeads, tellOwn } from '../support/told-case.ts'
import { makeTsa, type TsaFolder } from '../support/tsa.ts'

const all = ({ checks, trails }: PackageReport) => [...checks, ...trails.flatMap((trail) => trail.checks)]
const open = (report: PackageReport) =>
  all(report)
    .filter(({ outcome }) => outcome === 'could-not-check')
    .map(({ id }) => id)
const broken = (report: PackageReport) =>
  all(report)
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ id }) => id)
const judged = (files: ReadonlyMap<string, Uint8Array>, by: Trust = trust) => verifyPackage(opened(files), by)
const four = (n: number) => String(n).padStart(4, '0')
const leafName = (n: number) => `trails/${caseTrail}/${four(n)}`

let signer: DocumentSigner
beforeAll(async () => {
  signer = await documentSigner()
})
afterAll(() => signer.close())

describe('a sound package', () => {
  test.each(bands)('of band %s passes, and says that nobody has stamped its time', async (band) => {
    const report = await judged((await soundPackage(band)).files)
    expect([report.outcome, broken(report), open(report)]).toEqual(['passed', [], ['anchors', 'brackets']])
    expect(report.verdict.en).toBe('The package is genuine and unchanged. 2 checks could not be made.')
  })

  test('with its document ties the signature to the log', async () => {
    const report = await judged((await soundPackage('A', signer.sign)).files)
    expect([report.outcome, broken(report)]).toEqual(['passed', []])
    expect(all(report).find(({ id }) => id === 'documents')?.because.en).toMatch(
      /^The document is the one the trail tells of/,
    )
  })

  test('gives the same report to the letter each time', async () => {
    const { files } = await soundPackage('A', signer.sign)
    expect(JSON.stringify(await judged(files))).toBe(JSON.stringify(await judged(files)))
  })

  test('tells in words who did what, by the log’s own names', async () => {
    const { trails } = await judged((await soundPackage('A')).files)
    expect(trails[0]?.duties).toContainEqual({
      duty: 'decision-maker',
      says: { sv: 'beslutade som beslutsfattare', en: 'decided as decision-maker' },
      who: ['pseudonym-of-decision-maker'],
    })
    expect(trails[0]?.pairs.map(({ pair, holds }) => `${pair} ${holds}`)).toEqual(['E1 yes', 'E2 yes', 'E3 yes'])
  })

  test('tells them by name where the package does', async () => {
    const { of } = await soundPackage('A')
    const persons = [{ ref: 'pseudonym-of-decision-maker', id: 'pers_decider', name: 'Beata Beslut' }]
    const files = sealed(filesOf(of).set('persons.json', canonicalBytes(persons)))
    const { trails } = await judged(files)
    expect(trails[0]?.duties.find(({ duty }) => duty === 'decision-maker')?.who).toEqual(['Beata Beslut'])
  })
})

/** What somebody does to a package who may rewrite every byte of it and its manifest, but has no key of the log. */
type Tamper = (files: Files) => void

const edit =
  (name: string, change: (text: string) => string): Tamper =>
  (files) => {
    const before = new TextDecoder().decode(files.get(name))
    const after = change(before)
    if (after === before) throw new Error(`${name} was not changed`)
    files.set(name, utf8(after))
  }
const drop =
  (...names: readonly string[]): Tamper =>
  (files) => {
    for (const name of names) if (!files.delete(name)) throw new Error(`no ${name}`)
  }
const swap =
  (a: string, b: string): Tamper =>
  (files) => {
    const [one, two] = [files.get(a), files.get(b)]
    if (one === undefined || two === undefined) throw new Error(`no ${a} or ${b}`)
    files.set(a, two).set(b, one)
  }
const entryEdit = (n: number, change: (text: string) => string) => edit(`${leafName(n)}.json`, change)
const withoutEntry = (n: number) => drop(`${leafName(n)}.json`, `${leafName(n)}.tlog-proof`)

const last = 21
const tampers: readonly (readonly [told: string, expected: readonly CheckId[], tamper: Tamper])[] = [
  ['an entry’s outcome is edited', ['chain', 'inclusion'], entryEdit(3, (text) => text.replaceAll('"pass"', '"fail"'))],
  ['an entry’s time is edited', ['chain', 'inclusion'], entryEdit(5, (text) => text.replace('T09', 'T08'))],
  ['an entry is spelled otherwise', ['canonical', 'inclusion'], entryEdit(4, (text) => text.replace('{', '{ '))],
  [
    'the last entry is edited',
    ['inclusion', 'completeness'],
    entryEdit(last, (text) => text.replace('trail-sealed', 'trail-opened')),
  ],
  ['an entry in the middle is taken out', ['sequence', 'inclusion'], withoutEntry(6)],
  ['the last entry is cut off', ['completeness'], withoutEntry(last)],
  [
    'two entries change places',
    ['sequence', 'chain'],
    (files) => {
      swap(`${leafName(4)}.json`, `${leafName(5)}.json`)(files)
      swap(`${leafName(4)}.tlog-proof`, `${leafName(5)}.tlog-proof`)(files)
    },
  ],
  ['an entry’s proof is another’s', ['inclusion'], swap(`${leafName(4)}.tlog-proof`, `${leafName(5)}.tlog-proof`)],
  ['a proof is missing', ['inclusion'], drop(`${leafName(7)}.tlog-proof`)],
  [
    'an entry is put in after the last',
    ['inclusion'],
    (files) => {
      const leaf = files.get(`${leafName(last)}.json`) ?? new Uint8Array()
      const before = parseLeaf(leaf)
      const added = buildLeaf({ ...before, n: last + 1, prev: b64url(leafHash(leaf)), id: `${before.id}x` })
      files.set(`${leafName(last + 1)}.json`, added)
      files.set(`${leafName(last + 1)}.tlog-proof`, files.get(`${leafName(last)}.tlog-proof`) ?? new Uint8Array())
    },
  ],
  [
    'the checkpoint says another root',
    ['checkpoint'],
    edit('checkpoint.txt', (text) => text.replace(/\n(.)/, '\n1$1')),
  ],
  [
    'the checkpoint is gone',
    ['checkpoint'],
    (files) => files.set('checkpoint.txt', utf8(`${origin}\n1\n${'A'.repeat(43)}=\n`)),
  ],
  [
    'the witness’s line is gone',
    ['witnesses'],
    edit('checkpoint.txt', (text) => text.replace(/— witness-one.*\n/, '')),
  ],
  [
    'the witness’s line is broken',
    ['checkpoint'],
    edit('checkpoint.txt', (text) =>
      text.replace(/(— witness-one\S* )(.{40})(.)/, (_, a, b, c) => a + b + (c === 'A' ? 'B' : 'A')),
    ),
  ],
  [
    'the heads manifest says fewer',
    ['completeness'],
    edit('heads.json', (text) => text.replace(`"n":${last}`, `"n":${last - 1}`)),
  ],
  [
    'the heads manifest is of another size',
    ['completeness'],
    edit('heads.json', (text) => text.replace(/"asOfSize":\d+/, '"asOfSize":1')),
  ],
  [
    'a gate’s input is edited',
    ['replay'],
    edit(`trails/${caseTrail}/inputs/0003.json`, (text) => text.replace('pers_teacher', 'pers_scorer')),
  ],
  [
    'a gate’s salt is edited',
    ['replay'],
    edit(`trails/${caseTrail}/inputs/0003.salt`, (text) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`),
  ],
  [
    'a recorded verdict is edited',
    ['replay'],
    edit(`trails/${caseTrail}/verdicts/0004.json`, (text) => text.replace('"passed"', '"failed"')),
  ],
  [
    'a word is put beside a recorded verdict',
    ['replay'],
    edit(`trails/${caseTrail}/verdicts/0004.json`, (text) => text.replace('"extra":{}', '"extra":{"level":"B-C2"}')),
  ],
  [
    'what stood beside a recorded verdict is called something else',
    ['replay'],
    edit(`trails/${caseTrail}/verdicts/0003.json`, (text) => text.replace('"extra"', '"dxtra"')),
  ],
  [
    'the level beside a recorded verdict is another',
    ['replay'],
    (files) => {
      const levels = [...files].filter(
        ([path, text]) => path.includes('/verdicts/') && Buffer.from(text).includes('"lacks"'),
      )
      for (const [name] of levels) edit(name, (text) => text.replace(/"level":"[^"]+"/, '"level":"none"'))(files)
    },
  ],
  [
    'two inputs change places',
    ['replay'],
    swap(`trails/${caseTrail}/inputs/0003.json`, `trails/${caseTrail}/inputs/0015.json`),
  ],
  [
    'a disclosure is of another entry',
    ['disclosures'],
    edit(`trails/${caseTrail}/disclosures.json`, (text) => text.replace('"3":', '"2":')),
  ],
  [
    'a disclosure is edited',
    ['disclosures'],
    edit(`trails/${caseTrail}/disclosures.json`, (text) =>
      text.replace(/"1":\["(....)/, (found) => `${found.slice(0, -1)}${found.endsWith('A') ? 'B' : 'A'}`),
    ),
  ],
  [
    'the rules are others',
    ['replay'],
    (files) => {
      const [name = ''] = [...files.keys()].filter((path) => path.startsWith('rules/'))
      edit(name, (text) => text.replace('"version":"2026-11"', '"version":"2026-12"'))(files)
    },
  ],
  [
    'the document is another',
    ['documents'],
    (files) => {
      const name = `trails/${caseTrail}/credentials/cred_fixture.ob3-jwt.jwt`
      edit(name, (text) => {
        const [head = '', body = '', signature = ''] = text.split('.')
        const forged = Buffer.from(body, 'base64url').toString().replace('Testperson Alfa', 'Testperson Beta')
        return [head, Buffer.from(forged).toString('base64url'), signature].join('.')
      })(files)
    },
  ],
  [
    'the document is one of another case',
    ['documents'],
    (files) => {
      const name = `trails/${caseTrail}/credentials/cred_fixture.ob3-jwt.jwt`
      files.set(`trails/${caseTrail}/credentials/cred_other.ob3-jwt.jwt`, files.get(name) ?? new Uint8Array())
    },
  ],
]

describe('a package tampered with, its manifest made to fit', () => {
  test('is one whose case has as many entries as the table says', async () => {
    expect((await soundPackage('A', signer.sign)).log.entries.filter(({ trail }) => trail === caseTrail).length).toBe(
      last,
    )
  })

  test.each(tampers)('%s: %j', async (_, expected, tamper) => {
    const { of } = await soundPackage('A', signer.sign)
    const files = filesOf(of)
    tamper(files)
    const report = await judged(sealed(files))
    expect(broken(report)).toEqual(expect.arrayContaining([...expected]))
    expect(report.outcome).toBe('failed')
  })

  test.each([
    ['a file is edited', edit('README.en.md', (text) => `${text} `)],
    ['a file is missing', drop('policy.txt')],
    ['a file is added', (files: Files) => files.set('readme.txt', utf8('x'))],
  ] as const)('%s, and the manifest left as it was: files', async (_, tamper) => {
    const { files } = await soundPackage('A')
    tamper(files)
    const report = await judged(files)
    expect([report.outcome, broken(report)[0]]).toEqual(['failed', 'files'])
  })

  test('a manifest that cannot be read ends the matter', async () => {
    const { files } = await soundPackage('A')
    edit('manifest.json', (text) => text.replace('{', '{ '))(files)
    expect(broken(await judged(files))).toEqual(['manifest'])
    files.delete('manifest.json')
    expect(broken(await judged(files))).toEqual(['manifest'])
  })

  test('a trail of another log is none of this one’s', async () => {
    const report = await judged(sealed(filesOf((await soundPackage('A')).of), { log: 'audit.example.org/sorsken' }))
    expect(broken(report)).toContain('checkpoint')
  })
})

describe('a log whose keeper cheats', () => {
  const input = promised.A()

  test('re-signs a history nobody has witnessed: witnesses', async () => {
    const { log, of } = await soundPackage('A')
    const report = await judged(sealed(filesOf({ ...of, note: log.note(log.size, []) })))
    expect(broken(report)).toEqual(['witnesses'])
  })

  test('signs with another key under the same name: checkpoint', async () => {
    const { log, of } = await soundPackage('A')
    const note = log.note(log.size, [witnesses[0]], ed25519Signer(origin, new Uint8Array(32).fill(9)))
    expect(broken(await judged(sealed(filesOf({ ...of, note }))))).toContain('checkpoint')
  })

  test('issues without judging every gate: order', async () => {
    const log = new MemoryLog()
    const told = await tellCase(log, caseTrail, { input })
    const gates = told.judged.map(({ n }) => n)
    expect(gates.length).toBe(7)
    // The same case told by a log that never judged separation.
    const short = new MemoryLog()
    for (const { trail, n, leaf } of log.entries) {
      if (n === gates[3]) continue
      const { v: _, log: __, trail: ___, n: ____, prev: _____, at, ...draft } = parseLeaf(leaf)
      short.append(trail, draft, at)
    }
    const heads = tellHeads(short)
    const report = await judged(sealed(filesOf({ log: short, trail: caseTrail, told: { ...told, judged: [] }, heads })))
    expect(broken(report)).toContain('order')
  })

  test('judges by rules it has loosened: replay', async () => {
    const loosened = structuredClone(input) as typeof input
    Object.assign(loosened.profiles.byBand.A.loa.demand, { atLeast: 1 })
    const facts = loosened.evidence.map((fact) => (fact.kind === 'proctoring' ? withoutIdentity(fact) : fact))
    const log = new MemoryLog()
    const told = await tellCase(log, caseTrail, { input: { ...loosened, evidence: facts } })
    const heads = tellHeads(log)
    expect(broken(await judged(sealed(filesOf({ log, trail: caseTrail, told, heads }))))).toContain('replay')
  })

  test('lets one person decide who has also scored: the gate falls when it is judged again', async () => {
    const { of, told } = await soundPackage('A')
    const files = filesOf(of)
    for (const { n } of told.judged)
      edit(`trails/${caseTrail}/inputs/${four(n)}.json`, (text) => text.replaceAll('"pers_scorer"', '"pers_decider"'))(
        files,
      )
    expect(broken(await judged(sealed(files)))).toContain('replay')
  })
})

function withoutIdentity<Fact extends object>(fact: Fact): Fact {
  return Object.fromEntries(Object.entries(fact).filter(([name]) => name !== 'identity')) as Fact
}

describe('a package that lacks something', () => {
  const lacks: readonly (readonly [told: string, open: CheckId, tamper: Tamper, trust?: Trust])[] = [
    ['the heads manifest', 'completeness', drop('heads.json', 'heads/entry.json', 'heads/entry.tlog-proof')],
    [
      'the inputs of its gates',
      'replay',
      (files) => {
        for (const name of files.keys()) if (name.includes('/inputs/')) files.delete(name)
      },
    ],
    ['its disclosures', 'disclosures', drop(`trails/${caseTrail}/disclosures.json`)],
    [
      'a log that the verifier knows',
      'checkpoint',
      () => undefined,
      {
        policy: parsePolicy(
          `log ${ed25519Signer('other.example/log', new Uint8Array(32).fill(7)).vkey}\nquorum none\n`,
        ),
      },
    ],
  ]
  test.each(lacks.map(([told, id, tamper, by = trust]) => ({ told, id, tamper, by })))(
    '$told: $id could not be checked, and the whole never passes',
    async ({ id, tamper, by }) => {
      const files = filesOf((await soundPackage('A')).of)
      tamper(files)
      const report = await judged(sealed(files), by)
      expect(open(report)).toContain(id)
      expect(report.outcome).not.toBe('passed')
    },
  )

  test('passes without what the verifier says it can do without', async () => {
    const files = filesOf((await soundPackage('A')).of)
    for (const name of files.keys()) if (name.includes('/inputs/')) files.delete(name)
    const report = await judged(sealed(files), { ...trust, without: new Set(['replay', 'separation']) })
    expect([report.outcome, open(report)]).toEqual(['passed', ['anchors', 'brackets', 'replay', 'separation']])
  })

  test('takes disclosures from elsewhere', async () => {
    const files = filesOf((await soundPackage('A')).of)
    const own = JSON.parse(new TextDecoder().decode(files.get(`trails/${caseTrail}/disclosures.json`)))
    files.delete(`trails/${caseTrail}/disclosures.json`)
    const disclosures = new Map([
      [caseTrail, new Map(Object.entries(own).map(([n, list]) => [Number(n), list as string[]]))],
    ])
    expect((await judged(sealed(files), { ...trust, disclosures })).outcome).toBe('passed')
  })
})

describe('outside time', () => {
  let tsa: TsaFolder
  beforeAll(() => {
    tsa = makeTsa()
  }, 60_000)
  afterAll(() => tsa.dispose())

  /** A case between two stamps of now, told at a distance from it in minutes. */
  async function stamped(minutes: number) {
    const log = new MemoryLog(new Date(Date.now() + minutes * 60_000).toISOString())
    tellOwn(log, 2)
    const stamp = () => {
      const { size } = log
      const note = log.note()
      const reply = new Uint8Array(
        tsa.reply(timeStampRequest({ digest: sha256(note), nonce: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) })),
      )
      const { n } = log.append(ownTrail, {
        id: `anchor:${size}`,
        type: 'anchor.received/1',
        actor: { ref: 'anchorer', kind: 'service', role: 'anchorer' },
        act: { meaning: 'anchor.received', outcome: 'success' },
        data: { size, token: b64url(sha256(reply)) },
      })
      return { size, note, reply, n }
    }
    const first = stamp()
    const told = await tellCase(log, caseTrail, { input: promised.A() })
    const second = stamp()
    return { log, told, stamps: [first, second], heads: tellHeads(log) }
  }
  const withTime = (): Trust => ({ ...trust, stamp: judgeBy(readTrustedTsa(tsa.root)) })

  test('brackets every entry, and confirms times between the stamps', async () => {
    const { log, told, stamps, heads } = await stamped(0)
    const report = await judged(sealed(filesOf({ log, trail: caseTrail, told, stamps, heads })), withTime())
    expect([report.outcome, broken(report), open(report)]).toEqual(['passed', [], []])
    expect(report.trails[0]?.timeline[0]?.bracket).toEqual({ after: expect.any(String), before: expect.any(String) })
  })

  test.each([-60, 60])('flags entries dated %i minutes off', async (minutes) => {
    const { log, told, stamps, heads } = await stamped(minutes)
    const report = await judged(sealed(filesOf({ log, trail: caseTrail, told, stamps, heads })), withTime())
    expect(broken(report)).toEqual(['brackets'])
  })

  test('is not believed from an authority nobody named, nor over another checkpoint, nor of another history', async () => {
    const { log, told, stamps, heads } = await stamped(0)
    const files = () => filesOf({ log, trail: caseTrail, told, stamps, heads })
    expect(open(await judged(sealed(files())))).toEqual(['anchors', 'brackets'])
    const [first, second] = stamps.map(({ size }) => size)
    const moved = files()
    swap(`anchors/${first}.tsr`, `anchors/${second}.tsr`)(moved)
    expect(broken(await judged(sealed(moved), withTime()))).toContain('anchors')
    const bent = files()
    swap(`anchors/${first}.checkpoint`, `anchors/${second}.checkpoint`)(bent)
    expect(broken(await judged(sealed(bent), withTime()))).toContain('consistency')
  })
})

test('the policy of the tests demands a witness', () => {
  expect(parsePolicy(policyText).quorum).toBe('any-one')
})
