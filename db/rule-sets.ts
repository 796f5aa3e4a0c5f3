/**
 * The rules of the day, kept once under the digest of their JCS bytes, for every case that was frozen on them (design 5). Kept with
 * each case and with each verdict, they would be nine tenths of all that is written.
 */
import { and, eq, sql } from 'drizzle-orm'
import { canonicalBytes, shareText } from '#audit/canonical.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { among, list, type Tx } from '#db/client.ts'
import { ruleSet } from '#db/schema/cases.ts'
import type { Profiles } from '#domain/policy/profile.ts'
import type { Achievement } from '#domain/register.ts'

/** What a case is judged by from `open` on. */
export interface Rules {
  readonly achievement: Achievement
  readonly profiles: Profiles
}

/** Rules that a case or a verdict names are not there, or are others than their digest says: nothing can be judged by them. */
export class RulesGone extends Error {
  readonly code = 'rules-gone'
}

/** Digests of rules in use, by the objects themselves: a cohort asks for the same ones thousands of times. */
const digests = new WeakMap<Achievement, WeakMap<Profiles, string>>()

/** base64url of the SHA-256 of the JCS bytes. */
export function rulesDigest({ achievement, profiles }: Rules): string {
  const before = digests.get(achievement)?.get(profiles)
  if (before !== undefined) return before
  const digest = b64url(sha256(rulesBytes({ achievement, profiles })))
  const ofAchievement = digests.get(achievement) ?? new WeakMap<Profiles, string>()
  digests.set(achievement, ofAchievement.set(profiles, digest))
  return digest
}

/** JCS bytes, whose SHA-256 is the digest. */
export function rulesBytes({ achievement, profiles }: Rules): Uint8Array {
  return canonicalBytes({ achievement, profiles }, { numbers: 'finite' })
}

/**
 * Keeps each under its digest; what is kept already stays. Asked of the database each time: what a process remembers may have been
 * taken back, by a transaction that failed or by an older copy that was restored.
 */
export async function keepRules(tx: Tx, rules: readonly Rules[]): Promise<void> {
  const wanted = new Map(rules.map((one) => [rulesDigest(one), one]))
  if (wanted.size === 0) return
  const kept = await tx.execute<{ digest: string }>(sql`
    select digest from rule_set where institution = ${tx.institution} and digest = any(${list([...wanted.keys()])}::text[])`)
  for (const { digest } of kept) wanted.delete(digest)
  if (wanted.size === 0) return
  const texts = [...wanted.values()].map((one) => Buffer.from(rulesBytes(one)).toString())
  await tx.execute(sql`
    insert into rule_set (institution, digest, body)
    select ${tx.institution}, u.digest, u.body::jsonb from unnest(${list([...wanted.keys()])}::text[], ${list(texts)}::text[]) as u(digest, body)
    on conflict do nothing`)
}

/** Digests of kept rules whose text is not what they are the digest of; whether anything is judged by them or not. */
export async function differingRules(tx: Tx): Promise<string[]> {
  const rows = await tx.orm
    .select({ digest: ruleSet.digest, body: ruleSet.body })
    .from(ruleSet)
    .where(eq(ruleSet.institution, tx.institution))
  return rows.filter(({ digest, body }) => digestOfBody(body) !== digest).map(({ digest }) => digest)
}

/** Undefined for what no rules can be, however it came there. */
function digestOfBody(body: unknown): string | undefined {
  try {
    return b64url(sha256(canonicalBytes(body, { numbers: 'finite', nulls: 'allowed' })))
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

/** Rules read before, by institution and digest. Under one digest there can only be the same, so they never grow old. */
const known = new Map<string, Rules>()
const mostKnown = 256

/** The rules under these digests, one object for each. @throws RulesGone when some are not there, or do not have their digest */
export async function readRules(tx: Tx, wanted: readonly string[]): Promise<ReadonlyMap<string, Rules>> {
  const names = [...new Set(wanted)]
  const found = new Map(
    names.flatMap((digest) => {
      const rules = known.get(nameOf(tx, digest))
      return rules === undefined ? [] : [[digest, rules] as const]
    }),
  )
  const unread = names.filter((digest) => !found.has(digest))
  for (const [digest, rules] of await stored(tx, unread)) {
    remember(nameOf(tx, digest), rules)
    found.set(digest, rules)
  }
  const gone = unread.find((digest) => !found.has(digest))
  if (gone !== undefined) throw new RulesGone(gone)
  return found
}

async function stored(tx: Tx, wanted: readonly string[]): Promise<(readonly [string, Rules])[]> {
  if (wanted.length === 0) return []
  const rows = await tx.orm
    .select({ digest: ruleSet.digest, body: ruleSet.body })
    .from(ruleSet)
    .where(and(eq(ruleSet.institution, tx.institution), among(ruleSet.digest, [...wanted])))
  return rows.map(({ digest, body }) => {
    const { achievement, profiles } = body as Rules
    const rules = { achievement: shareText(achievement), profiles: shareText(profiles) }
    if (rulesDigest(rules) !== digest) throw new RulesGone(digest)
    return [digest, rules] as const
  })
}

function remember(name: string, rules: Rules): void {
  known.set(name, rules)
  const [oldest] = known.keys()
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
}

/** One institution's rules are not found under another's name, though they be the same. */
function nameOf({ institution }: Tx, digest: string): string {
  return `${institution} ${digest}`
}
