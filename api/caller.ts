/** Who is calling, as the register knows them; without it a claim in a token could make anybody an officer (contracts §7). */
import type { AccessToken } from '#connectors/identity/access-token.ts'
import type { EntryDraft } from '#db/audit-log.ts'
import { actorRef } from '#db/audit-log.ts'
import { databaseNow, inInstitution, type Keys } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { findInstitution, loaPolicyOf } from '#db/institution.ts'
import { referenceKey, resolveReferences } from '#db/people.ts'
import { readItems } from '#db/register-read.ts'
import { creditLogin } from '#domain/policy/loa.ts'
import type { AppointedRole, Validity } from '#domain/register.ts'
import { as, type Instant, type InstitutionId } from '#domain/words.ts'
import type { CallerRole } from './access.ts'
import type { ApiDependencies } from './dependencies.ts'
import type { Caller } from './identity.ts'
import { Problem } from './problem.ts'

/** Scheme of the reference that a login's `sub` is. */
const scheme = 'oidc'
const roleOf: Readonly<Record<AppointedRole, CallerRole>> = {
  officer: 'officer',
  operator: 'operator',
  'privacy-officer': 'privacy',
  examiner: 'approver',
  'external-reviewer': 'approver',
  'decision-maker': 'approver',
}

/**
 * The person behind a token in one institution, with the roles the register gives them at the database's time.
 * @throws Problem `not_found` for an institution nobody registered, `role_required` for somebody its register does not know
 */
export async function findCaller(
  deps: ApiDependencies,
  institution: InstitutionId,
  token: AccessToken,
): Promise<Caller> {
  return inInstitution(deps.db, institution, async (tx) => {
    const reference = { scheme, value: token.sub }
    const [home, known, appointments, now] = await Promise.all([
      findInstitution(tx),
      resolveReferences(tx, [reference]),
      readItems(tx, 'appointment'),
      databaseNow(tx),
    ])
    if (home === undefined) throw new Problem('not_found')
    const person = known.get(referenceKey(reference))
    if (person === undefined) throw new Problem('role_required')
    const humans = (await humansOf(tx, [person])).get(person) ?? [person]
    const held = appointments.filter((one) => humans.includes(one.person) && holds(one, now))
    const appointed = [...new Set(held.map((one) => one.role))]
    const authTime = as<Instant>(token.authTime)
    const credited = creditLogin({ ...deps.login, acr: token.acr, authTime }, loaPolicyOf(home))
    return {
      person,
      humans,
      roles: [...new Set(appointed.map((role) => roleOf[role]))],
      appointed,
      loa: credited.loa,
      acr: token.acr,
      authTime,
    }
  })
}

function holds({ from, until }: Validity, now: Instant): boolean {
  return from <= now && (until === undefined || now < until)
}

/** The caller as an entry's actor: a pseudonym, the role acted in, and how the person was known (contracts §7). */
export function actorOf(
  caller: Caller,
  { keys, institution }: { readonly keys: Keys; readonly institution: InstitutionId },
  role: string,
): EntryDraft['actor'] {
  const seconds = Math.floor(Date.parse(caller.authTime) / 1000)
  const authn = { acr: caller.acr, auth_time: seconds }
  return { ref: actorRef(keys, institution, caller.person), kind: 'human', role, authn }
}

/** The role in which somebody keeps the register and what came in: operators and officers may. */
export function keeperRole({ roles }: Caller): string {
  return roles.includes('operator') ? 'operator' : 'officer'
}
