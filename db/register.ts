/** The register, applied whole. Without its history no old case could be explained (design 5). */
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { canonicalBytes } from '#audit/canonical.ts'
import type { Actor } from '#audit/entry.ts'
import { achievementDigest } from '#audit/package/achievement.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { areSealed, lacksSeal, sealEmitters } from '#db/emitters.ts'
import { readInstitution } from '#db/institution.ts'
import { linkPersons } from '#db/people.ts'
import {
  changes,
  closeItems,
  dated,
  opened,
  personsDigest,
  type RegisterChange,
  refuseErased,
  refuseFrozen,
  registerDigest,
  storeItems,
} from '#db/register-changes.ts'
import { touchedCases } from '#db/register-effects.ts'
import { RegisterError } from '#db/register-error.ts'
import { achievementItemId, type RegisterToApply } from '#db/register-items.ts'
import { applyReferences } from '#db/register-references.ts'
import { factsChanged, type Rejudged, rejudge } from '#db/rejudge.ts'
import { institution } from '#db/schema/register.ts'
import type { Achievement } from '#domain/register.ts'
import type { CaseId } from '#domain/words.ts'

export interface AppliedRegister {
  /** Revision in force now; the same as before when nothing changed. */
  readonly revision: number
  readonly changed: readonly RegisterChange[]
  /** Running cases that are judged again because of it. */
  readonly rejudged: readonly CaseId[]
}

/**
 * Applies a whole, validated register in one transaction as `bevis_api`. What is no longer in it is no longer in force; every
 * former version stays; so does what a person declared through the API. A second application changes nothing. The entry
 * `register.applied/1` goes into the institution's trail, and running cases that stand on something changed are judged again.
 *
 * @throws RegisterError, with nothing changed
 */
export function applyRegister(
  db: Db,
  register: RegisterToApply,
  { by }: { readonly by: Actor },
): Promise<AppliedRegister> {
  return inInstitution(db, register.institution.id, (tx) => applyRegisterIn(tx, register, { by }))
}

/** The same inside a transaction of the register's institution. */
export async function applyRegisterIn(
  tx: Tx,
  register: RegisterToApply,
  { by }: { readonly by: Actor },
): Promise<AppliedRegister> {
  const before = await lockInstitution(tx, register)
  const items = register.items.map((item) => dated(tx, item))
  await refuseFrozen(tx, items)
  await refuseErased(tx, items)
  const changed = await changes(tx, items)
  const referred = await applyReferences(tx, register.references)
  const people = [...referred, ...(await linkPersons(tx, register.links, 'register'))]
  const isFirst = before.revision === 0
  const unsealed = (await lacksSeal(tx)) || !(await areSealed(tx))
  if (changed.length === 0 && people.length === 0 && !before.bodyChanged && !isFirst && !unsealed)
    return { revision: before.revision, changed, rejudged: [] }

  const revision = before.revision + 1
  await closeItems(tx, changed, revision)
  const added = opened(items, changed)
  await storeItems(tx, added, { revision, origin: 'register' })
  await tx.orm
    .update(institution)
    .set({ revision, body: register.institution.body })
    .where(eq(institution.institution, tx.institution))
  const rejudged = await rejudge(tx, await touchedCases(tx, { revision, changed, people }))
  const achievements = added.flatMap(({ item }) => (item.kind === 'achievement' ? [item.body as Achievement] : []))
  const reseals = unsealed || changed.some(({ kind }) => kind === 'emitter')
  await recordApplication(tx, { revision, changes: changed.length, by, achievements, rejudged, reseals })
  return { revision, changed, rejudged: rejudged.map(({ caseId }) => caseId) }
}

/** Makes the row when there is none and holds it: two applications at once happen one after the other. */
async function lockInstitution(
  tx: Tx,
  { institution: declared }: RegisterToApply,
): Promise<{ revision: number; bodyChanged: boolean }> {
  await tx.orm
    .insert(institution)
    .values({ institution: tx.institution, origin: declared.origin, trail: randomUUID(), body: declared.body })
    .onConflictDoNothing()
  const [row] = await tx.orm.select().from(institution).where(eq(institution.institution, tx.institution)).for('update')
  if (row === undefined) throw new Error('an institution was stored and then gone')
  if (row.origin !== declared.origin) throw new RegisterError('origin-changed', [row.origin, declared.origin])
  return { revision: row.revision, bodyChanged: textOf(row.body) !== textOf(declared.body) }
}

interface Application {
  readonly revision: number
  readonly changes: number
  readonly by: Actor
  /** Added or changed. */
  readonly achievements: readonly Achievement[]
  readonly rejudged: readonly Rejudged[]
  /** Emitters changed, or their seal is not theirs. */
  readonly reseals: boolean
}

async function recordApplication(tx: Tx, application: Application): Promise<void> {
  const { revision, changes: count, by, achievements, rejudged, reseals } = application
  const { trail } = await readInstitution(tx)
  const draft = {
    trail,
    id: `register:${revision}`,
    type: 'register.applied/1',
    actor: by,
    act: { meaning: 'apply', outcome: 'success' },
    data: { version: revision, changes: count, register: await registerDigest(tx), persons: await personsDigest(tx) },
  }
  await appendEntries(tx, [
    draft,
    ...(reseals ? [await sealEmitters(tx, by, { trail, revision })] : []),
    ...achievements.map((one) => publishedEntry(trail, one, { revision, by })),
    ...rejudged.map((one) => factsChanged(one, { actor: by, because: 'register-applied' })),
  ])
}

/** Since when there were these criteria: without it nobody could tell that they came before the assessment (audit-log §12, F3). */
function publishedEntry(
  trail: string,
  achievement: Achievement,
  { revision, by }: Pick<Application, 'revision' | 'by'>,
): EntryDraft {
  const { id, version } = achievement
  return {
    trail,
    id: `register:${revision}:${achievementItemId(id, version)}`,
    type: 'achievement.published/1',
    actor: by,
    act: { meaning: 'publish', outcome: 'success' },
    data: { achievement: id, achievementVersion: version, version: revision, digest: achievementDigest(achievement) },
  }
}

function textOf(body: unknown): string {
  return Buffer.from(canonicalBytes(body, { numbers: 'finite', nulls: 'allowed' })).toString()
}
