/** One question that may fail by what it reads, inside a transaction that goes on: else one row that no comparison can read would silence all of them. */
import { sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'

/** Undefined where it failed; then nothing of it has happened. @throws where the database itself is away */
export async function attempt<T>(tx: Tx, ask: () => Promise<T>): Promise<T | undefined> {
  await tx.execute(sql`savepoint attempt`)
  try {
    const answer = await ask()
    await tx.execute(sql`release savepoint attempt`)
    return answer
  } catch {
    await tx.execute(sql`rollback to savepoint attempt`)
    return undefined
  }
}
