/** Asks before something that many things hang on; the count is typed, because a habitual "y" is no answer. */
import { createInterface } from 'node:readline/promises'
import { usage } from './cli-error.ts'
import type { Output } from './output.ts'

export const confirmOption = {
  confirm: { value: '<n>', says: 'how many you expect; asked for at a terminal, needed in scripts' },
} as const

/**
 * Goes on only when the person, or `--confirm`, names the very number.
 * @throws CliError `usage/confirm` otherwise; nothing has happened then
 */
export async function confirmCount(
  count: number,
  what: string,
  { given, out }: { readonly given: string | undefined; readonly out: Output },
): Promise<void> {
  const typed = given ?? (out.mayAsk ? await typedCount(`${count} ${what}. Type ${count} to go on: `) : undefined)
  if (typed === String(count)) return
  const told = typed === undefined ? 'nobody has confirmed' : `${typed} is not the number`
  throw usage('confirm', `${told}; nothing was done`, `there are ${count} ${what}: add --confirm ${count}`)
}

async function typedCount(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(question)).trim()
  } finally {
    lines.close()
  }
}
