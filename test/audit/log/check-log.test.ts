/** A log read anew: whole, and damaged in every way a file can be; every difference with its place. */
import { appendFileSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkLog, type LogFinding, type ReadFile } from '#audit/check-log.ts'
import { parseCheckpoint } from '#audit/checkpoint.ts'
import { concat } from '#audit/digest.ts'
import { parseNote } from '#audit/note.ts'
import { bundlePath, encodeBundle, newTiles, parseTilePath, tilePath } from '#audit/tile.ts'
import { trailChains } from '#audit/trail-chains.ts'
import { leafHash, rootOfSubtrees } from '#audit/tree.ts'
import { log as origin } from '../sample.ts'
import { writeLog } from './folder.ts'
import { mth } from './naive.ts'
import { type Damage, flip, signer, trailOf, wholeLog } from './whole-log.ts'

const { folder, whole, damaged } = wholeLog()

async function findingsIn(dir: string, trails = false): Promise<LogFinding[]> {
  const { size, root } = parseCheckpoint(parseNote(readFileSync(join(dir, 'checkpoint'), 'utf8')).text)
  const found: LogFinding[] = []
  const tell = (finding: LogFinding) => found.push(finding)
  await checkLog({ read: readIn(dir), size, root, tell, ...(trails ? { onEntry: trailChains(origin).next } : {}) })
  return found
}

/** @returns undefined for a file that is not there. */
const readIn =
  (dir: string): ReadFile =>
  async (path) =>
    existsSync(join(dir, path)) ? readFileSync(join(dir, path)) : undefined

describe('a log read anew', () => {
  test('is whole when nothing was touched', async () => {
    expect(await findingsIn(whole, true)).toEqual([])
  })

  test.each<[string, Damage, LogFinding[]]>([
    [
      'a bit of an entry turned',
      (at) => flip(at('tile/entries/001'), 20),
      [
        { code: 'hash-differs', path: 'tile/0/001', at: 0 },
        { code: 'hash-differs', path: 'tile/1/000.p/2', at: 1 },
        { code: 'root-differs', path: 'checkpoint' },
      ],
    ],
    [
      'a bit of a hash turned',
      (at) => flip(at('tile/0/000'), 32 * 17),
      [{ code: 'hash-differs', path: 'tile/0/000', at: 17 }],
    ],
    [
      'a bit turned a level up',
      (at) => flip(at('tile/1/000.p/2'), 33),
      [{ code: 'hash-differs', path: 'tile/1/000.p/2', at: 1 }],
    ],
    ['entries gone', (at) => rmSync(at('tile/entries/000')), [{ code: 'missing', path: 'tile/entries/000' }]],
    ['a tile gone', (at) => rmSync(at('tile/0/002.p/188')), [{ code: 'missing', path: 'tile/0/002.p/188' }]],
    [
      'entries and their hashes gone',
      (at) => {
        rmSync(at('tile/entries/000'))
        rmSync(at('tile/0/000'))
      },
      [
        { code: 'missing', path: 'tile/entries/000' },
        { code: 'missing', path: 'tile/0/000' },
      ],
    ],
    [
      'everything about one place gone',
      (at) => {
        rmSync(at('tile/entries/000'))
        rmSync(at('tile/0/000'))
        rmSync(at('tile/1/000.p/2'))
      },
      [
        { code: 'missing', path: 'tile/entries/000' },
        { code: 'missing', path: 'tile/0/000' },
        { code: 'missing', path: 'tile/1/000.p/2' },
        { code: 'root-unknown', path: 'checkpoint' },
      ],
    ],
    [
      'a tile cut short',
      (at) => writeFileSync(at('tile/0/001'), readFileSync(at('tile/0/001')).subarray(1)),
      [{ code: 'malformed', path: 'tile/0/001' }],
    ],
    [
      'a byte too many in a tile',
      (at) => appendFileSync(at('tile/0/001'), 'x'),
      [{ code: 'malformed', path: 'tile/0/001' }],
    ],
    [
      'an entry too many in a bundle',
      (at) =>
        writeFileSync(
          at('tile/entries/002.p/188'),
          Buffer.concat([readFileSync(at('tile/entries/002.p/188')), Buffer.from([0, 1, 7])]),
        ),
      [{ code: 'malformed', path: 'tile/entries/002.p/188' }],
    ],
    [
      'two bundles changed for each other',
      (at) => {
        renameSync(at('tile/entries/000'), at('spare'))
        renameSync(at('tile/entries/001'), at('tile/entries/000'))
        renameSync(at('spare'), at('tile/entries/001'))
      },
      [],
    ],
  ])('tells of %s', async (name, damage, expected) => {
    const found = await findingsIn(damaged(name, damage))
    // All 512 entries of two bundles are another's.
    if (expected.length === 0) expect(found.filter(({ code }) => code === 'hash-differs').length).toBeGreaterThan(512)
    else expect(found).toEqual(expected)
  })

  test('takes the full tile where the partial one was dropped', async () => {
    const grown = join(folder, 'grown')
    writeLog(grown, trailOf(768), signer)
    const kept = damaged('full', (at) => {
      for (const kind of ['0', 'entries']) {
        rmSync(at(`tile/${kind}/002.p`), { recursive: true })
        copyFileSync(join(grown, `tile/${kind}/002`), at(`tile/${kind}/002`))
      }
    })
    expect(await findingsIn(kept)).toEqual([])
  })

  test('that is empty is whole with the empty root', async () => {
    const none = join(folder, 'none')
    writeLog(none, [], signer)
    expect(await findingsIn(none)).toEqual([])
  })

  test('shows where a trail breaks, though every hash is right', async () => {
    const entries = trailOf(300)
    const cut = join(folder, 'cut')
    writeLog(
      cut,
      [
        ...entries.slice(0, 10),
        ...entries.slice(11),
        new TextEncoder().encode('no entry of ours'),
        entries.slice(5, 6)[0] as Uint8Array,
        new TextEncoder().encode('{ "v":"bevis-audit/1"}'),
      ],
      signer,
    )
    expect(await findingsIn(cut, true)).toEqual([
      { code: 'number-breaks', path: 'tile/entries/000', at: 10 },
      { code: 'number-breaks', path: 'tile/entries/001.p/46', at: 300 },
      { code: 'entry-not-canonical', path: 'tile/entries/001.p/46', at: 301 },
    ])
    expect(await findingsIn(cut)).toEqual([])
  })
})

/** A log of one entry over and over, made as it is read: however high its tree, it costs a hash an entry. */
describe('a log with a tall tree', () => {
  const entry = new TextEncoder().encode('the same again')
  const wide = (bytes: Uint8Array, count: number) => concat(...Array.from({ length: count }, () => bytes))
  const over = (hash: Uint8Array) => mth(Array.from({ length: 256 }, () => hash))
  const first = leafHash(entry)
  const second = over(first)
  const hashes = [first, second, over(second)]

  async function check(size: number, damage: (path: string, bytes: Uint8Array) => Uint8Array | undefined) {
    const [asked, found]: [string[], LogFinding[]] = [[], []]
    let mostAhead = 0
    const read: ReadFile = async (path) => {
      asked.push(path)
      const named = parseTilePath(path) ?? expect.unreachable(path)
      const { level, width } = named.id
      const some = wide(hashes[level] as Uint8Array, width)
      return damage(path, named.kind === 'entries' ? encodeBundle(Array.from({ length: width }, () => entry)) : some)
    }
    let done = 0
    const onProgress = (entries: number) => {
      mostAhead = Math.max(mostAhead, asked.filter((path) => path.includes('entries')).length - done / 256)
      done += entries
    }
    const root = rootOfSubtrees(size === 65_536 ? [hashes[2] as Uint8Array] : [hashes[2] as Uint8Array, second])
    await checkLog({ read, size, root, tell: (finding) => found.push(finding), onProgress })
    return { asked, found, done, mostAhead }
  }

  test('is read file by file, each once, the partial ones first and a few bundles ahead', async () => {
    const { asked, found, done, mostAhead } = await check(65_536, (_, bytes) => bytes)
    expect([found, done, mostAhead]).toEqual([[], 65_536, 8])
    expect(asked.toSorted()).toEqual(
      newTiles(0, 65_536)
        .flatMap((id) => [tilePath(id), ...(id.level === 0 ? [bundlePath(id.index, id.width)] : [])])
        .toSorted(),
    )
  })

  test('tells of a full tile a level up that differs, and of the tile that begins behind it', async () => {
    const { found } = await check(65_792, (path, bytes) =>
      path.startsWith('tile/1/') ? Uint8Array.of(...bytes.subarray(1), 0) : bytes,
    )
    expect(found.filter(({ path }) => path === 'tile/1/000')).toHaveLength(256)
    expect(found.filter(({ path }) => path !== 'tile/1/000')).toEqual([
      { code: 'hash-differs', path: 'tile/1/001.p/1', at: 0 },
    ])
  })

  test('asks for a full tile once, and for nothing in its place', async () => {
    const { asked, found } = await check(65_792, (path, bytes) => (path.endsWith('/007') ? undefined : bytes))
    expect(asked.filter((path) => path === 'tile/0/007')).toHaveLength(1)
    expect(found.map(({ code, path }) => [code, path])).toEqual([
      ['missing', 'tile/entries/007'],
      ['missing', 'tile/0/007'],
    ])
  })

  test('gives up where a checkpoint claims more entries than anybody could read', async () => {
    const found: LogFinding[] = []
    const size = Number.MAX_SAFE_INTEGER
    await checkLog({ read: async () => undefined, size, root: new Uint8Array(32), tell: (one) => found.push(one) })
    expect([found.length, found.at(-1)]).toEqual([10_002, { code: 'given-up', path: 'tile/entries/x004/991' }])
  })

  test('gives up at ten thousand findings, not at the next one', async () => {
    const found: LogFinding[] = []
    // One file that is there makes the count come out even.
    const read: ReadFile = async (path) => (path === 'tile/0/000' ? wide(first, 256) : undefined)
    const size = Number.MAX_SAFE_INTEGER
    await checkLog({ read, size, root: new Uint8Array(32), tell: (one) => found.push(one) })
    expect([found.length, found.at(-1)]).toEqual([10_001, { code: 'given-up', path: 'tile/entries/x004/991' }])
  })

  test('ends with the first failure of its reader', async () => {
    const failing = check(65_536, (path) => {
      throw new Error(path)
    })
    await expect(failing).rejects.toThrow('tile/entries/000')
  })
})
