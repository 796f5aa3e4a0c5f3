/** All that the workflow bundle exports; the only barrel of the house. */
export { cohort } from '#workflows/cohort.ts'
export { disposal } from '#workflows/disposal.ts'
export { erasure } from '#workflows/erasure.ts'
export { issuance } from '#workflows/issuance.ts'
export { reconciliation } from '#workflows/reconciliation.ts'
export { revocation } from '#workflows/revocation.ts'
export { statusLists } from '#workflows/status-lists.ts'
