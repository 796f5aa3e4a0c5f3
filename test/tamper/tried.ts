/** One manipulation on a copy of its own, and what was said about it. */
import { type CheckName, checks, type Said } from './checks.ts'
import type { Golden } from './golden.ts'
import type { Manipulation } from './manipulations/manipulation.ts'

export interface Tried {
  readonly manipulation: Manipulation
  /** By check, in the order of `shows`. */
  readonly said: ReadonlyMap<string, Said>
  /** What should have been said and was not; empty when all was noticed. */
  readonly missed: readonly string[]
}

export async function tried(golden: Golden, manipulation: Manipulation): Promise<Tried> {
  return golden.stage(async (scene) => {
    const said = new Map<string, Said>()
    const answers = await manipulation.act(scene)
    const undone = answers?.filter((code) => code.startsWith('done ')) ?? []
    for (const [check] of manipulation.shows) {
      if (said.has(check)) continue
      said.set(check, isAsked(check) ? await checks[check](scene) : { codes: answers ?? [] })
    }
    const missed = manipulation.shows
      .filter(([check, code]) => said.get(check)?.codes.includes(code) !== true)
      .map(
        ([check, code]) =>
          `${check} should have said ${code}, and said: ${said.get(check)?.codes.join(', ') || 'nothing'}`,
      )
    const exits = [...said].flatMap(([check, { exit }]) => (exit === 0 ? [`${check} ended with 0`] : []))
    return { manipulation, said, missed: [...undone, ...missed, ...exits] }
  })
}

function isAsked(check: string): check is CheckName {
  return check in checks
}

/** The honest copy: every check is asked, and none says anything. */
export async function honest(golden: Golden): Promise<string[]> {
  return golden.stage(async (scene) => {
    const found: string[] = []
    for (const [name, check] of Object.entries(checks)) {
      const { codes, exit } = await check(scene)
      // A command may tell of what it was asked to do without; its exit code is its word.
      const isContent = exit === undefined ? codes.length === 0 : exit === 0
      if (!isContent) found.push(`${name} said ${codes.join(', ')} and ended with ${exit}`)
    }
    return found
  })
}
