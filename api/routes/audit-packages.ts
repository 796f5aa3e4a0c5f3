/** Audit packages: cases, a sample or the whole log, as one file that a stranger can check (docs/audit-package.md). */
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { inInstitution } from '#db/client.ts'
import { type PublishedCheckpoint, readCheckpoint } from '#db/log.ts'
import { as, type CaseId } from '#domain/words.ts'
import { logPackage } from '../audit-package/log-package.ts'
import { samplePackage } from '../audit-package/sample-package.ts'
import { type Place, trailsPackage } from '../audit-package/trails-package.ts'
import type { Api, ApiEnv } from '../dependencies.ts'
import { Problem } from '../problem.ts'
import { body, declare } from '../route.ts'
import { logOrder, sampleOrder, trailsOrder } from '../schemas/audit-package.ts'
import { inInstitutionPath } from '../schemas/words.ts'
import { notInLog } from '../stored-log.ts'

const tags = ['audit']
const responses = {
  200: {
    description: 'A zip archive as docs/audit-package.md describes it',
    content: { 'application/zip': { schema: z.string().openapi({ format: 'binary' }) } },
  },
}
/** What stands in the way of reading the log whole. */
const ofRecord = ['not_in_log_yet', 'log_frozen', 'record_damaged', 'no_such_checkpoint'] as const
const told = 'Recorded in the log before the first byte leaves.'

const ofTrails = declare('exportTrails', {
  method: 'post',
  path: '/v1/institutions/{institution}/audit-packages/trails',
  summary: 'An audit package of cases, made for one kind of reader',
  description: `${told} The same cases at the same checkpoint give the same files; only manifest.json tells of this export.`,
  tags,
  request: { params: inInstitutionPath, body: body(trailsOrder) },
  responses,
  fails: [...ofRecord, 'several_subjects', 'package_too_large'],
})

const ofSample = declare('exportSample', {
  method: 'post',
  path: '/v1/institutions/{institution}/audit-packages/samples',
  summary: 'An audit package of a drawn sample of the cases that came to their end in a time',
  description: `${told} Population and method are announced in the log first, so that nobody can choose what is drawn.`,
  tags,
  request: { params: inInstitutionPath, body: body(sampleOrder) },
  responses,
  fails: [...ofRecord, 'several_subjects', 'empty_population', 'package_too_large'],
})

const ofLog = declare('exportLog', {
  method: 'post',
  path: '/v1/institutions/{institution}/audit-packages/log',
  summary: 'The whole log for an archive, with nothing opened',
  description: told,
  tags,
  request: { params: inInstitutionPath, body: body(logOrder) },
  responses,
  fails: [...ofRecord, 'package_too_large'],
})

/** Each holds its reports in memory while it leaves. */
const mostAtOnce = 4

export function auditPackageRoutes(app: Api): void {
  let underway = 0

  const answer = async (
    c: Context<ApiEnv>,
    name: string,
    make: (place: Place) => Promise<AsyncGenerator<Uint8Array>>,
  ) => {
    const { deps, institution, caller } = c.var
    if (underway >= mostAtOnce) throw new Problem('unavailable', { headers: { 'retry-after': '10' } })
    underway += 1
    let isDone = false
    const done = () => {
      if (!isDone) underway -= 1
      isDone = true
    }
    try {
      const place = { db: deps.db, institution, caller, policy: await deps.policyOf?.(institution) }
      return c.body(streamOf(await make(place), done), 200, {
        'content-type': 'application/zip',
        'content-disposition': `attachment; filename="${institution}-${name}.zip"`,
      })
    } catch (error) {
      done()
      throw error
    }
  }

  app.openapi(ofTrails, (c) => {
    const { cases, profile, checkpoint, ...why } = c.req.valid('json')
    return answer(c, 'trails', async (place) => {
      const scope = { profile, checkpoint: await checkpointAt(place, checkpoint) }
      return trailsPackage(place, { ...whyOf(why), cases: cases.map((id) => as<CaseId>(id)), scope })
    })
  })

  app.openapi(ofSample, (c) => {
    const { from, size, strata, profile, until, achievement, level, seed, seedFrom, ...why } = c.req.valid('json')
    const narrowed = {
      ...(until && { until }),
      ...(achievement && { achievement }),
      ...(level && { level }),
      ...(seed && { seed }),
      ...(seedFrom && { seedFrom }),
    }
    return answer(c, 'sample', (place) =>
      samplePackage(place, { ...whyOf(why), ...narrowed, from, size, strata, profile }),
    )
  })

  app.openapi(ofLog, (c) => {
    const { checkpoint, ...why } = c.req.valid('json')
    return answer(c, 'log', async (place) =>
      logPackage(place, { ...whyOf(why), checkpoint: await checkpointAt(place, checkpoint) }),
    )
  })
}

function whyOf({ purpose, reason }: { readonly purpose: string; readonly reason?: string | undefined }) {
  return { purpose, ...(reason === undefined ? {} : { reason }) }
}

/** The newest one, or the one asked for. */
async function checkpointAt({ db, institution }: Place, size: number | undefined): Promise<PublishedCheckpoint> {
  return inInstitution(db, institution, async (tx) => {
    const found = await readCheckpoint(tx, size)
    if (found !== undefined) return found
    throw size === undefined ? await notInLog(tx) : new Problem('no_such_checkpoint')
  })
}

/** Also where nobody ever reads it, `done` is told. */
function streamOf(bytes: AsyncGenerator<Uint8Array>, done: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull: async (stream) => {
      try {
        const next = await bytes.next()
        if (next.done !== true) return stream.enqueue(new Uint8Array(next.value))
        stream.close()
      } catch (error) {
        done()
        throw error
      }
      done()
    },
    cancel: async () => {
      done()
      await bytes.return(undefined)
    },
  })
}
