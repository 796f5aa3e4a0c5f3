/**
 * Can this process do its work? Asked, not assumed: a line that was opened once may be dead. Without it a balancer would send
 * people to a process that cannot answer them, and an operator would have to guess what is missing.
 */
import { shortNameOf } from './safe-fields.ts'

export interface Check {
  /** One word, as operators read it: `postgres`. */
  readonly name: string
  /** Resolves when it can be worked with; throws when not. Cut off after a second and a half. */
  readonly ask: () => Promise<unknown>
  /** True where work waits for it but nobody is turned away: told, and no reason to be unready. */
  readonly optional?: boolean
}

export interface Report {
  readonly ready: boolean
  /** One line per check as Kubernetes prints them (`[+]postgres ok`), then the result. Codes only. */
  readonly text: string
}

const patienceMs = 1_500

/** Asks all at once. `ending` aborts first at a shutdown, so that nobody new comes while what runs is finished. */
export async function readiness(checks: readonly Check[], ending?: AbortSignal): Promise<Report> {
  const asked: readonly Check[] = [{ name: 'shutdown', ask: async () => ending?.throwIfAborted() }, ...checks]
  const answers = await Promise.all(asked.map(async (check) => ({ check, error: await failureOf(check) })))
  const ready = answers.every(({ check, error }) => error === undefined || check.optional === true)
  const lines = answers.map(({ check: { name, optional }, error }) => {
    if (error === undefined) return `[+]${name} ok`
    return `[-]${name} failed: ${error}${optional === true ? ', work waits for it' : ''}`
  })
  return { ready, text: `${[...lines, `readyz check ${ready ? 'passed' : 'failed'}`].join('\n')}\n` }
}

async function failureOf({ ask }: Check): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('no answer in time'), patienceMs)
  })
  const asked = ask().then(
    () => undefined,
    (error: unknown) => shortNameOf(error),
  )
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
