/** All acts of the signing worker. Whoever schedules a task may be a stranger, so each argument is checked for its shape first. */
import { ApplicationFailure } from '@temporalio/activity'
import { apart } from '#activities/apart.ts'
import type { SigningActivities, SignOutcome } from '#activities/contracts.ts'
import type { SigningDependencies } from '#activities/signing/dependencies.ts'
import { publishLists, revokeCredential } from '#activities/signing/revoke.ts'
import { signCases } from '#activities/signing/sign.ts'
import { namedSteps } from '#config/failpoints.ts'
import { listInstitutions } from '#db/client.ts'
import { as, type CaseId, type InstitutionId } from '#domain/words.ts'

/** @param dependencies database open as `bevis_signing`, the key store, the public address */
export function signingActivities(dependencies: SigningDependencies): SigningActivities {
  const signAll = apart<SignOutcome>(
    (list) => signCases(dependencies, list),
    (caseId) => ({ caseId, outcome: 'alone', credentials: [] }),
  )
  return namedSteps({
    sign: async (list) => {
      const signed = await signAll(askedFor(list))
      // A list nobody has seen yet is published with its first credential: a verifier must find it.
      if (signed.some(({ outcome }) => outcome === 'signed')) await publishLists(dependencies, list.institution)
      return signed
    },
    revoke: (request) => revokeCredential(dependencies, requestOf(request)),
    publishStatusLists: (institution) => publishLists(dependencies, slug(institution)),
    institutions: () => listInstitutions(dependencies.db),
  })
}

/** At most a cohort (contracts §6). */
const most = 200

function askedFor(list: unknown): { institution: InstitutionId; cases: readonly CaseId[] } {
  const { institution, cases } = record(list)
  if (!Array.isArray(cases) || cases.length === 0 || cases.length > most) throw refusal('cases')
  return { institution: slug(institution), cases: [...new Set(cases.map(caseIdOf))] }
}

function requestOf(request: unknown): { institution: InstitutionId; revocationId: string } {
  const { institution, revocationId } = record(request)
  if (typeof revocationId !== 'string' || !/^[a-z0-9_]{1,80}$/.test(revocationId)) throw refusal('revocationId')
  return { institution: slug(institution), revocationId }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw refusal('argument')
  return { ...value }
}

function slug(value: unknown): InstitutionId {
  if (typeof value !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(value)) throw refusal('institution')
  return as<InstitutionId>(value)
}

function caseIdOf(value: unknown): CaseId {
  if (typeof value !== 'string' || !/^case_[a-z2-7]{20,40}$/.test(value)) throw refusal('case id')
  return as<CaseId>(value)
}

function refusal(what: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`not a ${what}`, 'ArgumentRefused')
}
