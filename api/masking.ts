/** What nobody is shown of a protected person: name, identifiers, and what tells where to find them. Without one page each view would mask as it liked. */
import type { Tx } from '#db/client.ts'
import { readInstitution, referenceSchemesOf } from '#db/institution.ts'
import { resolveReferences } from '#db/people.ts'
import { referencesInBytes } from '#db/person-traces.ts'
import { isProtected } from '#db/protection.ts'
import type { PersonId } from '#domain/words.ts'
import type { Caller } from './identity.ts'
import { Problem } from './problem.ts'

/** Stands where something is masked; no offering may be called so. */
const masked = '***'

/** The offering, its occasion and its group tell where and when somebody is to be met. */
export function maskedPlace<View extends Place>(view: View): View {
  const { occasion: _, group: __, ...rest } = view
  return { ...rest, offering: masked } as View
}

interface Place {
  readonly offering: string
  readonly occasion?: string | undefined
  readonly group?: string | undefined
}

/**
 * Before something is shown as it came. A privacy officer may see it, and the purpose is logged with the look.
 * @throws Problem `protected_identity`
 */
export async function demandOpen(tx: Tx, caller: Caller, persons: readonly PersonId[]): Promise<void> {
  if (!caller.roles.includes('privacy') && (await isProtected(tx, persons))) throw new Problem('protected_identity')
}

/**
 * The same for bytes as they came, which need not be an event: beside the references in it, every word in quotes is looked up as one of
 * each kind that the institution knows. @throws Problem `protected_identity`
 */
export async function demandOpenBytes(tx: Tx, caller: Caller, payload: Uint8Array): Promise<void> {
  const words = [...new Set(Buffer.from(payload).toString().match(quoted) ?? [])].slice(0, mostWords)
  const schemes = referenceSchemesOf(await readInstitution(tx))
  const named = await resolveReferences(tx, [
    ...referencesInBytes(payload),
    ...words.flatMap((word) => schemes.map((scheme) => ({ scheme, value: word.slice(1, -1) }))),
  ])
  await demandOpen(tx, caller, [...named.values()])
}

const quoted = /"[!#-[\]-~]{3,200}"/g
/** An event has some dozens. */
const mostWords = 1_000
