/**
 * Nobody works on a record that is older than what was seen of it (docs/operations.md#restored). The relay knows, the others ask it;
 * without that each process would need a line to NATS, the signing worker too.
 */
import { z } from 'zod'
import type { Db } from '#db/client.ts'
import { answerQuestions, ask } from '#db/questions.ts'
import { mayGoOn } from '#domain/record-age.ts'
import type { Compared, MarkKeeper } from '#workers/record-mark.ts'
import { CliError } from '../cli-error.ts'
import type { Life } from './life.ts'
import { waitFor } from './patience.ts'

const topic = 'record'
const patienceMs = 2_000
const lookAgainMs = 15_000

const answer = z.object({
  age: z.enum(['agrees', 'unmarked', 'accepted', 'older', 'foreign']),
  reached: z.int(),
  mark: z.int(),
  at: z.string(),
})

/** The relay's side. */
export function answerAboutRecord(db: Db, record: MarkKeeper): Promise<{ stop(): Promise<void> }> {
  return answerQuestions(db, topic, async () => {
    const { age, now, mark } = await record.compare()
    return { age, reached: now.reached, mark: mark?.reached ?? 0, at: mark?.at ?? '' }
  })
}

/** Waits until the relay has compared the record with its mark, then looks again every 15 s. For those who write. */
export async function onWholeRecord(life: Life, db: Db): Promise<void> {
  await waitFor(life, {
    what: 'the relay to compare the record with its mark',
    attempt: () => demandWhole(db),
    hopeless: isOlder,
  })
  watchRecord(life, db)
}

/** Looks now and every 15 s, and goes on while nobody answers: whoever only shows things needs no relay. */
export function watchRecord(life: Life, db: Db): void {
  const look = () => {
    demandWhole(db).catch((error: unknown) => {
      if (isOlder(error)) life.broken(error)
    })
  }
  look()
  const timer = setInterval(look, lookAgainMs)
  life.closing('the watch over the record', async () => clearInterval(timer))
}

class NoAnswer extends Error {}

async function demandWhole(db: Db): Promise<void> {
  const told = answer.safeParse(await ask(db, topic, {}, patienceMs))
  if (!told.success) throw new NoAnswer('the relay does not answer')
  if (!mayGoOn(told.data.age)) throw olderRecord(told.data)
}

function isOlder(error: unknown): error is CliError {
  return error instanceof CliError && error.code.startsWith('record/')
}

/** How an older copy is told, here and in the relay's log. */
export function tellOlder({ age, now, mark }: Compared): string {
  return olderRecord({ age, reached: now.reached, mark: mark?.reached ?? 0, at: mark?.at ?? '' }).what
}

function olderRecord({ age, reached, mark, at }: z.infer<typeof answer>): CliError {
  const what =
    age === 'foreign'
      ? `this is another database than the one whose mark (${mark}, ${at}) NATS keeps`
      : `the database is older than it was: it holds ${reached} entries, and on ${at} it held ${mark}`
  const mend =
    'restore a newer copy; or read what is missing, and go on without it: bevis recover (docs/operations.md#restored)'
  return new CliError({ exit: 'conflict', code: `record/${age}`, what, mend })
}
