/** The one reader of the environment: without it a wrong address would show as a strange error hours later, in another room. */
import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { type Config, given, ownersOf, type ProcessName } from './given.ts'
import { unfitForProduction } from './production.ts'
import { type FieldName, fields, passwordFile, passwordSetting } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads and checks everything `name` needs from the environment. An empty variable counts as absent.
 * @throws ConfigError `config/invalid` listing *every* problem: which variable, what is wrong, how to mend it.
 */
export function readConfig<P extends ProcessName>(name: P, environment: Environment = process.env): Config<P> {
  const problems: ConfigProblem[] = []
  const values: Record<string, unknown> = { process: name }
  for (const field of given[name]) {
    const { variable, schema, mend } = fields[field]
    const text = environment[variable] || undefined
    const result = name === 'cli' ? schema.optional().safeParse(text) : schema.safeParse(text)
    if (!result.success) problems.push({ variable, what: whatIsWrong(text, result.error), mend })
    else if (result.data !== undefined) values[field] = result.data
  }
  if (typeof values['databaseUrl'] === 'string')
    values['databaseUrl'] = withPassword(values['databaseUrl'], environment, problems)
  problems.push(...carriedForeign(name, environment))
  if (values['env'] === 'production') problems.push(...unfitForProduction(values, name, environment[passwordFile]))
  if (problems.length > 0) throw new ConfigError(name, problems)
  return values as Config<P>
}

/** The environment as it is, over what a checkout's own stack says: so a command works there without anyone setting variables. */
export function environmentOver(fallback: Environment, environment: Environment = process.env): Environment {
  const set = Object.entries(environment).filter(
    ([name, value]) => /^(BEVIS|OTEL)_/.test(name) && name !== 'BEVIS_STACK_DIR' && value !== '',
  )
  return { ...fallback, ...Object.fromEntries(set) }
}

/** Where the development stack of this checkout keeps its things, if somebody moved it (`BEVIS_STACK_DIR`). */
export function movedStackFolder(environment: Environment = process.env): string | undefined {
  return environment['BEVIS_STACK_DIR'] || undefined
}

/** Whether whoever looks at the terminal has asked for plain text (no-color.org). */
export function wantsNoColour(environment: Environment = process.env): boolean {
  return (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb'
}

/** The variables a process takes, for tests that hold deployments against this file. */
export function variablesOf(name: ProcessName): { readonly required: string[]; readonly optional: string[] } {
  const taken = given[name].map((field) => fields[field])
  const isOptional = (field: (typeof taken)[number]) => name === 'cli' || field.schema.safeParse(undefined).success
  return {
    required: taken.filter((field) => !isOptional(field)).map((field) => field.variable),
    optional: [
      ...taken.filter(isOptional).map((field) => field.variable),
      ...(takesDatabase(name) ? [passwordFile] : []),
    ],
  }
}

/** One variable as a process would take it; for people who look, so secrets in it are masked. */
export interface ExplainedSetting {
  readonly variable: string
  /** Where the value comes from; `unset` where it may be left out and has no default. */
  readonly source: 'environment' | 'default' | 'unset' | 'missing'
  /** Text as given, or the default; never a password or token. */
  readonly value?: string
  readonly required: boolean
  /** What belongs there. */
  readonly says: string
  readonly problem?: string
}

/**
 * All variables that `name` takes, with value, source and meaning, also where {@link readConfig} would refuse them. `problems` has
 * every fault, those of variables it must not be given too.
 */
export function explainConfig(
  name: ProcessName,
  environment: Environment = process.env,
): { readonly settings: readonly ExplainedSetting[]; readonly problems: readonly ConfigProblem[] } {
  const problems = problemsOf(name, environment)
  const taken = [...given[name].map((field) => fields[field]), ...(takesDatabase(name) ? [passwordSetting] : [])]
  const settings = taken.map((field): ExplainedSetting => {
    const { variable, schema, mend } = field
    const text = environment[variable] || undefined
    const fallback = schema.safeParse(undefined)
    const required = name !== 'cli' && !fallback.success
    const byDefault = fallback.success && fallback.data !== undefined ? String(fallback.data) : undefined
    const value = text === undefined ? byDefault : 'isSecret' in field ? '***' : masked(text)
    const absent = byDefault !== undefined ? 'default' : required ? 'missing' : 'unset'
    const problem = problems.find((one) => one.variable === variable)?.what
    return {
      variable,
      source: text === undefined ? absent : 'environment',
      ...(value === undefined ? {} : { value }),
      required,
      says: mend,
      ...(problem === undefined ? {} : { problem }),
    }
  })
  return { settings, problems }
}

function problemsOf(name: ProcessName, environment: Environment): readonly ConfigProblem[] {
  try {
    readConfig(name, environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

function takesDatabase(name: ProcessName): boolean {
  const names: readonly FieldName[] = given[name]
  return names.includes('databaseUrl')
}

/** Credentials inside addresses: everything before the `@`, but for a user's name where a password follows it, and such parameters. */
function masked(text: string): string {
  return text
    .replace(/\/\/([^/@:]*):[^/]*@/, '//$1:***@')
    .replace(/\/\/[^/@:]*@/, '//***@')
    .replaceAll(/([?&](?:[a-z_]*password|token)=)[^&#]*/gi, '$1***')
}

function whatIsWrong(text: string | undefined, error: z.ZodError): string {
  if (text === undefined) return 'is missing'
  return error.issues[0]?.message ?? 'is not valid'
}

/** The address with the password of its file, for who looks and must not fail: as it is where the file cannot be read. */
export function withDatabasePassword(databaseUrl: string, environment: Environment): string {
  return withPassword(databaseUrl, environment, [])
}

function withPassword(databaseUrl: string, environment: Environment, problems: ConfigProblem[]): string {
  const path = environment[passwordFile]
  if (!path) return databaseUrl
  const url = new URL(databaseUrl)
  const wrong = (what: string, mend: string) => problems.push({ variable: passwordFile, what, mend })
  if (url.password !== '') wrong('comes beside a password in the URL', 'give the password in one place')
  try {
    url.password = encodeURIComponent(readFileSync(path, 'utf8').trim())
  } catch {
    wrong('cannot be read', 'check that the file exists and this user may read it')
  }
  return url.href
}

/** A process that carries the signing secret could sign: refused, so that a copied unit file cannot widen authority. */
function carriedForeign(name: ProcessName, environment: Environment): ConfigProblem[] {
  return Object.entries(ownersOf)
    .map(([field, owners]) => ({ variable: fields[field as FieldName].variable, owners }))
    .filter(({ variable, owners }) => !owners.includes(name) && environment[variable])
    .map(({ variable, owners: [owner = ''] }) => {
      return { variable, what: `must not reach ${name}`, mend: `give it to the ${owner} process alone` }
    })
}
