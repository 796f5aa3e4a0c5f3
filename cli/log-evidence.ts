/** The proof that travels in a credential, judged by the verifier's own policy: was its clearance in a witnessed log before it was signed? */
import type { Policy } from '#audit/policy.ts'
import { isObject } from '#credentials/bytes.ts'
import type { VerifyReport } from '#credentials/verify.ts'
import { type Answer, couldNotCheck, failed, notBelieved, passed } from '#credentials/verifying/report.ts'
import { isLogEvidence, judgeEvidence } from '#verifier/documents.ts'

/** The report with one more check, `log-proof`. */
export function withLogProof(report: VerifyReport, policy: Policy): VerifyReport {
  const answer = report.credential === undefined ? notBelieved : answerOf(report.credential, policy)
  const result =
    answer.outcome === 'failed'
      ? 'refused'
      : answer.outcome === 'could-not-check' && report.result === 'verified'
        ? 'could-not-verify'
        : report.result
  return { ...report, result, checks: [...report.checks, { id: 'log-proof', ...answer }] }
}

/** Of a log or under a quorum the policy does not know nothing is proved, nor is anything disproved. */
const unknown: ReadonlySet<string> = new Set(['log-unknown', 'no-known-signature'])

function answerOf(credential: Readonly<Record<string, unknown>>, policy: Policy): Answer {
  const { evidence, id } = credential
  const items: readonly unknown[] = Array.isArray(evidence) ? evidence : []
  const item = items.filter(isObject).find(isLogEvidence)
  if (item === undefined)
    return couldNotCheck('Beviset bär inget loggbevis.', 'The credential carries no proof from a log.')
  const cleared = judgeEvidence(item, { policy })
  if (typeof cleared === 'string') {
    return unknown.has(cleared)
      ? couldNotCheck('Din policy känner inte den här loggen.', 'Your policy does not know this log.')
      : failed(`Loggbeviset håller inte (${cleared}).`, `The proof from the log does not hold (${cleared}).`)
  }
  const own = typeof id === 'string' ? id.slice(id.lastIndexOf('/') + 1) : ''
  if (!cleared.credentials.some((name) => name === own))
    return failed('Loggbeviset gäller en annan handling.', 'The proof from the log is for another document.')
  const by = cleared.witnesses.length === 0 ? '' : cleared.witnesses.join(', ')
  return passed(
    `Klareringen står på plats ${cleared.index} i loggen${by === '' ? '' : `, bevittnad av ${by}`}.`,
    `Its clearance stands at place ${cleared.index} of the log${by === '' ? '' : `, witnessed by ${by}`}.`,
  )
}
