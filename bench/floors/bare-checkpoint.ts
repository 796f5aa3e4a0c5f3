/** What no published checkpoint can do without: the entry committed, an answer of somebody who has written it down, the checkpoint committed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ground } from '../ground.ts'

export interface BareCheckpoint {
  /** Milliseconds of so many, one after the other. */
  times(count: number): Promise<number[]>
  close(): Promise<void>
}

export async function openBareCheckpoint({ admin }: Ground): Promise<BareCheckpoint> {
  await admin`create table if not exists bench_checkpoint (at timestamptz not null default clock_timestamp(), note text not null)`
  const folder = mkdtempSync(join(tmpdir(), 'bevis-bare-'))
  const kept = await open(join(folder, 'state'), 'a')
  const witness = createServer((request, response) => {
    request.resume().once('end', () => {
      void kept
        .appendFile('seen')
        .then(() => kept.sync())
        .then(() => response.end('cosigned'))
    })
  })
  await new Promise<void>((resolve) => witness.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(witness.address() as AddressInfo).port}/`
  const one = async () => {
    await admin`insert into bench_checkpoint (note) values ('an entry')`
    const answer = await fetch(url, { method: 'POST', body: 'a note' })
    await admin`insert into bench_checkpoint (note) values (${await answer.text()})`
  }
  return {
    times: async (count) => {
      const took: number[] = []
      for (let done = 0; done < count; done += 1) {
        const began = performance.now()
        await one()
        took.push(performance.now() - began)
      }
      return took
    },
    close: async () => {
      await new Promise((resolve) => witness.close(resolve))
      await kept.close()
      rmSync(folder, { recursive: true })
    },
  }
}
