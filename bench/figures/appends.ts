/** Entries appended by many writers at once, with the sequencer at work beside them, beside the chain that most logs are: one head for all. */
import { sql } from 'drizzle-orm'
import { canonicalBytes } from '#audit/canonical.ts'
import { sha256 } from '#audit/digest.ts'
import { type Db, openDb } from '#db/client.ts'
import { type Bench, type Figure, interleaved } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { compared } from '../results.ts'
import { appendOne, entry, manyTrails, written } from '../writers.ts'

const writers = [1, 8, 32] as const

export const appends: Figure = {
  name: 'appends',
  title: 'entries/s appended by 1, 8 and 32 writers, beside a chain with one locked head',
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['witness', 'relay', 'log'] as const) await ground.start(name)
    await makeChain(ground)
    const trails = manyTrails()
    const rows = []
    for (const count of writers) {
      const pool = openDb(ground.stack.databaseUrl('bevis_pipeline'), ground.secrets, { max: count })
      const chain = openDb(ground.stack.adminUrl, ground.secrets, { max: count })
      try {
        const told = (what: string, write: () => Promise<void>) => async () => {
          const found = await written(count, write)
          say(`  ${count} writers, ${what}: ${found.toFixed(0)} entries/s`)
          return found
        }
        const found = await interleaved(sizes.runs, {
          ours: told('the log', () => appendOne(pool, trails)),
          chain: told('one chain', () => chainOne(chain)),
        })
        rows.push(
          compared({
            figure: `appends: ${count} ${count === 1 ? 'writer' : 'writers'}`,
            unit: 'entries/s',
            ours: found.ours,
            beside: 'one chain with a locked head',
            theirs: found.chain,
          }),
        )
      } finally {
        await Promise.all([pool.close(), chain.close()])
      }
    }
    return rows
  },
}

/** What a log with one chain does for each entry: lock the head, hash onto it, insert, move it. */
async function chainOne(db: Db): Promise<void> {
  await db.orm.transaction(async (tx) => {
    const [head] = await tx.execute<{ n: string; hash: Uint8Array }>(sql`select n, hash from bench_head for update`)
    const leaf = canonicalBytes({ ...entry(), prev: Buffer.from(head?.hash ?? []).toString('base64url') })
    const hash = Buffer.from(sha256(leaf))
    await tx.execute(
      sql`insert into bench_chain (n, leaf, hash) values (${Number(head?.n) + 1}, ${Buffer.from(leaf)}, ${hash})`,
    )
    await tx.execute(sql`update bench_head set n = n + 1, hash = ${hash}`)
  })
}

async function makeChain({ admin }: Ground): Promise<void> {
  await admin`drop table if exists bench_chain, bench_head`
  await admin`create table bench_chain (n bigint primary key, leaf bytea not null, hash bytea not null)`
  await admin`create table bench_head (n bigint not null, hash bytea not null)`
  await admin`insert into bench_head values (0, '')`
}
