/** How a wrong setting is told; without it an operator would mend one variable per restart. */

/** One thing to mend: where (a variable or a place in a file), what is wrong, and how to put it right. Never a value. */
export interface ConfigProblem {
  readonly variable: string
  readonly what: string
  readonly mend: string
}

/** A process cannot start as configured. `code` is `config/invalid`; `problems` has every fault found, not only the first. */
export class ConfigError extends Error {
  readonly code = 'config/invalid'
  readonly problems: readonly ConfigProblem[]

  constructor(subject: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, what, mend }) => `  ${variable} ${what}: ${mend}`)
    super(`${subject} cannot start:\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}
