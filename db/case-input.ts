/** What gates judge, collected anew each time. Without one collector two gates could judge two different cases under one id. */
import { shareText } from '#audit/canonical.ts'
import { base32 } from '#audit/digest.ts'
import { approvalsOf } from '#db/approvals.ts'
import { type CaseRow, caseRows, lockCases } from '#db/cases.ts'
import { databaseNow, type Tx } from '#db/client.ts'
import { referenceDigest } from '#db/crypto.ts'
import { type EvidenceRow, evidenceAbout } from '#db/evidence.ts'
import { humansOf } from '#db/humans.ts'
import { eventKey, evidenceId } from '#db/ids.ts'
import { isReadFor } from '#db/joining.ts'
import { referenceKey, resolveReferences } from '#db/people.ts'
import { profilesInForce } from '#db/profiles.ts'
import { achievementItemId } from '#db/register-items.ts'
import { latestPublished, readItemsById } from '#db/register-read.ts'
import { readDeclared, registerViews } from '#db/register-view.ts'
import type { Rules } from '#db/rule-sets.ts'
import type { CaseInput } from '#domain/case.ts'
import type { Evidence } from '#domain/evidence.ts'
import { levels } from '#domain/policy/levels.ts'
import type { Achievement } from '#domain/register.ts'
import type { CaseId, Loa, PersonId } from '#domain/words.ts'
import type { IncomingEvent } from '#events/catalogue.ts'
import type { PersonRef } from '#events/fields.ts'
import { actorsOf, toEvidence } from '#events/to-evidence.ts'

/** Levels of assurance as intake credited them, in the order in which the event holds its logins. */
export interface Credits {
  readonly credits: readonly { readonly loa: Loa; readonly table: string }[]
}

/**
 * The input of each case, in the order asked for; unknown cases are left out. Everything is read as it stands: facts not taken
 * back, references resolved now, the register in force. Frozen rules are used once there are any. With `lock` the cases stay
 * locked until the transaction ends.
 */
export async function collectInputs(
  tx: Tx,
  ids: readonly CaseId[],
  options: { readonly lock?: boolean } = {},
): Promise<CaseInput[]> {
  const rows = await (options.lock === true ? lockCases : caseRows)(tx, ids)
  if (rows.length === 0) return []
  // Asked for at once: the answers come one after the other, without a way to the database and back for each.
  const [facts, approvals, rules, declared] = await Promise.all([
    factsOf(tx, rows),
    approvalsOf(tx, ids),
    rulesOf(tx, rows),
    readDeclared(tx),
  ])
  const personsOf = (row: CaseRow) => [
    row.person,
    ...(facts.get(row.id) ?? []).flatMap((fact) => fact.persons),
    ...(approvals.get(row.id) ?? []).map((approval) => approval.person),
  ]
  const [register, now] = await Promise.all([registerViews(tx, declared, rows.flatMap(personsOf)), databaseNow(tx)])
  return rows.map((row) => {
    const rule = ruleOf(rules, row)
    return {
      case: caseOf(tx, row),
      ...rule,
      evidence: (facts.get(row.id) ?? []).map((fact) => fact.evidence),
      // Only whom this case names: its stored input tells nothing of the others in the list.
      register: register.view(personsOf(row), [rule.achievement.id]),
      approvals: approvals.get(row.id) ?? [],
      now,
    }
  })
}

function caseOf(tx: Tx, row: CaseRow): CaseInput['case'] {
  return {
    id: row.id,
    institution: tx.institution,
    learner: row.person,
    offering: row.offering,
    attempt: row.attempt,
    ...(row.occasion === undefined ? {} : { occasion: row.occasion }),
    openedAt: row.openedAt,
    promised: row.promised,
    evidenceVersion: row.evidenceVersion,
  }
}

export interface ParsedFact {
  readonly evidence: Evidence
  /** Everybody known who acts in it. */
  readonly persons: readonly PersonId[]
}

/** Facts per case in id order: their own and the learner's teaching elsewhere, with everybody resolved now. */
export async function factsOf(tx: Tx, rows: readonly CaseRow[]): Promise<Map<CaseId, ParsedFact[]>> {
  const humans = await humansOf(
    tx,
    rows.map((row) => row.person),
  )
  const isAbout = (row: CaseRow, person: PersonId) => humans.get(row.person)?.includes(person) === true
  const stored = await evidenceAbout(tx, {
    persons: [...new Set([...humans.values()].flat())],
    keep: (fact) => fact.kind !== 'withdrawal' && rows.some((row) => isAbout(row, fact.person) && isReadFor(fact, row)),
  })
  const parsed = await parse(tx, stored)
  return new Map(
    rows.map((row) => [
      row.id,
      stored.flatMap((fact) => {
        const known = parsed.get(fact)
        return known !== undefined && isAbout(row, fact.person) && isReadFor(fact, row) ? [known] : []
      }),
    ]),
  )
}

/** From stored events to facts, with everybody in them resolved at once. */
async function parse(tx: Tx, stored: readonly EvidenceRow[]): Promise<Map<EvidenceRow, ParsedFact>> {
  const eventOf = (fact: EvidenceRow) => fact.body.event as unknown as IncomingEvent
  const known = await resolveReferences(
    tx,
    stored.flatMap((fact) => actorsOf(eventOf(fact))),
  )
  const tag = (ref: PersonRef) => base32(referenceDigest(tx.keys, tx.institution, ref).subarray(0, 10))
  return new Map(
    stored.map((fact) => {
      const event = eventOf(fact)
      const persons = new Set<PersonId>()
      const credits = [...((fact.body.computed as unknown as Credits).credits ?? [])]
      const evidence = toEvidence(event, {
        id: fact.id,
        source: fact.source,
        resolve: (ref) => {
          const person = known.get(referenceKey(ref))
          if (person !== undefined) persons.add(person)
          return person
        },
        tag,
        // What intake credited stays: a later table never rewrites what was known at the occasion (design 5).
        creditLogin: () => credits.shift() ?? nothingCredited,
        evidenceOf: (id) => evidenceId(eventKey(tx.institution, event.source, id)),
      })
      return [fact, { evidence, persons: [...persons] }]
    }),
  )
}

const nothingCredited = { loa: 0, table: 'none' } as const

interface InForce {
  readonly versions: ReadonlyMap<string, Achievement>
  readonly latest: ReadonlyMap<string, Achievement>
  readonly current: Rules['profiles']
}

/** The rules in force, for cases that have not been frozen yet. */
async function rulesOf(tx: Tx, rows: readonly CaseRow[]): Promise<InForce> {
  const open = rows.filter((row) => row.frozen === undefined)
  const ids = open.map((row) => achievementItemId(row.achievement, row.achievementVersion))
  return {
    versions: await readItemsById(tx, 'achievement', ids),
    latest:
      open.length === 0
        ? new Map()
        : await latestPublished(
            tx,
            open.map((row) => row.achievement),
          ),
    current: open.length === 0 ? levels : await profilesInForce(tx),
  }
}

/** An achievement that left the register after the event came in. */
export class AchievementGone extends Error {
  readonly code = 'achievement-gone'
}

function ruleOf(rules: InForce, row: CaseRow): Rules {
  if (row.frozen !== undefined) return row.frozen
  const achievement =
    rules.versions.get(achievementItemId(row.achievement, row.achievementVersion)) ?? rules.latest.get(row.achievement)
  if (achievement === undefined) throw new AchievementGone(row.achievement)
  return { achievement: shareText(achievement), profiles: shareText(rules.current) }
}
