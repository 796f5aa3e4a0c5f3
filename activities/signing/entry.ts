/** How the signing worker's steps read in a trail. */
import type { EntryDraft } from '#db/audit-log.ts'
import type { CaseRow } from '#db/cases.ts'

interface Told {
  readonly key: string
  readonly data: NonNullable<EntryDraft['data']>
  readonly digest?: string
}

export function entryOf(row: CaseRow, type: string, { key, data, digest }: Told): EntryDraft {
  const meaning = type.split('/')[0] ?? type
  return {
    trail: row.trail,
    id: `${row.id}:${meaning}:${key}`,
    type,
    actor: { ref: 'signing', kind: 'service', role: 'signer' },
    act: { meaning, outcome: 'success' },
    data,
    ...(digest === undefined ? {} : { private: [{ name: 'document', value: digest, subject: row.person }] }),
  }
}
