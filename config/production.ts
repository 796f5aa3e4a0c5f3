/** What is convenient while developing and dangerous where credentials are real; without it a copied setting would go unseen. */
import { statSync } from 'node:fs'

/** Why an address the world is told must not stand in production, or undefined. */
export function unfitAddress(text: string): { readonly what: string; readonly mend: string } | undefined {
  const url = URL.parse(text)
  if (url !== null && isThisMachine(url.hostname))
    return { what: 'names this machine alone', mend: 'give the address that others reach it under' }
  if (url?.protocol !== 'https:') return { what: 'is not https in production', mend: 'put a TLS certificate in front' }
  return undefined
}

function isThisMachine(host: string): boolean {
  return /^(?:.+\.)?localhost\.?$|^127\.|^\[::1\]$|^0\.0\.0\.0$|^\[::\]$/.test(host)
}

/** Whether everybody on the machine may read or change the file; one that is not there is told by whoever reads it. */
export function isOpenToAll(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && (found.mode & 0o007) !== 0
}
