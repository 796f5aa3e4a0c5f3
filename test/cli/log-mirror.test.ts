/** `bevis log mirror`: a copy that grows with its log, and that no log can contradict unnoticed. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkpointText } from '#audit/checkpoint.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { writeLog } from '../audit/log/folder.ts'
import { flip, signer, trailOf, wholeLog } from '../audit/log/whole-log.ts'
import { bevis } from './run-bevis.ts'

const { folder } = wholeLog()
const at = (name: string) => join(folder, name)
const entries = trailOf(70_000)
/** Another history from the entry with this index on. */
const otherwise = (from: number, count: number) =>
  entries.slice(0, count).map((entry, index) => (index < from ? entry : Uint8Array.of(...entry, 32)))

/** The log as it was published with so many entries. */
const published = (count: number, name = `log-${count}`, from = count): string => {
  if (!existsSync(at(name))) writeLog(at(name), otherwise(from, count), signer)
  return at(name)
}
const run = async (copy: string, log: string) => {
  const found = await bevis(['log', 'mirror', at(copy), '--dir', log, '--policy', at('trust.policy'), '--json'])
  return [found.code, found.code === 0 ? found.json() : found.stderr]
}
const filesOf = (name: string) =>
  readdirSync(at(name), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name).slice(at(name).length + 1))
    .toSorted()
const contentOf = (name: string) => filesOf(name).map((file) => [file, readFileSync(join(at(name), file), 'base64')])

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(at('trust.policy'), `log ${signer.vkey}\nquorum none\n`)
})

describe('bevis log mirror', () => {
  test('takes what is new each time, and ends with the very files that were published', async () => {
    const steps = [1, 200, 256, 300, 700, 70_000]
    let before = 0
    // Of one that was killed on its way.
    mkdirSync(at('grows/.coming-abc'), { recursive: true })
    writeFileSync(at('grows/.coming-abc/0'), 'half')
    for (const count of steps) {
      const [code, told] = await run('grows', published(count))
      expect([code, told]).toMatchObject([0, { size: count, came: count - before, lags: false }])
      before = count
    }
    expect(contentOf('grows')).toEqual(contentOf('log-70000'))
    expect(await run('grows', published(70_000))).toMatchObject([0, { came: 0 }])
    const fsck = await bevis(['log', 'fsck', '--dir', at('grows'), '--vkey', signer.vkey])
    expect(fsck.code).toBe(0)
  })

  test('takes an address that lags for what it is', async () => {
    await run('ahead', published(700))
    expect(await run('ahead', published(300))).toMatchObject([0, { size: 700, came: 0, lags: true }])
    expect(contentOf('ahead')).toEqual(contentOf('log-700'))
  })

  test.each([
    ['longer, with an old entry changed', 700, 100, 'forked'],
    ['longer, with an entry of the last bundle changed', 700, 290, 'forked'],
    ['of the same length', 300, 299, 'forked'],
    ['shorter', 200, 100, 'forked'],
  ])('refuses a log that was signed anew, %s, and keeps both notes', async (name, count, from, code) => {
    const copy = `copy-${name}`
    await run(copy, published(300))
    const other = published(count, `other-${count}-${from}`, from)
    const [ended, told] = await run(copy, other)
    expect([ended, told]).toEqual([3, expect.stringContaining(`log/${code}`)])
    const refused = readFileSync(join(at(copy), 'checkpoint.refused'), 'utf8')
    expect(refused).toBe(readFileSync(join(other, 'checkpoint'), 'utf8'))
    rmSync(join(at(copy), 'checkpoint.refused'))
    expect(contentOf(copy)).toEqual(contentOf('log-300'))
  })

  test.each([
    ['tile/entries/002', 5],
    ['tile/entries/001', 5],
  ])('leaves the copy as it was where %s that is served is not what was signed', async (path, place) => {
    const served = at(`served-${path.slice(-3)}`)
    cpSync(published(70_000), served, { recursive: true })
    flip(join(served, path), place)
    const copy = `kept-${path.slice(-3)}`
    await run(copy, published(300))
    const [code, told] = await run(copy, served)
    expect([code, told]).toEqual([3, expect.stringContaining('log/entries-differ')])
    expect(contentOf(copy)).toEqual(contentOf('log-300'))
  })

  test('does not go on from a copy of which a bit fell over', async () => {
    await run('rots', published(300))
    flip(at('rots/tile/0/001.p/44'), 40)
    expect(await run('rots', published(700))).toEqual([3, expect.stringContaining('log/copy-damaged')])
  })

  test.each(['an empty folder', 'a copy'])(
    'asks for no more than there is, into %s, where a log signs any size',
    async (into) => {
      const claim = { origin: signer.name, size: Number.MAX_SAFE_INTEGER, root: new Uint8Array(32), extensions: [] }
      const boasting = at('boasting')
      mkdirSync(boasting, { recursive: true })
      writeFileSync(join(boasting, 'checkpoint'), signNote(checkpointText(claim), [signer]))
      if (into === 'a copy') await run(`boasts-${into}`, published(300))
      const code = into === 'a copy' ? 'log/forked' : 'log/entries-differ'
      expect(await run(`boasts-${into}`, boasting)).toEqual([3, expect.stringContaining(code)])
    },
  )

  test('copies nothing that the policy does not vouch for, and no log into the folder of another', async () => {
    const stranger = ed25519Signer(signer.name, new Uint8Array(32).fill(9))
    writeLog(at('stranger'), entries.slice(0, 10), stranger)
    expect(await run('nothing', at('stranger'))).toEqual([3, expect.stringContaining('log/not-believed')])
    expect(existsSync(at('nothing'))).toBe(false)
    const namesake = ed25519Signer('another.example/log', new Uint8Array(32).fill(8))
    writeLog(at('namesake'), entries.slice(0, 10), namesake)
    writeFileSync(at('trust.policy'), `log ${signer.vkey}\nlog ${namesake.vkey}\nquorum none\n`)
    await run('taken', published(300))
    expect(await run('taken', at('namesake'))).toEqual([2, expect.stringContaining('usage/folder')])
    const bare = await bevis(['log', 'mirror', at('taken'), '--dir', at('namesake')])
    expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining('usage/policy')])
  })
})
