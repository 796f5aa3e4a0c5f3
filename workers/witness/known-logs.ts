/** Which logs a witness watches: `log <vkey>` lines (C2SP tlog-policy) of the files in some folders, one file for each institution if you like. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { NoteVerifier } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import type { KnownLogs } from './judge.ts'

/** Files of another name are left alone. */
const suffix = '.policy'

/**
 * Reads a folder again whenever something in it has changed; what cannot be read then is told, and what was known stays known.
 * @returns a function that answers the logs as they stand now
 */
export function knownLogs(
  dirs: readonly string[],
  onTrouble: (file: string, error: unknown) => void,
): () => Promise<KnownLogs> {
  const files = new Map<string, { readonly mark: string; readonly keys: readonly NoteVerifier[] }>()
  return async () => {
    const present = (await Promise.all(dirs.map(filesIn))).flat()
    for (const file of files.keys()) if (!present.some((one) => one.file === file)) files.delete(file)
    for (const { file, mark } of present) {
      const before = files.get(file)
      if (before?.mark === mark) continue
      files.set(file, { mark, keys: await keysIn(file, onTrouble).catch(() => before?.keys ?? []) })
    }
    return byOrigin([...files.values()].flatMap(({ keys }) => keys))
  }
}

async function filesIn(dir: string): Promise<{ readonly file: string; readonly mark: string }[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(suffix))
  return Promise.all(
    names.toSorted().map(async (name) => {
      const file = join(dir, name)
      const { mtimeMs, size, ino } = await stat(file)
      return { file, mark: `${ino} ${mtimeMs} ${size}` }
    }),
  )
}

async function keysIn(file: string, onTrouble: (file: string, error: unknown) => void) {
  try {
    return parsePolicy(await readFile(file, 'utf8')).logs.map(({ key }) => key)
  } catch (error) {
    onTrouble(basename(file), error)
    throw error
  }
}

/** A log's key bears the name of its origin. */
function byOrigin(keys: readonly NoteVerifier[]): KnownLogs {
  const logs = new Map<string, NoteVerifier[]>()
  for (const key of keys) logs.set(key.name, [...(logs.get(key.name) ?? []), key])
  return logs
}
