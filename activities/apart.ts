/** Keeps one bad case from harming its neighbours: a list that its data breaks is halved until the case that breaks it stands alone. */
import type { CaseList } from '#activities/contracts.ts'
import { isOfTheData } from '#db/faults.ts'
import type { CaseId } from '#domain/words.ts'

type Act<T> = (list: CaseList) => Promise<T[]>

/**
 * Each half is an act, and a transaction, of its own, and repeating what was done already changes nothing. What is down is down for
 * all and throws, as does a list of one: there the case is with itself, and is tried again until somebody has mended it.
 *
 * @param alone the answer about the case that cannot be treated among others
 */
export function apart<T>(act: Act<T>, alone: (id: CaseId) => T): Act<T> {
  const halves = async (list: CaseList, error: unknown): Promise<T[]> => {
    const [first] = list.cases
    if (list.cases.length === 1 && first !== undefined) return [alone(first)]
    const middle = Math.ceil(list.cases.length / 2)
    if (middle === 0) throw error
    const answers: T[] = []
    for (const cases of [list.cases.slice(0, middle), list.cases.slice(middle)])
      answers.push(...(await attempt({ ...list, cases })))
    return answers
  }
  const attempt: Act<T> = (list) =>
    act(list).catch((error: unknown) => {
      if (!isOfTheData(error)) throw error
      return halves(list, error)
    })
  return (list) => (list.cases.length < 2 ? act(list) : attempt(list))
}
