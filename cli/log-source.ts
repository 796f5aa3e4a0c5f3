/** A tiled log's files, from a folder or over HTTP; what is not there is told apart from what could not be asked. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadFile } from '#audit/check-log.ts'
import { type Checkpoint, parseCheckpoint } from '#audit/checkpoint.ts'
import { AuditError } from '#audit/errors.ts'
import { judgeCheckpoint } from '#audit/judge-checkpoint.ts'
import { parseNote } from '#audit/note.ts'
import type { Policy } from '#audit/policy.ts'
import { bundlePath, decodeBundle, type TileId, tilePath, tileWidth } from '#audit/tile.ts'
import type { ReadTile } from '#audit/tile-tree.ts'
import { hashSize } from '#audit/tree.ts'
import { bodyWithin } from '#connectors/bounded-body.ts'
import { CliError, usage } from './cli-error.ts'
import { type Pace, patience, usualPace } from './pace.ts'

export interface LogValues {
  readonly url?: string
  readonly dir?: string
}

/** A full bundle of the longest entries is just below 17 MB. */
const largest = 20_000_000
const pausesMs = [500, 2_000, 8_000]

/**
 * Its files; each is read or throws CliError, `log/unreachable` and `log/too-slow` with its address.
 *
 * @throws CliError `usage/source` unless one of `--url` and `--dir` is given
 */
export function openLog({ url, dir }: LogValues, pace = usualPace): ReadFile {
  if ((url === undefined) === (dir === undefined))
    throw usage('source', 'a log is at an address or in a folder', 'give --url or --dir')
  return url === undefined ? filesIn(dir ?? '') : filesAt(url, pace)
}

function filesIn(folder: string): ReadFile {
  return async (path) => {
    try {
      return await readRegular(join(folder, path))
    } catch (cause) {
      if (cause instanceof CliError) throw cause
      const { code } = cause as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      const mend = 'check that this user may read the folder'
      throw new CliError(
        { exit: 'unreachable', code: 'log/unreadable', what: `${path} cannot be read`, mend },
        { cause },
      )
    }
  }
}

/** A pipe or a device may lie under any name in a folder that comes from others: it would be waited for, or read, without end. */
async function readRegular(file: string): Promise<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw refused('not-a-file', `${file} is no plain file`, 'take the copy of the log anew')
    if (found.size > largest) throw tooLarge(file)
    const bytes = new Uint8Array(found.size)
    let held = 0
    while (held < bytes.length) {
      const { bytesRead } = await handle.read(bytes, held, bytes.length - held, held)
      if (bytesRead === 0) break
      held += bytesRead
    }
    return bytes.subarray(0, held)
  } finally {
    await handle.close()
  }
}

function tooLarge(what: string): CliError {
  return refused('file-too-large', `${what} is too long`, 'no file of a tiled log is that long; check what you gave')
}

function refused(code: string, what: string, mend: string): CliError {
  return new CliError({ exit: 'verification-failed', code: `log/${code}`, what, mend })
}

function filesAt(address: string, pace: Pace): ReadFile {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw usage(
      'url',
      `${address} is no address of a log`,
      'give the address its checkpoint is below, http:// or https://',
    )
  const base = address.endsWith('/') ? address : `${address}/`
  const waiting = patience(pace)
  return async (path) => {
    const url = new URL(path, base)
    for (const pause of [...pausesMs, undefined]) {
      const found = await waiting.ask((signal, came) => ask(url, signal, came))
      if (found !== 'later') return found
      if (waiting.isSpent()) throw tooSlow(url)
      if (pause !== undefined) await waiting.pause(pause)
    }
    const mend = 'check the address and the network, then ask again'
    throw new CliError({ exit: 'unreachable', code: 'log/unreachable', what: `${url.href} does not answer`, mend })
  }
}

function tooSlow({ href }: URL): CliError {
  const what = `${href} comes too slowly, as what came before it did`
  const mend = 'ask again later or over another line; of a server that always does so, take the log from a mirror'
  return new CliError({ exit: 'unreachable', code: 'log/too-slow', what, mend })
}

/** A server that fails or is busy may answer later; one that says no has answered. */
async function ask(
  url: URL,
  signal: AbortSignal,
  came: (bytes: number) => void,
): Promise<Uint8Array | undefined | 'later'> {
  try {
    const response = await fetch(url, { signal })
    if (response.status === 200) return await bodyOf(response, came)
    await response.body?.cancel()
    return response.status === 429 || response.status >= 500 ? 'later' : undefined
  } catch (error) {
    if (error instanceof CliError) throw error
    return 'later'
  }
}

async function bodyOf(response: Response, came: (bytes: number) => void): Promise<Uint8Array> {
  const bytes = await bodyWithin(response, largest, came)
  if (bytes === undefined) throw tooLarge(response.url)
  return bytes
}

/** @throws CliError `log/no-checkpoint`, `log/checkpoint-malformed` */
export async function readNote(read: ReadFile): Promise<string> {
  const bytes = await read('checkpoint')
  if (bytes === undefined) {
    const mend = 'give the folder or address that checkpoint lies in'
    throw new CliError({ exit: 'not-found', code: 'log/no-checkpoint', what: 'there is no checkpoint', mend })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed('it is not UTF-8')
  }
}

/** @throws CliError `log/checkpoint-malformed` */
export function checkpointIn(note: string, what = 'the checkpoint'): Checkpoint {
  try {
    return parseCheckpoint(parseNote(note).text)
  } catch (error) {
    throw error instanceof AuditError ? malformed(error.message, what) : error
  }
}

function malformed(why: string, what = 'the checkpoint'): CliError {
  const mend = 'a checkpoint is a signed note: origin, size, root (C2SP tlog-checkpoint)'
  const code = 'log/checkpoint-malformed'
  return new CliError({ exit: 'verification-failed', code, what: `${what} cannot be read: ${why}`, mend })
}

/** Tiles of a log's files; a part may have given way to the whole. Of one that is not there, or is too short, what there is. */
export function tilesIn(read: ReadFile): ReadTile {
  return async (id: TileId) => {
    const bytes = (await read(tilePath(id))) ?? (await read(tilePath({ ...id, width: tileWidth })))
    return (bytes ?? new Uint8Array()).subarray(0, id.width * hashSize)
  }
}

/** Entries of a bundle, of which a part may have given way to the whole; undefined where there are not so many, or they cannot be read. */
export async function bundleIn(read: ReadFile, index: number, width: number): Promise<Uint8Array[] | undefined> {
  const bytes = (await read(bundlePath(index, width))) ?? (await read(bundlePath(index, tileWidth)))
  try {
    const entries = decodeBundle(bytes ?? new Uint8Array()).slice(0, width)
    return entries.length === width ? entries : undefined
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

/** @throws CliError `log/not-believed` */
export function believedCheckpoint(note: string, policy: Policy): Checkpoint {
  const judged = judgeCheckpoint(policy, note)
  if (judged.ok) return judged.checkpoint
  const what = `the checkpoint is not believed: ${judged.reason}`
  const mend = 'give a policy that names the log’s key and its witnesses; or the log is not the one you mean'
  throw new CliError({ exit: 'verification-failed', code: 'log/not-believed', what, mend })
}
