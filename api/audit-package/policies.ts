/** The policies that institutions state for their logs, from the folder they lie in (`BEVIS_LOG_POLICY_DIR`). */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstitutionId } from '#domain/words.ts'

/** Gives an institution's own; undefined where there is none. */
export function policiesIn(folder: string): (institution: InstitutionId) => Promise<string | undefined> {
  return (institution) =>
    readFile(join(folder, `${institution}.policy`), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
}
