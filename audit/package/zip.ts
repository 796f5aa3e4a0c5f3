/**
 * Zip archives that are the same bytes on every machine: files as they are, in the order of their paths, without times. Deflate would
 * save half and differ from one processor to the next (docs/audit-package.md, "The archive").
 */
import { crc32 } from 'node:zlib'
import { AuditError } from '#audit/errors.ts'
import { pathFits } from '#audit/package/manifest.ts'

export interface PackageFile {
  readonly path: string
  readonly bytes: Uint8Array
}

const largestFile = 64 * 1024 * 1024
const largestArchive = 2 ** 32 - 1
/** More than these need a zip64 end record (APPNOTE 6.3.10 §4.3.14). */
const mostPlain = 0xff_fe
/** 1980-01-01, the first day a zip knows; as DOS date. */
const firstDay = 0x00_21

/**
 * The archive's bytes, file by file; holds one file at a time and a line for each before it.
 *
 * @throws AuditError `package-unwritable` for a path out of order or out of shape, a file above 64 MiB, an archive of 4 GiB
 */
export async function* zip(files: AsyncIterable<PackageFile>): AsyncGenerator<Uint8Array> {
  const directory: Uint8Array[] = []
  let size = 0
  let offset = 0
  let last = ''
  for await (const { path, bytes } of files) {
    if (!pathFits(path) || path <= last || bytes.length > largestFile) throw new AuditError('package-unwritable', path)
    last = path
    const facts = { path, crc: crc32(bytes), size: bytes.length, offset }
    const header = localHeader(facts)
    const line = directoryLine(facts)
    directory.push(line)
    size += line.length
    offset += header.length + bytes.length
    if (offset + size > largestArchive) throw new AuditError('package-unwritable', path)
    yield header
    yield bytes
  }
  yield* directory
  yield* ending({ count: directory.length, size, offset })
}

interface Facts {
  readonly path: string
  readonly crc: number
  readonly size: number
  /** Where its local header begins. */
  readonly offset: number
}

/** What local header and directory say alike: version 1.0, no flags, stored, first day, CRC, sizes, name without extra field. */
function common(to: Buffer, at: number, { path, crc, size }: Facts): void {
  to.writeUInt16LE(10, at)
  to.writeUInt16LE(firstDay, at + 8)
  to.writeUInt32LE(crc, at + 10)
  to.writeUInt32LE(size, at + 14)
  to.writeUInt32LE(size, at + 18)
  to.writeUInt16LE(path.length, at + 22)
}

function localHeader(facts: Facts): Uint8Array {
  const header = Buffer.alloc(30 + facts.path.length)
  header.writeUInt32LE(0x04_03_4b_50, 0)
  common(header, 4, facts)
  header.write(facts.path, 30)
  return header
}

function directoryLine(facts: Facts): Uint8Array {
  const line = Buffer.alloc(46 + facts.path.length)
  line.writeUInt32LE(0x02_01_4b_50, 0)
  line.writeUInt16LE(10, 4)
  common(line, 6, facts)
  line.writeUInt32LE(facts.offset, 42)
  line.write(facts.path, 46)
  return line
}

interface Directory {
  readonly count: number
  readonly size: number
  readonly offset: number
}

function* ending({ count, size, offset }: Directory): Generator<Uint8Array> {
  const isLarge = count > mostPlain
  if (isLarge) yield largeEnding({ count, size, offset })
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06_05_4b_50, 0)
  end.writeUInt16LE(isLarge ? 0xff_ff : count, 8)
  end.writeUInt16LE(isLarge ? 0xff_ff : count, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  yield end
}

/** zip64 end record and its locator. */
function largeEnding({ count, size, offset }: Directory): Uint8Array {
  const end = Buffer.alloc(56 + 20)
  end.writeUInt32LE(0x06_06_4b_50, 0)
  end.writeBigUInt64LE(44n, 4)
  end.writeUInt16LE(45, 12)
  end.writeUInt16LE(45, 14)
  end.writeBigUInt64LE(BigInt(count), 24)
  end.writeBigUInt64LE(BigInt(count), 32)
  end.writeBigUInt64LE(BigInt(size), 40)
  end.writeBigUInt64LE(BigInt(offset), 48)
  end.writeUInt32LE(0x07_06_4b_50, 56)
  end.writeBigUInt64LE(BigInt(offset + size), 64)
  end.writeUInt32LE(1, 72)
  return end
}
