/**
 * A seldom question from one process to another, over LISTEN/NOTIFY. Without it the API would need intake's role to have a dead
 * letter tried again, and contracts §4 would be gone. Lost when nobody listens: who asks gets no answer and asks again.
 */
import { randomUUID } from 'node:crypto'
import type { Db } from '#db/client.ts'

const channelOf = (topic: string) => `bevis_ask_${topic}`
const answersTo = (id: string) => `bevis_answer_${id.replaceAll('-', '')}`
/** Postgres takes less than 8000 bytes. */
const longest = 7_500

/**
 * Answers questions on a topic until stopped. Any role of ours can ask, so `answer` checks what it is given; a throw gives no
 * answer. What is asked and answered travels in the open within the database: codes and ids only.
 */
export async function answerQuestions(
  db: Db,
  topic: string,
  answer: (question: unknown) => Promise<unknown>,
): Promise<{ stop(): Promise<void> }> {
  const handle = async (text: string) => {
    const { id, question } = JSON.parse(text) as { id: string; question: unknown }
    await send(db, answersTo(id), await answer(question))
  }
  const listening = await db.sql.listen(channelOf(topic), (text) => {
    handle(text).catch(() => undefined)
  })
  return { stop: () => listening.unlisten() }
}

/** Asks and waits; undefined when nobody answered in time. */
export async function ask(db: Db, topic: string, question: unknown, timeoutMs: number): Promise<unknown> {
  const id = randomUUID()
  let timer: NodeJS.Timeout | undefined
  let tell: (answer: unknown) => void = () => undefined
  const answered = new Promise<unknown>((resolve) => {
    tell = resolve
    timer = setTimeout(() => resolve(undefined), timeoutMs)
  })
  const listening = await db.sql.listen(answersTo(id), (text) => tell(JSON.parse(text)))
  try {
    await send(db, channelOf(topic), { id, question })
    return await answered
  } finally {
    clearTimeout(timer)
    await listening.unlisten()
  }
}

async function send(db: Db, channel: string, content: unknown): Promise<void> {
  const text = JSON.stringify(content)
  if (Buffer.byteLength(text) > longest) throw new RangeError('too long for a notice')
  await db.sql.notify(channel, text)
}
