/** Signals, updates and queries a case listens to; names are shared with those who send them. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'

/** Intake raised the evidence version (contracts §6). */
export const evidenceArrived = defineSignal('evidenceArrived')

/** A person decided; carries the decision id only, which is also the update id (contracts §7). */
export const decided = defineUpdate<{ outcome: string }, [decisionId: string]>('decided')

/** Where the case stands, for the web UI and the command line. */
export const where = defineQuery<{ step: string; for?: string; until?: string }>('where')
