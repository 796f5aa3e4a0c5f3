/** Whom the doctor looks at: a process by its settings, from outside. */
import type { ConfigProblem } from '#config/config-error.ts'
import type { ExplainedSetting } from '#config/env.ts'
import type { ProcessName } from '#config/given.ts'

/** What is known of one process before anything is asked. Values that are faulty are absent. */
export interface Patient {
  readonly process: ProcessName
  readonly settings: readonly ExplainedSetting[]
  readonly problems: readonly ConfigProblem[]
  /** A variable's own text, where it has no fault. */
  readonly value: (variable: string) => string | undefined
  /** The owner's address, where a development stack knows it. */
  readonly ownerUrl?: string
  /** Signing keys of this checkout's stack, where there is one; else what the environment says. */
  readonly keysDir?: string
  readonly signingSecret?: string
}
