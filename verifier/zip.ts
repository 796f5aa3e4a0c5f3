/**
 * Reads the one kind of zip we write (docs/audit-package.md): stored files in order of their names, one after the other from the
 * first byte, then the directory, then its end, and nothing else. Two readers of an archive that allows more can see two packages;
 * here there is one reading or a refusal. Nothing is unpacked, so there is no bomb, and nothing is ever written to a disk.
 */
import {
  checkName,
  checkNames,
  checkSizes,
  type Limits,
  limits,
  type PackageFiles,
  printable,
} from '#verifier/files.ts'
import { PackageProblem } from '#verifier/problem.ts'

/** Where an archive's bytes are; asked for pieces, so that nothing holds it whole. */
export interface Source {
  readonly size: number
  /** Exactly `length` bytes from `from`; never asked beyond `size`. */
  read(from: number, length: number): Promise<Uint8Array>
}

interface Entry {
  readonly size: number
  readonly crc: number
  /** Of its own header. */
  readonly from: number
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 }
const lengths = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 }
const full16 = 0xffff
const full32 = 0xffffffff
/** Stored, version 1.0, no flags, 1980-01-01 00:00:00: what stands in both headers before a file's CRC-32. */
const version = 10
const version64 = 45
const newYear1980 = 0x0021
const encryptedFlag = 0x0001

/** Opens an archive: its directory is read and judged whole, its files when they are asked for. @throws PackageProblem */
export async function openZip(source: Source, allowed: Limits = limits): Promise<PackageFiles> {
  const directory = await findDirectory(source)
  if (directory.count > allowed.files) throw new PackageProblem('too-many-files', String(directory.count))
  const entries = await readDirectory(source, directory, allowed)
  await checkLocals(source, entries)
  const names = [...entries.keys()]
  checkNames(names)
  checkSizes(new Map([...entries].map(([name, { size }]) => [name, size])), allowed)
  return {
    names,
    sizeOf: (name) => entries.get(name)?.size,
    read: async (name) => {
      const entry = entries.get(name)
      if (entry === undefined) throw new PackageProblem('no-such-file', printable(name))
      const bytes = await source.read(entry.from + lengths.local + name.length, entry.size)
      if (crc32(bytes) !== entry.crc) throw new PackageProblem('zip-damaged', name)
      return bytes
    },
  }
}

interface Directory {
  readonly from: number
  readonly length: number
  readonly count: number
}

/** The end of the archive, which has no comment: its last 22 bytes. */
async function findDirectory(source: Source): Promise<Directory> {
  if (source.size < lengths.end) throw new PackageProblem('not-a-zip', 'end')
  const end = view(await source.read(source.size - lengths.end, lengths.end))
  if (end.getUint32(0, true) !== signatures.end) throw new PackageProblem('not-a-zip', 'end')
  if (end.getUint16(4, true) !== 0 || end.getUint16(6, true) !== 0 || end.getUint16(20, true) !== 0)
    throw new PackageProblem('zip-not-as-written', 'end')
  const count = end.getUint16(10, true)
  const told = { from: end.getUint32(16, true), length: end.getUint32(12, true), count }
  if (end.getUint16(8, true) !== count) throw new PackageProblem('size-lie', 'end')
  const isLarge = count === full16 || told.from === full32 || told.length === full32
  const directory = isLarge ? await findDirectory64(source, told) : told
  const tail = lengths.end + (isLarge ? lengths.end64 + lengths.locator64 : 0)
  if (directory.from + directory.length !== source.size - tail) throw new PackageProblem('size-lie', 'end')
  return directory
}

/** Zip64 for more than 65,534 files (APPNOTE 4.3.14); what both ends say must agree. */
async function findDirectory64(source: Source, told: Directory): Promise<Directory> {
  const tail = lengths.end64 + lengths.locator64 + lengths.end
  if (source.size < tail) throw new PackageProblem('size-lie', 'end64')
  const both = view(await source.read(source.size - tail, lengths.end64 + lengths.locator64))
  const locator = lengths.end64
  if (both.getUint32(0, true) !== signatures.end64 || both.getUint32(locator, true) !== signatures.locator64)
    throw new PackageProblem('size-lie', 'end64')
  const sizeOfRest = lengths.end64 - 12
  const isPlain =
    large(both, 4) === sizeOfRest &&
    both.getUint16(12, true) === version64 &&
    both.getUint16(14, true) === version64 &&
    both.getUint32(16, true) === 0 &&
    both.getUint32(20, true) === 0 &&
    both.getUint32(locator + 4, true) === 0 &&
    both.getUint32(locator + 16, true) === 1
  if (!isPlain || large(both, locator + 8) !== source.size - tail) throw new PackageProblem('size-lie', 'end64')
  const found = { count: large(both, 32), length: large(both, 40), from: large(both, 48) }
  if (large(both, 24) !== found.count) throw new PackageProblem('size-lie', 'end64')
  const agrees =
    same(told.count, found.count, full16) &&
    same(told.length, found.length, full32) &&
    same(told.from, found.from, full32)
  if (!agrees) throw new PackageProblem('size-lie', 'end64')
  return found
}

function same(small: number, value: number, full: number): boolean {
  return small === (value >= full ? full : value)
}

/** Far more than 2^53 bytes are no archive. */
function large(bytes: DataView, at: number): number {
  const value = bytes.getBigUint64(at, true)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
}

/** The directory comes in pieces of this size; a longer one is no reason to hold it whole. */
const piece = 1024 * 1024

async function readDirectory(source: Source, directory: Directory, allowed: Limits): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  const end = directory.from + directory.length
  let at = directory.from
  let held = new Uint8Array()
  let before = ''
  let from = 0
  for (let index = 0; index < directory.count; index += 1) {
    if (held.length < lengths.central + full16) {
      const more = Math.min(piece, end - at)
      held = joined(held, await source.read(at, more))
      at += more
    }
    const { name, entry, length } = readCentral(held, allowed)
    if (name <= before) throw new PackageProblem(name === before ? 'name-twice' : 'zip-not-as-written', name)
    if (entry.from !== from) throw new PackageProblem('overlap', name)
    entries.set(name, entry)
    before = name
    from += lengths.local + name.length + entry.size
    held = held.subarray(length)
  }
  if (at !== end || held.length > 0) throw new PackageProblem('size-lie', 'directory')
  if (from !== directory.from) throw new PackageProblem('overlap', 'directory')
  return entries
}

function readCentral(held: Uint8Array, allowed: Limits): { name: string; entry: Entry; length: number } {
  if (held.length < lengths.central) throw new PackageProblem('size-lie', 'directory')
  const head = view(held)
  if (head.getUint32(0, true) !== signatures.central) throw new PackageProblem('zip-damaged', 'directory')
  const length = lengths.central + head.getUint16(28, true)
  if (held.length < length) throw new PackageProblem('size-lie', 'directory')
  const name = readName(held.subarray(lengths.central, length))
  // Extra fields, comment, disk, attributes of both kinds: an archive of ours has none of them, and a link would need one.
  if (head.getUint32(38, true) !== 0) throw new PackageProblem('link', name)
  if (head.getUint16(30, true) !== 0 || head.getUint32(32, true) !== 0 || head.getUint16(36, true) !== 0)
    throw new PackageProblem('zip-not-as-written', name)
  if (head.getUint16(4, true) !== version) throw new PackageProblem('zip-not-as-written', name)
  const entry = { ...readShared(name, head, 6), from: head.getUint32(42, true) }
  if (entry.size > allowed.file) throw new PackageProblem('too-large', name)
  return { name, entry, length }
}

function readName(bytes: Uint8Array): string {
  const name = String.fromCharCode(...bytes.subarray(0, 1024))
  checkName(bytes.length > 1024 ? `${name}/` : name)
  return name
}

/** What a file's two headers share, from the version needed on. */
function readShared(name: string, head: DataView, at: number): Omit<Entry, 'from'> {
  if ((head.getUint16(at + 2, true) & encryptedFlag) !== 0) throw new PackageProblem('encrypted', name)
  const isAsWritten =
    head.getUint16(at, true) === version &&
    head.getUint16(at + 2, true) === 0 &&
    head.getUint16(at + 4, true) === 0 &&
    head.getUint16(at + 6, true) === 0 &&
    head.getUint16(at + 8, true) === newYear1980
  if (!isAsWritten) throw new PackageProblem('zip-not-as-written', name)
  const size = head.getUint32(at + 18, true)
  if (head.getUint32(at + 14, true) !== size) throw new PackageProblem('size-lie', name)
  return { crc: head.getUint32(at + 10, true), size }
}

/** A file's own header says the same as the directory: else two readers would see two files. */
async function checkLocals(source: Source, entries: ReadonlyMap<string, Entry>): Promise<void> {
  for (const [name, { from, size, crc }] of entries) {
    const bytes = await source.read(from, lengths.local + name.length)
    const head = view(bytes)
    const isSame =
      head.getUint32(0, true) === signatures.local &&
      head.getUint16(26, true) === name.length &&
      head.getUint16(28, true) === 0 &&
      String.fromCharCode(...bytes.subarray(lengths.local)) === name
    if (!isSame) throw new PackageProblem('size-lie', name)
    const own = readShared(name, head, 4)
    if (own.size !== size || own.crc !== crc) throw new PackageProblem('size-lie', name)
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit += 1) rest = (rest & 1) === 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  return rest
})

/** CRC-32 as zip knows it (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff
  for (const byte of bytes) rest = (crcTable[(rest ^ byte) & 0xff] ?? 0) ^ (rest >>> 8)
  return (rest ^ 0xffffffff) >>> 0
}
