/** A demand held against a verified credential; the two answers must never come apart, or a forged one could "meet" something. */
import { statementsOf } from '#credentials/stated.ts'
import type { VerifyReport } from '#credentials/verify.ts'
import { type Demand, type JudgedDemand, judgeDemand } from '#domain/credential/demand.ts'

/** Judges by the whole report: what is not established is never met. */
export function judgeReport(demand: Demand, { result, credential }: VerifyReport): JudgedDemand {
  return judgeDemand(demand, {
    genuineness: result,
    ...(credential === undefined ? {} : { statements: statementsOf(credential) }),
  })
}
