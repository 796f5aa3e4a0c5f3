/** Which logs a witness watches: `log <vkey>` lines (C2SP tlog-policy) of the files in a folder, one file for each institution if you like. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { NoteVerifier } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import type { KnownLogs } from './judge.ts'

/** Files of another name are left alone. */
const suffix = '.policy'

/**
 * Reads the folder again whenever something in it has changed; what cannot be read then is told, and what was known stays known.
 * @returns a function that answers the logs as they stand now
 */
export function knownLogs(dir: string, onTrouble: (file: string, error: unknown) => void): () => Promise<KnownLogs> {
  const files = new Map<string, { readonly mark: string; readonly keys: readonly NoteVerifier[] }>()
  return async () => {
    const present = await filesIn(dir)
    for (const name of files.keys()) if (!present.some((one) => one.name === name)) files.delete(name)
    for (const { name, mark } of present) {
      const before = files.get(name)
      if (before?.mark === mark) continue
      files.set(name, { mark, keys: await keysIn(dir, name, onTrouble).catch(() => before?.keys ?? []) })
    }
    return byOrigin([...files.values()].flatMap(({ keys }) => keys))
  }
}

async function filesIn(dir: string): Promise<{ readonly name: string; readonly mark: string }[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(suffix))
  return Promise.all(
    names.toSorted().map(async (name) => {
      const { mtimeMs, size, ino } = await stat(join(dir, name))
      return { name, mark: `${ino} ${mtimeMs} ${size}` }
    }),
  )
}

async function keysIn(dir: string, name: string, onTrouble: (file: string, error: unknown) => void) {
  try {
    return parsePolicy(await readFile(join(dir, name), 'utf8')).logs.map(({ key }) => key)
  } catch (error) {
    onTrouble(name, error)
    throw error
  }
}

/** A log's key bears the name of its origin. */
function byOrigin(keys: readonly NoteVerifier[]): KnownLogs {
  const logs = new Map<string, NoteVerifier[]>()
  for (const key of keys) logs.set(key.name, [...(logs.get(key.name) ?? []), key])
  return logs
}
