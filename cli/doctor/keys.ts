/** Signing keys: readable by the signing process, and by nobody else. */
import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readSigningSecret } from '#config/secrets.ts'
import { type Answer, type Check, failed, ok, skipped } from './check.ts'
import type { Patient } from './patient.ts'

const othersMayRead = 0o077

export function keyCheck({ process: name, keysDir, signingSecret }: Patient): Check {
  return {
    id: 'signing keys',
    ask: async () => {
      if (keysDir === undefined || signingSecret === undefined)
        return name === 'signing' || name === 'keys'
          ? failed('no key folder or no secret is named', 'set BEVIS_SIGNING_KEYS_DIR and BEVIS_SIGNING_SECRET_FILE')
          : ok(`${name} knows of none, as it should be`)
      return judgeKeys(keysDir, signingSecret)
    },
  }
}

function judgeKeys(keysDir: string, secretFile: string): Answer {
  const unreadable = [keysDir, secretFile].find((path) => !isReadable(path))
  if (unreadable !== undefined)
    return failed(
      `${unreadable} cannot be read`,
      'run this as the user of the signing process, or mend owner and rights',
    )
  readSigningSecret(secretFile)
  const files = readdirSync(keysDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const open = [secretFile, ...files].filter((path) => (statSync(path).mode & othersMayRead) !== 0)
  if (open.length > 0) return failed(`others can read ${open.join(', ')}`, `chmod go= ${open.join(' ')}`)
  return files.length === 0
    ? skipped('none yet; the signing process makes an institution’s first')
    : ok(`${files.length} files, readable by their owner alone`)
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
