/** Each activity as a span in the trace of its case: without it a trace would end where Temporal takes over. */
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from '@temporalio/worker'
import { inSpan, isTracing, mostLinks } from '#connectors/platform/tracing.ts'
import { tracesOf } from '#db/case-traces.ts'
import type { Db } from '#db/client.ts'
import type { TraceContext } from '#domain/trace-context.ts'
import { as, type CaseId, type InstitutionId } from '#domain/words.ts'

/**
 * For `startWorker`. One case: a child of where its event was taken in. Many: in the trace of the first that is recorded, linked to each
 * of the others. The database is asked where a case stands once in a process; while it is away the span has no parent, and the
 * activity itself goes on as it would.
 */
export function traced(db: Db): ActivityInterceptorsFactory {
  const places = remembered((institution, ids) => tracesOf(db, institution, ids))
  return ({ info }) => {
    let place: TraceContext | undefined
    return {
      inbound: {
        execute: async (input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>) => {
          if (!isTracing()) return next(input)
          const { institution, cases, revocation } = about(input.args)
          const contexts = institution === undefined ? [] : await places(institution, cases)
          const parent = contexts.find(({ sampled }) => sampled) ?? contexts[0]
          const { workflowExecution, workflowType, activityType, attempt } = info
          const fields = {
            institution,
            case_id: cases.length === 1 ? cases[0] : undefined,
            revocation,
            count: cases.length,
            workflow_id: workflowExecution?.workflowId,
            run_id: workflowExecution?.runId,
            workflow_type: workflowType,
            attempt,
          }
          const links = contexts.filter((one) => one !== parent)
          return inSpan(activityType, { kind: 'consumer', parent, links, fields }, (span) => {
            place = span.context
            return next(input)
          })
        },
      },
      outbound: {
        // The SDK tells of a failed activity when its span is over.
        getLogAttributes: (attributes, next) =>
          next(place === undefined ? attributes : { ...attributes, traceId: place.traceId, spanId: place.spanId }),
      },
    }
  }
}

/** Whom an activity is about, as far as its arguments say: a stranger's task may carry anything. */
function about([first, second]: readonly unknown[]): {
  readonly institution: InstitutionId | undefined
  readonly cases: readonly CaseId[]
  readonly revocation: string | undefined
} {
  const list = typeof first === 'object' && first !== null ? first : { institution: first, cases: [second] }
  const institution: unknown = Reflect.get(list, 'institution')
  const cases: unknown = Reflect.get(list, 'cases')
  const revocation: unknown = Reflect.get(list, 'revocationId')
  return {
    institution:
      typeof institution === 'string' && /^[a-z0-9][a-z0-9-]{0,62}$/.test(institution)
        ? as<InstitutionId>(institution)
        : undefined,
    cases: Array.isArray(cases) ? cases.slice(0, mostLinks).filter(isCaseId) : [],
    revocation: typeof revocation === 'string' ? revocation : undefined,
  }
}

function isCaseId(value: unknown): value is CaseId {
  return typeof value === 'string' && /^case_[a-z2-7]{1,64}$/.test(value)
}

type Ask = (institution: InstitutionId, ids: readonly CaseId[]) => Promise<ReadonlyMap<CaseId, TraceContext>>

/** Cases whose places are kept; each has about ten activities. */
const mostRemembered = 10_000

function remembered(ask: Ask) {
  const known = new Map<CaseId, TraceContext | undefined>()
  return async (institution: InstitutionId, ids: readonly CaseId[]): Promise<TraceContext[]> => {
    const unknown = ids.filter((id) => !known.has(id))
    const found = unknown.length === 0 ? undefined : await ask(institution, unknown).catch(() => undefined)
    if (found !== undefined) for (const id of unknown) known.set(id, found.get(id))
    const places = ids.flatMap((id) => known.get(id) ?? [])
    for (const id of known.keys()) {
      if (known.size <= mostRemembered) break
      known.delete(id)
    }
    return places
  }
}
