/**
 * What a witness remembers: of each log the largest tree it has cosigned. Everything it is worth hangs on never forgetting it, so it
 * lies in a plain folder of its own, apart from every database it watches (audit-log §6.3).
 *
 * The state stands in the *name* of a file, and a step is one `rename` from the name that was judged to the name that follows: the
 * file system lets exactly one of any number of racing processes do it, and there is no lock that a crash could leave behind
 * (docs/decisions/0061).
 */
import { createHash } from 'node:crypto'
import {
  access,
  constants,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { emptyRoot, type Hash } from '#audit/tree.ts'
import { beginEffect } from '#config/failpoints.ts'

export interface Seen {
  readonly size: number
  readonly root: Hash
  /** Of the last cosignature, in seconds since 1970: the next is never earlier. */
  readonly time: number
}

/** Where every log begins. */
export const nothingSeen: Seen = { size: 0, root: emptyRoot, time: 0 }

export interface WitnessStore {
  /** @throws WitnessStoreDamaged */
  read(origin: string): Promise<Seen>
  /** Goes from one state to the next, on disk when it resolves; false when somebody else has moved on from `from`. */
  swap(origin: string, from: Seen, to: Seen): Promise<boolean>
  /** Keeps the note that was cosigned, for whoever monitors the log. */
  keepNote(origin: string, of: Seen, note: string): Promise<void>
  /** The newest of them, by the origin's SHA-256 in hex; undefined for a log that was never cosigned. */
  newestNote(originHash: string): Promise<string | undefined>
  /** Keeps a request that a log signed and that contradicts what it signed before: proof of its misbehaviour. At most sixteen a log. */
  keepContradiction(origin: string, request: Uint8Array): Promise<void>
  /** Resolves when the folder can be written to. */
  ready(): Promise<void>
}

/** A log's folder without its state. Going on from nothing would be the very rollback a witness is there to see. */
export class WitnessStoreDamaged extends Error {
  override readonly name = 'WitnessStoreDamaged'
  readonly code = 'witness/store-damaged'
}

const mostContradictions = 16
/** A directory that is read while an entry is renamed may show neither name, or both. */
const readAttempts = 50

/** Opens a folder, which is made when it is not there. */
export async function openWitnessStore(dir: string): Promise<WitnessStore> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const folderOf = (origin: string) => join(dir, originHash(origin))
  return {
    read: (origin) => read(folderOf(origin)),
    swap: async (origin, from, to) => {
      if (from.time === 0) await begin(dir, folderOf(origin), origin)
      return swap(folderOf(origin), from, to)
    },
    keepNote: (origin, of, note) => keepNote(folderOf(origin), of, note),
    newestNote: async (hash) => (/^[0-9a-f]{64}$/.test(hash) ? newestNote(join(dir, hash)) : undefined),
    keepContradiction: (origin, request) => keepContradiction(dir, folderOf(origin), origin, request),
    ready: () => access(dir, constants.R_OK | constants.W_OK),
  }
}

/** As `GET /<origin hash>/checkpoint` names a log. */
export function originHash(origin: string): string {
  return createHash('sha256').update(origin).digest('hex')
}

async function read(folder: string): Promise<Seen> {
  for (let attempt = 0; attempt < readAttempts; attempt += 1) {
    const names = await namesIn(folder)
    if (names === undefined) return nothingSeen
    const [state, ...more] = names.flatMap((name) => stateIn(name) ?? [])
    if (state !== undefined && more.length === 0) return state
    await sleep(1)
  }
  throw new WitnessStoreDamaged(`${folder} does not hold the one state of its log`)
}

/** Undefined where there is no such folder. */
async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

const stateName = ({ size, root, time }: Seen) => `state.${size}.${Buffer.from(root).toString('hex')}.${time}`

function stateIn(name: string): Seen | undefined {
  const [, size, root, time] = /^state\.(0|[1-9]\d{0,15})\.([0-9a-f]{64})\.(0|[1-9]\d{0,15})$/.exec(name) ?? []
  if (size === undefined || root === undefined || time === undefined) return undefined
  return { size: Number(size), root: Uint8Array.from(Buffer.from(root, 'hex')), time: Number(time) }
}

/** A log's folder appears whole, with its first state in it, or not at all. */
async function begin(dir: string, folder: string, origin: string): Promise<void> {
  if ((await namesIn(folder)) !== undefined) return
  const draft = await mkdtemp(join(dir, '.new-'))
  await writeFile(join(draft, 'origin'), `${origin}\n`)
  await writeFile(join(draft, stateName(nothingSeen)), '')
  await onDisk(draft)
  try {
    await rename(draft, folder)
    await onDisk(dir)
  } catch (error) {
    if (!isCode(error, 'ENOTEMPTY') && !isCode(error, 'EEXIST')) throw error
    await rm(draft, { recursive: true })
  }
}

async function swap(folder: string, from: Seen, to: Seen): Promise<boolean> {
  const pass = beginEffect()
  pass('before')
  try {
    await rename(join(folder, stateName(from)), join(folder, stateName(to)))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
  pass('after-effect')
  await onDisk(folder)
  pass('after-commit')
  return true
}

const noteName = ({ size, time }: Seen) => `note.${size}.${time}`

async function keepNote(folder: string, of: Seen, note: string): Promise<void> {
  const name = noteName(of)
  const draft = join(folder, `.${name}.${process.pid}`)
  await writeFile(draft, note)
  await rename(draft, join(folder, name))
  const older = (await notesIn(folder)).filter(({ order }) => order < orderOf(of))
  for (const { name: old } of older) await unlink(join(folder, old)).catch(() => undefined)
}

async function newestNote(folder: string): Promise<string | undefined> {
  const newest = (await notesIn(folder)).reduce<KeptNote | undefined>(
    (best, one) => (best === undefined || one.order > best.order ? one : best),
    undefined,
  )
  try {
    return newest === undefined ? undefined : await readFile(join(folder, newest.name), 'utf8')
  } catch (error) {
    // A newer one took its place between the two looks.
    if (isCode(error, 'ENOENT')) return newestNote(folder)
    throw error
  }
}

interface KeptNote {
  readonly name: string
  readonly order: bigint
}

/** By size, then by time. */
const orderOf = ({ size, time }: Pick<Seen, 'size' | 'time'>) => (BigInt(size) << 64n) | BigInt(time)

async function notesIn(folder: string): Promise<KeptNote[]> {
  return ((await namesIn(folder)) ?? []).flatMap((name) => {
    const [, size, time] = /^note\.(\d{1,16})\.(\d{1,16})$/.exec(name) ?? []
    return size === undefined || time === undefined
      ? []
      : [{ name, order: orderOf({ size: Number(size), time: Number(time) }) }]
  })
}

async function keepContradiction(dir: string, folder: string, origin: string, request: Uint8Array): Promise<void> {
  await begin(dir, folder, origin)
  const kept = ((await namesIn(folder)) ?? []).filter((name) => name.startsWith('contradiction.'))
  const name = `contradiction.${createHash('sha256').update(request).digest('hex')}`
  if (kept.includes(name) || kept.length >= mostContradictions) return
  const draft = join(folder, `.${name}.${process.pid}`)
  await writeFile(draft, request, { flush: true })
  await rename(draft, join(folder, name))
}

/** What was renamed in a folder survives a power cut only once the folder itself is on disk. */
async function onDisk(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
