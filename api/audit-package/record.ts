/** An export is an entry before its first byte leaves: in the institution's own trail, beside every other look (audit-log §12, H1, H5). */
import { randomUUID } from 'node:crypto'
import type { PackageProfile } from '#audit/package/profiles.ts'
import { type AppendedEntry, appendEntries, type EntryDraft } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import type { CaseId } from '#domain/words.ts'
import { actorOf } from '../caller.ts'
import type { Caller } from '../identity.ts'

export interface Why {
  readonly purpose: string
  /** A code, such as a reference number. */
  readonly reason?: string
}

export interface ExportTold extends Why {
  readonly cases: readonly CaseId[]
  readonly profile: PackageProfile
  readonly checkpoint: number
  /** Digest of the package's content. */
  readonly content: string
}

/** One entry per case, so that each case's access list has it. */
export function recordExport(tx: Tx, caller: Caller, told: ExportTold): Promise<AppendedEntry[]> {
  const { cases, profile, checkpoint, content } = told
  return record(
    tx,
    caller,
    cases.map((id) => ({
      type: 'trail.exported/1',
      why: told,
      data: { what: 'export', case: id, profile, checkpoint, content },
    })),
  )
}

export function recordLogExport(
  tx: Tx,
  caller: Caller,
  told: Why & { readonly checkpoint: number; readonly content: string },
): Promise<AppendedEntry[]> {
  const { checkpoint, content } = told
  return record(tx, caller, [{ type: 'log.exported/1', why: told, data: { what: 'log', checkpoint, content } }])
}

export function recordAnnouncement(
  tx: Tx,
  caller: Caller,
  told: { readonly why: Why; readonly data: NonNullable<EntryDraft['data']> },
): Promise<AppendedEntry[]> {
  return record(tx, caller, [{ type: 'sample.announced/1', ...told }])
}

interface Told {
  readonly type: string
  readonly why: Why
  readonly data: NonNullable<EntryDraft['data']>
}

async function record(tx: Tx, caller: Caller, all: readonly Told[]): Promise<AppendedEntry[]> {
  const { trail } = await readInstitution(tx)
  return appendEntries(
    tx,
    all.map(({ type, why, data }) => ({
      trail,
      id: `${type.slice(0, -2)}:${randomUUID()}`,
      type,
      actor: actorOf(caller, tx, 'officer'),
      act: {
        meaning: type.slice(0, -2).replace('.', '-'),
        outcome: 'success',
        ...(why.reason === undefined ? {} : { reason: why.reason }),
      },
      data: { purpose: why.purpose, ...data },
    })),
  )
}
