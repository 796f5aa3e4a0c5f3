/** Tiles and bundles as C2SP tlog-tiles writes them: paths, widths, and the bytes of entries. */
import { describe, expect, test } from 'vitest'
import { AuditError } from '#audit/errors.ts'
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  hashesAt,
  hashesOf,
  newTiles,
  parseTilePath,
  tilePath,
} from '#audit/tile.ts'
import { tileTree } from '#audit/tile-tree.ts'
import { leaves, readerOf } from './tiles.ts'

describe('a tile’s path', () => {
  test.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 1, index: 0, width: 17 }, 'tile/1/000.p/17'],
    [{ level: 0, index: 999, width: 255 }, 'tile/0/999.p/255'],
    [{ level: 0, index: 1000, width: 1 }, 'tile/0/x001/000.p/1'],
    [{ level: 2, index: 1_234_067, width: 256 }, 'tile/2/x001/x234/067'],
    [{ level: 63, index: 2 ** 53 - 1, width: 256 }, 'tile/63/x009/x007/x199/x254/x740/991'],
  ])('of %j is %s', (id, path) => {
    expect(tilePath(id)).toBe(path)
    expect(parseTilePath(path)).toEqual({ kind: 'tile', id })
  })

  test('of entries stands beside the tiles of the first level', () => {
    expect(bundlePath(1_234_067, 7)).toBe('tile/entries/x001/x234/067.p/7')
    expect(parseTilePath('tile/entries/x001/x234/067.p/7')).toEqual({
      kind: 'entries',
      id: { level: 0, index: 1_234_067, width: 7 },
    })
  })

  test.each([
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/257',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/000/',
    '/tile/0/000',
    'xtile/0/000',
    'tile/entry/000',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x001/x009/x007/x199/x254/x740/991',
  ])('is not %s', (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  test.each([
    [{ level: 64, index: 0, width: 1 }, 'level'],
    [{ level: -1, index: 0, width: 1 }, 'level'],
    [{ level: 0, index: -1, width: 1 }, 'index'],
    [{ level: 0, index: 2 ** 53, width: 1 }, 'index'],
    [{ level: 0, index: 0, width: 0 }, 'width'],
    [{ level: 0, index: 0, width: 257 }, 'width'],
    [{ level: 0, index: 0, width: 1.5 }, 'width'],
  ])('of %j there is none', (id, where) => {
    expect(() => tilePath(id)).toThrow(`tile-malformed: ${where}`)
  })
})

describe('a tree of tiles', () => {
  test('of 70,000 leaves has those the specification counts', () => {
    const tiles = newTiles(0, 70_000)
    expect(tiles.filter(({ level, width }) => level === 0 && width === 256)).toHaveLength(273)
    expect(tiles.filter(({ width }) => width < 256).map(tilePath)).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ])
    expect(tiles).toHaveLength(273 + 1 + 2 + 1)
  })

  test('of 256 leaves has one full tile and one of width 1 above', () => {
    expect(newTiles(0, 256).map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1'])
    expect(newTiles(255, 256).map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1'])
    expect(newTiles(256, 257).map(tilePath)).toEqual(['tile/0/001.p/1'])
    expect(newTiles(256, 256)).toEqual([])
    expect([hashesAt(0, 256), hashesAt(1, 256), hashesAt(1, 255), hashesAt(2, 65_536)]).toEqual([256, 1, 0, 1])
  })

  test('does not shrink', () => {
    expect(() => newTiles(2, 1)).toThrow('size-out-of-range: from')
    expect(() => newTiles(-1, 1)).toThrow('size-out-of-range: from')
    expect(() => newTiles(0, 0.5)).toThrow('size-out-of-range: from')
  })

  test('asks again for a tile that could not be read, and for a wider one than it has', async () => {
    let failures = 1
    const read = readerOf(leaves(5))
    const tree = tileTree(async (id) => {
      failures -= 1
      if (failures === 0) throw new Error('away')
      return read(id)
    })
    await expect(tree.root(3)).rejects.toThrow('away')
    await tree.root(3)
    await tree.root(5)
    await tree.root(4)
    expect(read.asked).toEqual(['tile/0/000.p/3', 'tile/0/000.p/5'])
  })

  test('refuses a tile of another width, by its name', () => {
    const id = { level: 0, index: 7, width: 2 }
    expect(hashesOf(id, new Uint8Array(64)).map(({ length }) => length)).toEqual([32, 32])
    expect(() => hashesOf(id, new Uint8Array(63))).toThrow('tile-malformed: tile/0/007.p/2')
  })
})

describe('a bundle', () => {
  const entry = (length: number) => new Uint8Array(length).fill(7)

  test('puts the length of each entry before it, high byte first', () => {
    expect([...encodeBundle([entry(1), entry(0), entry(258)])].slice(0, 7)).toEqual([0, 1, 7, 0, 0, 1, 2])
    expect(decodeBundle(encodeBundle([entry(65_535)])).map(({ length }) => length)).toEqual([65_535])
  })

  test.each<[string, () => unknown, string]>([
    ['no entries', () => encodeBundle([]), 'bundle-malformed: entries'],
    ['257 entries', () => encodeBundle(Array.from({ length: 257 }, () => entry(1))), 'bundle-malformed: entries'],
    ['an entry too long', () => encodeBundle([entry(1), entry(65_536)]), 'bundle-malformed: entry 1'],
    ['a first entry too long', () => encodeBundle([entry(65_536)]), 'bundle-malformed: entry 0'],
    ['no bytes', () => decodeBundle(entry(0)), 'bundle-malformed: entries'],
    ['half a length', () => decodeBundle(Uint8Array.of(0, 0, 0)), 'bundle-malformed: entry 1'],
    ['an entry cut short', () => decodeBundle(Uint8Array.of(0, 2, 7)), 'bundle-malformed: entry 0'],
    ['257 entries to read', () => decodeBundle(new Uint8Array(257 * 2)), 'bundle-malformed: entry 256'],
  ])('with %s is refused', (_, act, message) => {
    expect(act).toThrow(AuditError)
    expect(act).toThrow(message)
  })

  test('of 256 empty entries is one', () => {
    expect(decodeBundle(new Uint8Array(512))).toHaveLength(256)
    expect(encodeBundle(Array.from({ length: 256 }, () => entry(0)))).toHaveLength(512)
  })
})
