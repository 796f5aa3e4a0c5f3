/** The institution's own row: its log's origin and its own trail, without which nothing could be written in its name. */
import { eq } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { institution } from '#db/schema/register.ts'
import { defaultInstitutionType, type InstitutionType } from '#domain/erasure.ts'
import type { LoaPolicy } from '#domain/policy/loa.ts'

export interface InstitutionRow {
  /** Origin of the log, `<host>/<institution>`; never changes. */
  readonly origin: string
  /** Trail for what concerns no single case: register, keys, who looked. */
  readonly trail: string
  /** Register revision in force. */
  readonly revision: number
  /** The institution as the register declares it. */
  readonly body: unknown
}

/** The row of this transaction's institution; undefined before the register was first applied. */
export async function findInstitution(tx: Tx): Promise<InstitutionRow | undefined> {
  const [row] = await tx.orm
    .select({
      origin: institution.origin,
      trail: institution.trail,
      revision: institution.revision,
      body: institution.body,
    })
    .from(institution)
    .where(eq(institution.institution, tx.institution))
  return row
}

/** No register has been applied for the institution, so it has no log to write to. */
export class UnknownInstitution extends Error {
  readonly code = 'unknown-institution'
}

/** @throws UnknownInstitution */
export async function readInstitution(tx: Tx): Promise<InstitutionRow> {
  const row = await findInstitution(tx)
  if (row === undefined) throw new UnknownInstitution(`no register has been applied for ${tx.institution}`)
  return row
}

/** @returns the revision in force, which stays so until the transaction ends */
export async function lockRegister(tx: Tx): Promise<number> {
  const [row] = await tx.orm
    .select({ revision: institution.revision })
    .from(institution)
    .where(eq(institution.institution, tx.institution))
    .for('update')
  if (row === undefined) throw new Error('an institution without a register')
  return row.revision
}

/** What the institution chose around the LoA table; its shape was checked when the register was applied. */
export function loaPolicyOf(row: InstitutionRow | undefined): LoaPolicy {
  return (row?.body as { readonly loaPolicy?: LoaPolicy } | undefined)?.loaPolicy ?? {}
}

/** How the institution's archive duty is read before anything is erased (domain/erasure.ts). */
export function institutionTypeOf(row: InstitutionRow | undefined): InstitutionType {
  return (row?.body as { readonly type?: InstitutionType } | undefined)?.type ?? defaultInstitutionType
}

/** Kinds of references the institution declares; what somebody typed, or wrote, is looked up under each. */
export function referenceSchemesOf({ body }: InstitutionRow): string[] {
  const { referenceSchemes = [] } = body as { readonly referenceSchemes?: readonly { readonly id: string }[] }
  return referenceSchemes.map(({ id }) => id)
}

/** True where every credential of the institution is a TEST; the register's own check holds its achievements to it. */
export function isSandbox(row: InstitutionRow | undefined): boolean {
  return (row?.body as { readonly sandbox?: boolean } | undefined)?.sandbox === true
}
