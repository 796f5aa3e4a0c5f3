/** Runs the teller as a process of its own, to its end or to a sudden one. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const teller = fileURLToPath(new URL('teller.ts', import.meta.url))

interface Death {
  /** Killed once it has told, or the server has seen, so many. */
  readonly after: number
  readonly seen?: () => number
}

/** Its exit code; null where it was killed. */
export async function runTeller(
  job: object,
  { after, seen = () => 0 }: Death = { after: Infinity },
): Promise<number | null> {
  const child = spawn(process.execPath, [teller, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const begun = seen()
  let told = 0
  child.stdout.on('data', (dots: Buffer) => (told += dots.length))
  const watch = setInterval(() => {
    if (told + seen() - begun >= after) child.kill('SIGKILL')
  }, 1)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearInterval(watch)
  return code
}
