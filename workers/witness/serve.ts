/** A witness over HTTP (C2SP tlog-witness). Nobody logs in: a request is believed for the log's signature in it, or not at all. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type HttpServer, type ListenOptions, listen } from '#connectors/platform/listen.ts'
import { count } from '#connectors/platform/metrics.ts'
import { addCheckpoint, type WitnessAnswer, type WitnessDependencies } from './witness.ts'

export interface WitnessServerDependencies extends WitnessDependencies {
  readonly onTrouble: (error: unknown) => void
}

/** Room for 63 hashes and a checkpoint with the signatures of sixteen post-quantum cosigners. */
const largestRequest = 128 * 1024
const arrivalMs = 10_000

/** Resolves when the port is open. Submission and monitoring prefix are the same. */
export function startWitness(
  dependencies: WitnessServerDependencies,
  { port, host }: Pick<ListenOptions, 'port' | 'host'>,
): Promise<HttpServer> {
  const where = host === undefined ? { port } : { port, host }
  return listen(witnessApp(dependencies), { ...where, arrivalMs })
}

function witnessApp(witness: WitnessServerDependencies): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
    for (const [name, value] of Object.entries(headers)) context.header(name, value)
  })
  const limit = bodyLimit({ maxSize: largestRequest, onError: (context) => context.text('too large\n', 413) })
  app.post('/add-checkpoint', limit, async (context) => {
    const answer = await addCheckpoint(witness, new Uint8Array(await context.req.arrayBuffer()))
    count('bevis_witness_requests_total', { status: String(answer.status) })
    return tell(context, answer)
  })
  app.all('/add-checkpoint', (context) => context.text('post a checkpoint\n', 405, { allow: 'POST' }))
  app.get('/:originHash/checkpoint', async (context) => {
    const note = await witness.store.newestNote(context.req.param('originHash'))
    return note === undefined ? context.text('never cosigned\n', 404) : context.text(note)
  })
  app.get('/', async (context) => {
    const logs = [...(await witness.logs()).keys()].toSorted()
    return context.text(
      [...witness.cosigners.map(({ vkey }) => vkey), ...logs.map((origin) => `log ${origin}`), ''].join('\n'),
    )
  })
  app.notFound((context) => context.text('not found\n', 404))
  app.onError((error, context) => {
    witness.onTrouble(error)
    count('bevis_witness_requests_total', { status: '500' })
    return context.text('could not answer\n', 500)
  })
  return app
}

function tell(context: Context, answer: WitnessAnswer): Response {
  switch (answer.status) {
    case 200:
      return context.text(answer.lines)
    case 409:
      return context.body(`${answer.size}\n`, 409, { 'content-type': 'text/x.tlog.size' })
    case 400:
    case 403:
    case 404:
    case 422:
      return context.text(`${answer.problem}\n`, answer.status)
  }
}
