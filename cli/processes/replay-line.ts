/** How the API has a dead letter tried again by intake's own rights, in intake's own process (contracts §4). */
import { z } from 'zod'
import type { Replayed, ReplayOrder } from '#api/dependencies.ts'
import type { TemporalClient } from '#connectors/platform/temporal.ts'
import type { Db } from '#db/client.ts'
import { answerQuestions, ask } from '#db/questions.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { replayDeadLetters } from '#workers/intake/replay.ts'

const topic = 'replay'
const patienceMs = 15_000

const code = z.string().regex(/^[\x21-\x7e]{1,200}$/)
/** Whoever can log in to the database can ask: what is no order is not answered. */
const order = z.strictObject({
  institution: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  ids: z.array(code).min(1).max(20),
  by: code,
  reason: code,
})

/** Intake's side. */
export function answerReplays(dependencies: {
  readonly db: Db
  readonly temporal: TemporalClient
}): Promise<{ stop(): Promise<void> }> {
  return answerQuestions(dependencies.db, topic, async (question) => {
    const { institution, ...rest } = order.parse(question)
    return replayDeadLetters(dependencies, { ...rest, institution: as<InstitutionId>(institution) })
  })
}

const id = z.string()
const answers = z.array(
  z.discriminatedUnion('kind', [
    z.object({ id, kind: z.literal('taken'), as: z.string() }),
    z.object({ id, kind: z.literal('refused'), code: z.string(), deadLetter: z.string() }),
    z.object({ id, kind: z.literal('closed'), state: z.string() }),
    z.object({ id, kind: z.enum(['not-found', 'not-now']) }),
  ]),
)

/** The API's side; `not-now` when intake is away. */
export async function askReplay(db: Db, wanted: ReplayOrder): Promise<readonly Replayed[]> {
  const read = answers.safeParse(await ask(db, topic, wanted, patienceMs))
  return read.success ? read.data : wanted.ids.map((one) => ({ id: one, kind: 'not-now' }))
}
