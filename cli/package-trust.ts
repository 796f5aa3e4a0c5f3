/** What a verifier brings to a package, from files of their own. */

import { z } from 'zod'
import { AuditError } from '#audit/errors.ts'
import { type PackageProfile, packageProfiles } from '#audit/package/profiles.ts'
import { parsePolicy } from '#audit/policy.ts'
import { judgeBy, readTrustedTsa } from '#connectors/time-stamp/verify.ts'
import { packageChecks, trailChecks } from '#verifier/report.ts'
import type { Trust } from '#verifier/trust.ts'
import { CliError, usage } from './cli-error.ts'
import { readInput, readJsonInput } from './input.ts'

export interface TrustValues {
  readonly policy?: string
  readonly tsa?: string
  readonly at?: string
  readonly disclosures?: string
  readonly profile?: string
  readonly without?: string
}

/** @param now RFC 3339; what claims to be younger is a lie. @throws CliError for files that are none of theirs, and `usage/policy` without a policy */
export function readTrust(values: TrustValues, now: string): Trust {
  const { policy, tsa, at, disclosures, profile, without } = values
  if (policy === undefined) {
    const mend = 'give --policy <file>: the logs and witnesses you trust, got from elsewhere than the package'
    throw usage('policy', 'an audit package is judged by a policy of your own', mend)
  }
  return {
    policy: policyIn(policy),
    at: at === undefined ? now : momentIn(at),
    ...(tsa === undefined ? {} : { stamp: judgeBy(readTrustedTsa(readInput(tsa))) }),
    ...(disclosures === undefined ? {} : { disclosures: disclosuresIn(disclosures) }),
    ...(profile === undefined ? {} : { profile: profileIn(profile) }),
    ...(without === undefined ? {} : { without: checksIn(without) }),
  }
}

export function policyIn(file: string): Trust['policy'] {
  try {
    return parsePolicy(readInput(file))
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    const mend = 'give a C2SP tlog-policy: log, witness, group and quorum lines'
    throw new CliError({ exit: 'usage', code: 'verify/policy', what: `${file} is no policy (${error.message})`, mend })
  }
}

function momentIn(text: string): string {
  const time = Date.parse(text)
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time))
    throw usage('at', `--at ${text} is no time`, 'give a date or an RFC 3339 time, such as 2026-05-01T12:00:00Z')
  return new Date(time).toISOString()
}

const givenDisclosures = z.record(z.uuid(), z.record(z.string().regex(/^[1-9][0-9]{0,14}$/), z.array(z.string())))

function disclosuresIn(file: string): NonNullable<Trust['disclosures']> {
  const read = givenDisclosures.safeParse(readJsonInput(file))
  if (!read.success) {
    const mend = 'give {"<trail>": {"<n>": ["<disclosure>", …]}}, the inner part as in disclosures.json'
    throw new CliError({ exit: 'usage', code: 'verify/disclosures', what: `${file} holds no disclosures`, mend })
  }
  const trails = Object.entries(read.data).map(([trail, entries]) => [trail, numbered(entries)] as const)
  return new Map(trails)
}

function numbered(entries: Readonly<Record<string, readonly string[]>>): Map<number, readonly string[]> {
  return new Map(Object.entries(entries).map(([n, list]) => [Number(n), list]))
}

function profileIn(text: string): PackageProfile {
  const found = packageProfiles.find((one) => one === text)
  if (found === undefined) throw usage('profile', `${text} is no profile`, `give one of: ${packageProfiles.join(', ')}`)
  return found
}

function checksIn(text: string): ReadonlySet<string> {
  const known: readonly string[] = [...packageChecks, ...trailChecks]
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw usage('without', `${unknown} is no check`, `give some of: ${known.join(', ')}`)
  return new Set(names)
}
