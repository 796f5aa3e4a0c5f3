/** The strict shape of an envelope, member by member; without it free text and stray members would creep into bytes nobody can erase. */
import {
  code,
  databaseTime,
  digest,
  isObject,
  listOf,
  logOrigin,
  matches,
  misfitOf,
  moment,
  natural,
  positive,
  shaped,
  uuid,
} from '#audit/shape.ts'

const typeName = matches(/^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)+\/[1-9][0-9]*$/)
const claimedTime = moment(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/)

const misfitOfEnvelope = misfitOf({
  required: {
    v: (value) => value === 'bevis-audit/1',
    log: logOrigin,
    trail: uuid,
    n: positive,
    prev: digest,
    id: code,
    type: typeName,
    at: databaseTime,
    actor: shaped({
      required: { ref: code, kind: matches(/^(human|service|workflow)$/), role: code },
      optional: { authn: shaped({ required: { acr: code, auth_time: natural } }) },
    }),
    act: shaped({ required: { meaning: code, outcome: code }, optional: { reason: code } }),
  },
  optional: {
    occurred: claimedTime,
    proc: shaped({ required: {}, optional: { wf: code, run: code, policy: code, build: code } }),
    src: shaped({ required: { emitter: code }, optional: { event: code } }),
    data: (value) => isObject(value) && Object.entries(value).every(([name, member]) => code(name) && fact(member)),
    _sd: (value) => listOf(digest)(value) && new Set(value as string[]).size === (value as string[]).length,
    ev: listOf(shaped({ required: { digest, size: natural, mt: code } })),
  },
})

/** Name of the first member that does not belong or does not fit, undefined when the value is an envelope. */
export function entryProblem(value: unknown): string | undefined {
  return misfitOfEnvelope(value)
}

function fact(value: unknown): boolean {
  return code(value) || Number.isSafeInteger(value) || typeof value === 'boolean' || isCodes(value)
}

/** Unlike `_sd` and `ev`, which are left out when empty, an empty list of codes tells something: none. */
function isCodes(value: unknown): boolean {
  return Array.isArray(value) && value.every(code)
}
