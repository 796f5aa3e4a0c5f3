/** Whom to believe about each log, as people wrote it into files (C2SP tlog-policy); never from the database that is to be checked. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Policy, parsePolicy } from '#audit/policy.ts'
import type { InstitutionId } from '#domain/words.ts'

/**
 * Reads `<institution>.policy`, again when it has changed; the same file gives the same policy.
 *
 * @returns a function that throws AuditError `policy-malformed`, or the file system's own error where there is no such file
 */
export function keptPolicies(dir: string): (institution: InstitutionId) => Promise<Policy> {
  const kept = new Map<InstitutionId, { readonly mark: string; readonly policy: Policy }>()
  return async (institution) => {
    const file = join(dir, `${institution}.policy`)
    const { mtimeMs, size, ino } = await stat(file)
    const mark = `${ino} ${mtimeMs} ${size}`
    const known = kept.get(institution)
    if (known?.mark === mark) return known.policy
    const policy = parsePolicy(await readFile(file, 'utf8'))
    kept.set(institution, { mark, policy })
    return policy
  }
}
