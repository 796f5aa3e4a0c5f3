/** What is convenient while developing and dangerous where credentials are real; without it a copied setting would go unseen. */
import { statSync } from 'node:fs'
import type { ConfigProblem } from './config-error.ts'
import { given, type ProcessName } from './given.ts'
import { type FieldName, fields, passwordFile } from './settings.ts'

const wellKnownPasswords = ['', 'postgres', 'password', 'changeme', 'secret', 'bevis', 'temporal', 'admin', 'test']

const secretFiles = [
  'secretsFile',
  'signingSecretFile',
  'natsSeedFile',
  'tokenFile',
  'witnessKeyFile',
  'witnessMlDsaKeyFile',
] as const

/** What of the settings read (`values`, by field) must not be so where credentials are real. `password`: the file of the database's. */
export function unfitForProduction(
  values: Record<string, unknown>,
  name: ProcessName,
  password: string | undefined,
): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  for (const field of ['publicUrl', 'oidcIssuer'] as const) {
    const { variable } = fields[field]
    const url = values[field]
    const unfit = typeof url === 'string' ? unfitAddress(url) : undefined
    if (unfit !== undefined) problems.push({ variable, ...unfit })
  }
  const files: readonly [string, unknown][] = [
    ...secretFiles.map((field) => [fields[field].variable, values[field]] as [string, unknown]),
    [passwordFile, password],
  ]
  for (const [variable, file] of files)
    if (typeof file === 'string' && file !== '' && isOpenToAll(file))
      problems.push({ variable, what: 'names a file that everybody may read', mend: 'chmod o= the file' })
  if (values['failpointsDir'] !== undefined)
    problems.push({
      variable: fields.failpointsDir.variable,
      what: 'lets whoever writes to that folder kill the process',
      mend: 'leave it out; it is for tests',
    })
  const url = values['databaseUrl']
  if (typeof url === 'string' && wellKnownPasswords.includes(decodeURIComponent(new URL(url).password)))
    problems.push({
      variable: fields.databaseUrl.variable,
      what: 'has no password or a well-known one',
      mend: 'give each role a random password of its own',
    })
  const named: readonly FieldName[] = given[name]
  if (name !== 'cli' && named.includes('natsSeedFile') && values['natsSeedFile'] === undefined)
    problems.push({
      variable: fields.natsSeedFile.variable,
      what: 'is missing; in production every process has its own NATS identity',
      mend: fields.natsSeedFile.mend,
    })
  return problems
}

/** Why an address the world is told must not stand in production, or undefined. */
function unfitAddress(text: string): { readonly what: string; readonly mend: string } | undefined {
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
function isOpenToAll(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && (found.mode & 0o007) !== 0
}
