/** Whose cases are meant; without it everybody with one institution would type its name every time. */
import { as, type InstitutionId } from '#domain/words.ts'
import { usage } from './cli-error.ts'
import type { Settings } from './settings.ts'

export const institutionOption = {
  institution: { value: '<id>', says: 'which institution (needed where there are several)' },
} as const

/** The one named, or the only one there is; a sandbox is meant only where there is no other. @throws CliError `usage/institution` */
export async function institutionOf(named: string | undefined, settings: Settings): Promise<InstitutionId> {
  if (named !== undefined) {
    if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(named)) return as<InstitutionId>(named)
    throw usage('institution', 'that is no institution id', 'give the id of institution.json, for instance norrsken')
  }
  const known = await knownInstitutions(settings)
  const [only, ...more] = known
  if (only === undefined) {
    const mend = 'add --institution <id>, or apply a register first: bevis registry apply <folder>'
    throw usage('institution', 'no institution is named', mend)
  }
  if (more.length > 0)
    throw usage('institution', `there are ${known.length}`, `add --institution, one of ${known.join(', ')}`)
  return only
}

/** Those with a register that is in earnest, or else all. None where no database is within reach; the client is loaded only then, because most commands never need it. */
async function knownInstitutions(settings: Settings): Promise<InstitutionId[]> {
  const { databaseUrl, secretsFile } = settings.config
  if (databaseUrl === undefined || secretsFile === undefined) return []
  const [{ withDatabase }, { inInstitution, listInstitutions }, { findInstitution, isSandbox }] = await Promise.all([
    import('./database.ts'),
    import('#db/client.ts'),
    import('#db/institution.ts'),
  ])
  return withDatabase(settings, async (db) => {
    const all = await listInstitutions(db)
    const sandboxes = new Set<InstitutionId>()
    for (const institution of all)
      if (isSandbox(await inInstitution(db, institution, findInstitution))) sandboxes.add(institution)
    return sandboxes.size === all.length ? all : all.filter((institution) => !sandboxes.has(institution))
  })
}
