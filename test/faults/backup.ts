/** A physical backup of a running cluster, as pg_basebackup and every backup tool makes it: start, copy, stop (Postgres manual §26.3.3). */
import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import type { Stack } from '#dev/stack.ts'

export interface Backup {
  /** Puts the copy in the place of the stack's cluster, which must have been stopped. */
  restoreTo(stack: Stack): void
  remove(): void
}

export async function takeBackup(stack: Stack): Promise<Backup> {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-backup-'))
  const copy = join(folder, 'data')
  const session = postgres(stack.adminUrl, { max: 1, onnotice: () => undefined })
  try {
    await session`select pg_backup_start('test', fast => true)`
    copyTree(dataOf(stack), copy)
    const [stopped] = await session<{ label: string }[]>`
      select labelfile as label from pg_backup_stop(wait_for_archive => false)`
    // The log up to the stop makes the copy consistent.
    rmSync(join(copy, 'pg_wal'), { recursive: true })
    copyTree(join(dataOf(stack), 'pg_wal'), join(copy, 'pg_wal'))
    rmSync(join(copy, 'postmaster.pid'), { force: true })
    writeFileSync(join(copy, 'backup_label'), stopped?.label ?? '')
    const { uid, gid } = statSync(copy)
    chownSync(join(copy, 'backup_label'), uid, gid)
  } finally {
    await session.end()
  }
  return {
    restoreTo: (target) => {
      const data = dataOf(target)
      rmSync(data, { recursive: true })
      copyTree(copy, data)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function dataOf(stack: Stack): string {
  return join(realpathSync(join(stack.dir, 'postgres')), 'data')
}

/** With owners and rights. Files may come and go while the server runs; replaying its log makes up for them. */
function copyTree(from: string, to: string): void {
  try {
    execFileSync('cp', ['-a', from, to], { stdio: 'pipe' })
  } catch (error) {
    const said = String(Reflect.get(error as object, 'stderr'))
    if (said.split('\n').some((line) => line !== '' && !line.includes('No such file'))) throw error
  }
}
