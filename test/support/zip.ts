/** Writes zips that lie: the product's own writer cannot, and the reader must be tried against whoever can. */
import { crc32 } from '#verifier/zip.ts'

export interface ZipFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** What to say in place of the truth; of files, about the last one. */
export interface Lie {
  readonly flags?: number
  readonly method?: number
  readonly attributes?: number
  readonly extra?: Uint8Array
  readonly size?: (size: number) => number
  readonly unpacked?: (size: number) => number
  readonly crc?: (crc: number) => number
  readonly offset?: (offset: number) => number
  readonly localName?: (name: string) => string
  readonly count?: (count: number) => number
  readonly before?: Uint8Array
  readonly between?: Uint8Array
  readonly comment?: Uint8Array
}

const same = <T>(value: T): T => value

export function zipOf(files: readonly ZipFile[], lie: Lie = {}): Uint8Array {
  const parts: Buffer[] = [Buffer.from(lie.before ?? [])]
  const directory: Buffer[] = []
  let at = parts[0]?.length ?? 0
  for (const [index, file] of files.entries()) {
    const told = index === files.length - 1 ? lie : {}
    const header = Buffer.concat([local(file, told), Buffer.from(file.bytes)])
    directory.push(central(file, told, (told.offset ?? same)(at)))
    parts.push(header)
    at += header.length
  }
  parts.push(Buffer.from(lie.between ?? []))
  at += parts.at(-1)?.length ?? 0
  const lines = Buffer.concat(directory)
  return new Uint8Array(Buffer.concat([...parts, lines, ending(files.length, { from: at, size: lines.length }, lie)]))
}

function shared({ name, bytes }: ZipFile, lie: Lie): Buffer {
  const part = Buffer.alloc(26)
  const size = (lie.size ?? same)(bytes.length)
  part.writeUInt16LE(10, 0)
  part.writeUInt16LE(lie.flags ?? 0, 2)
  part.writeUInt16LE(lie.method ?? 0, 4)
  part.writeUInt16LE(0x21, 8)
  part.writeUInt32LE((lie.crc ?? same)(crc32(bytes)) >>> 0, 10)
  part.writeUInt32LE(size, 14)
  part.writeUInt32LE((lie.unpacked ?? same)(size), 18)
  part.writeUInt16LE(Buffer.byteLength(name), 22)
  part.writeUInt16LE(lie.extra?.length ?? 0, 24)
  return part
}

function local(file: ZipFile, lie: Lie): Buffer {
  const name = Buffer.from((lie.localName ?? same)(file.name))
  return Buffer.concat([Buffer.from('PK\x03\x04'), shared(file, lie), name, Buffer.from(lie.extra ?? [])])
}

function central(file: ZipFile, lie: Lie, offset: number): Buffer {
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(lie.attributes ?? 0, 6)
  rest.writeUInt32LE(offset, 10)
  const head = [Buffer.from('PK\x01\x02\x0a\x00', 'latin1'), shared(file, lie), rest]
  return Buffer.concat([...head, Buffer.from(file.name), Buffer.from(lie.extra ?? [])])
}

function ending(files: number, directory: { readonly from: number; readonly size: number }, lie: Lie): Buffer {
  const count = (lie.count ?? same)(files)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(Math.min(count, 0xffff), 8)
  end.writeUInt16LE(Math.min(count, 0xffff), 10)
  end.writeUInt32LE(directory.size, 12)
  end.writeUInt32LE(directory.from, 16)
  end.writeUInt16LE(lie.comment?.length ?? 0, 20)
  const comment = Buffer.from(lie.comment ?? [])
  return files < 0xffff ? Buffer.concat([end, comment]) : Buffer.concat([large(count, directory), end, comment])
}

function large(count: number, directory: { readonly from: number; readonly size: number }): Buffer {
  const end = Buffer.alloc(76)
  end.write('PK\x06\x06', 'latin1')
  end.writeBigUInt64LE(44n, 4)
  end.writeUInt16LE(45, 12)
  end.writeUInt16LE(45, 14)
  end.writeBigUInt64LE(BigInt(count), 24)
  end.writeBigUInt64LE(BigInt(count), 32)
  end.writeBigUInt64LE(BigInt(directory.size), 40)
  end.writeBigUInt64LE(BigInt(directory.from), 48)
  end.write('PK\x06\x07', 56, 'latin1')
  end.writeBigUInt64LE(BigInt(directory.from + directory.size), 64)
  end.writeUInt32LE(1, 72)
  return end
}
