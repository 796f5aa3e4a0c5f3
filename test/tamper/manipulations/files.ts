/** Done to the published files. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseCheckpoint } from '#audit/checkpoint.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import type { Scene } from '../golden.ts'
import { filesUnder } from '../package.ts'
import type { Manipulation } from './manipulation.ts'

/** Changes the file whose path has this in it; of the parts of a tile the widest, which the checkpoint needs. */
const inFile =
  (part: string, change: (bytes: Buffer) => Buffer | undefined) =>
  (scene: Scene): Promise<undefined> => {
    const width = (path: string) => Number(basename(path)) || 0
    const [file] = filesUnder(scene.files)
      .filter((path) => path.includes(part))
      .toSorted((a, b) => width(b) - width(a))
    if (file === undefined) throw new Error(`no file ${part}`)
    const changed = change(readFileSync(file))
    if (changed === undefined) rmSync(file)
    else writeFileSync(file, changed)
    return Promise.resolve(undefined)
  }

const flipped = (bytes: Buffer): Buffer => {
  const at = Math.floor(bytes.length / 2)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  return bytes
}

export const inFiles: readonly Manipulation[] = [
  {
    what: 'change an entry in a bundle',
    hand: 'files',
    act: inFile('tile/entries/', flipped),
    shows: [['fsck', 'hash-differs']],
    short: true,
  },
  {
    what: 'change a hash in a tile',
    hand: 'files',
    act: inFile('tile/0/', flipped),
    shows: [['fsck', 'hash-differs']],
  },
  {
    what: 'take a bundle away',
    hand: 'files',
    act: inFile('tile/entries/', () => undefined),
    shows: [['fsck', 'missing']],
  },
  {
    what: 'cut a bundle short',
    hand: 'files',
    act: inFile('tile/entries/', (bytes) => bytes.subarray(0, bytes.length - 10)),
    shows: [['fsck', 'malformed']],
  },
  {
    what: 'change the size in the checkpoint',
    hand: 'files',
    act: inFile('checkpoint', (bytes) => {
      const { size } = parseCheckpoint(bytes.toString().slice(0, bytes.indexOf('\n\n') + 1))
      return Buffer.from(bytes.toString().replace(`\n${size}\n`, `\n${size - 1}\n`))
    }),
    shows: [
      ['fsck', 'signature-wrong'],
      ['policy', 'signature-wrong'],
    ],
    short: true,
  },
  {
    what: 'sign the checkpoint with another key of the same name',
    hand: 'files',
    act: inFile('checkpoint', (bytes) => {
      const text = bytes.toString().slice(0, bytes.indexOf('\n\n') + 1)
      const [origin = ''] = text.split('\n')
      return Buffer.from(signNote(text, [ed25519Signer(origin, new Uint8Array(32).fill(3))]))
    }),
    shows: [
      ['fsck', 'signature-missing'],
      ['policy', 'no-known-signature'],
    ],
  },
]
