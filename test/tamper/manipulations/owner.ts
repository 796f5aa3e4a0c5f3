/** Tried as the owner of schema audit, with the triggers where they are. */
import type { Scene } from '../golden.ts'
import { refusalOf } from './acts.ts'
import type { Manipulation } from './manipulation.ts'

/** As the owner, who cannot log in: a superuser in their place. */
const byOwner =
  (...statements: readonly string[]) =>
  async ({ admin }: Scene): Promise<readonly string[]> => {
    const codes = new Set<string>()
    for (const statement of statements)
      codes.add(await refusalOf(admin, `set local role bevis_audit_owner; ${statement}`, `owner: ${statement}`))
    return [...codes]
  }

export const asOwner: readonly Manipulation[] = [
  {
    what: 'edit, delete or empty entries, positions and checkpoints',
    hand: 'owner',
    act: byOwner(
      `update audit.entry set type = 'x'`,
      `delete from audit.entry where n = 2`,
      `truncate audit.entry cascade`,
      `update audit.leaf set idx = idx + 1`,
      `delete from audit.checkpoint`,
      `set local session_replication_role = replica`,
    ),
    shows: [
      ['database', '55000'],
      ['database', '42501'],
    ],
    short: true,
  },
]
