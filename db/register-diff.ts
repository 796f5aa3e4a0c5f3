/** What applying a register would change, told before it happens; without it the first look at a mistake would be its effect. */
import { and, eq, isNull } from 'drizzle-orm'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { findInstitution } from '#db/institution.ts'
import { changes, dated, erasedPersons, frozenAmong, type RegisterChange } from '#db/register-changes.ts'
import { RegisterError, type RegisterErrorCode } from '#db/register-error.ts'
import type { RegisterItem, RegisterToApply } from '#db/register-items.ts'
import { applyReferences } from '#db/register-references.ts'
import { registerItem } from '#db/schema/register.ts'

export interface FieldChange {
  /** RFC 6901, inside the item. */
  readonly pointer: string
  /** Absent: it was not there, or will not be. */
  readonly before?: unknown
  readonly after?: unknown
}

export interface ItemDiff extends RegisterChange {
  /** Of a changed item. What is personal about a person is never among them. */
  readonly fields: readonly FieldChange[]
  /** A person's name or birth date differs. */
  readonly personal: boolean
}

export interface RegisterConflict {
  readonly code: RegisterErrorCode
  readonly about: readonly string[]
}

export interface RegisterDiff {
  /** Revision in force; 0 before the first. */
  readonly revision: number
  /** What the institution says of itself. */
  readonly declaration: readonly FieldChange[]
  readonly items: readonly ItemDiff[]
  /** Persons who would get new references, or be known as one with another. */
  readonly people: readonly string[]
  /** What would be refused; nothing of the register would then be applied. */
  readonly conflicts: readonly RegisterConflict[]
}

/** Compares a whole, validated register with the one in force, as `bevis_api`. Nothing is changed. */
export function diffRegister(db: Db, register: RegisterToApply): Promise<RegisterDiff> {
  return inInstitution(db, register.institution.id, (tx) => diffRegisterIn(tx, register))
}

/** The same inside a transaction of the register's institution, which goes on as if nothing had been compared. */
export async function diffRegisterIn(tx: Tx, register: RegisterToApply): Promise<RegisterDiff> {
  let diff: RegisterDiff | undefined
  try {
    await tx.orm.transaction(async (orm) => {
      diff = await compare({ ...tx, orm }, register)
      throw new Undone()
    })
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
  if (diff === undefined) throw new Error('a comparison ended without an answer')
  return diff
}

/** References are compared by applying them, so that part of the transaction is always taken back. */
class Undone extends Error {}

async function compare(tx: Tx, register: RegisterToApply): Promise<RegisterDiff> {
  const row = await findInstitution(tx)
  const { origin, body } = register.institution
  const moved = row !== undefined && row.origin !== origin
  const conflicts: RegisterConflict[] = moved ? [{ code: 'origin-changed', about: [row.origin, origin] }] : []
  const items = register.items.map((item) => dated(tx, item))
  const frozen = await frozenAmong(tx, items)
  if (frozen.length > 0) conflicts.push({ code: 'achievement-frozen', about: frozen })
  const erased = await erasedPersons(tx, items)
  if (erased.length > 0) conflicts.push({ code: 'person-erased', about: erased })
  const changed = await changes(tx, items)
  const inForce = await itemsInForce(tx)
  const declared = new Map(register.items.map((item) => [keyOf(item), item]))
  const people = row === undefined ? [] : await comparePeople(tx, register, conflicts)
  return {
    revision: row?.revision ?? 0,
    declaration: row === undefined ? [] : fieldChanges(row.body, body),
    items: changed.map((change) =>
      itemDiff(tx, change, { stored: inForce.get(keyOf(change)), declared: declared.get(keyOf(change)) }),
    ),
    people,
    conflicts,
  }
}

async function comparePeople(
  tx: Tx,
  { references }: RegisterToApply,
  conflicts: RegisterConflict[],
): Promise<string[]> {
  try {
    return [...(await applyReferences(tx, references))].toSorted()
  } catch (error) {
    if (!(error instanceof RegisterError)) throw error
    conflicts.push({ code: error.code, about: error.about })
    return []
  }
}

interface Stored {
  readonly body: unknown
  readonly digest: string
}

async function itemsInForce(tx: Tx): Promise<Map<string, Stored>> {
  const rows = await tx.orm
    .select({ kind: registerItem.kind, id: registerItem.id, body: registerItem.body, digest: registerItem.digest })
    .from(registerItem)
    .where(
      and(
        eq(registerItem.institution, tx.institution),
        eq(registerItem.origin, 'register'),
        isNull(registerItem.revisionUntil),
      ),
    )
  return new Map(rows.map((row) => [keyOf(row), { body: row.body, digest: row.digest }]))
}

interface Both {
  readonly stored: Stored | undefined
  readonly declared: RegisterItem | undefined
}

/** What is personal is compared by digest alone: with the stored body in its place, only that part can still differ. */
function itemDiff(tx: Tx, change: RegisterChange, { stored, declared }: Both): ItemDiff {
  if (change.change !== 'changed' || stored === undefined || declared === undefined)
    return { ...change, fields: [], personal: false }
  const swapped = { ...declared, body: stored.body } as RegisterItem
  const personal = declared.personal !== undefined && dated(tx, swapped).digest !== stored.digest
  return { ...change, fields: fieldChanges(stored.body, declared.body), personal }
}

/** Every place where two JSON values differ, deepest first reached, in the order of the names. Lists are compared by place. */
function fieldChanges(before: unknown, after: unknown, pointer = ''): FieldChange[] {
  if (isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) =>
      fieldChanges(Reflect.get(before, name), Reflect.get(after, name), `${pointer}/${escaped(name)}`),
    )
  }
  if (before === after) return []
  return [{ pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function keyOf({ kind, id }: { readonly kind: string; readonly id: string }): string {
  return `${kind}\u0000${id}`
}
