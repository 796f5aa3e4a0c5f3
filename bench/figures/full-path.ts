/** Cases per second from completion to credential in the highest band, with two people's decisions, sent by program. */
import * as f from '#dev/demo/facts.ts'
import { courseA, offeringOf } from '../../test/e2e/courses.ts'
import { decideUntilIssued } from '../deciders.ts'
import { type Bench, type Figure, interleaved, rate } from '../figure.ts'
import { type BareLine, openBare } from '../floors/bare-line.ts'
import type { Ground } from '../ground.ts'
import { declaredLearner } from '../learners.ts'
import { compared } from '../results.ts'
import { caseOpenedBy } from '../sender.ts'
import { untilTaken } from '../until.ts'
import { wide } from '../width.ts'

/** Bare workflows under way at a time: as many as keep its worker busy. */
const width = 40

export const fullPath: Figure = {
  name: 'full-path',
  title: 'cases/s in band A with decisions sent by program, beside a bare workflow that waits for one',
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['witness', 'relay', 'log', 'signing', 'pipeline', 'api'] as const) await ground.start(name)
    await ground.start('intake', {})
    const bare = await openBare(ground)
    try {
      const cases = Math.ceil(sizes.cases / 12)
      await decided(ground, 8)
      await throughBare(bare, 50)
      const found = await interleaved(sizes.runs, {
        ours: async () => told(say, 'band A', await decided(ground, cases)),
        bare: async () => told(say, 'bare workflow', await throughBare(bare, cases * 4)),
      })
      return [
        compared({
          figure: 'full-path: band A, two decisions over HTTP',
          unit: 'cases/s',
          ours: found.ours,
          beside: 'bare workflow: 3 local activities, Update, 3 local, 1 activity',
          theirs: found.bare,
          aim: { atLeast: 0.7 },
        }),
      ]
    } finally {
      await bare.close()
    }
  },
}

function told(say: Bench['say'], what: string, found: number): number {
  say(`  ${what}: ${found.toFixed(1)} cases/s`)
  return found
}

let courses = 0

/** The facts are in the record before, as they are known before somebody says that the course is completed. */
async function decided(ground: Ground, cases: number): Promise<number> {
  const { admin, sender } = ground
  const drafts = Array.from({ length: cases }, () => {
    courses += 1
    return courseA(offeringOf(declaredLearner(courses), 'steril-beredning', `bench-${courses}`))
  })
  const isCompletion = ({ type }: { readonly type: string }) => type === f.completed('webb', anywhere).type
  const facts = drafts.flatMap((course) => course.filter((draft) => !isCompletion(draft)))
  const prepared = facts.map((draft) => sender.prepare(draft))
  await sender.send(prepared)
  await untilTaken(admin, prepared)
  const completions = drafts.flatMap((course) => course.filter(isCompletion)).map((draft) => sender.prepare(draft))
  const began = performance.now()
  await Promise.all([sender.send(completions), decideUntilIssued(ground, completions.map(caseOpenedBy))])
  return rate(cases, began, performance.now())
}

const anywhere: f.At = { learner: '01', achievement: 'steril-beredning', offering: 'anywhere' }

async function throughBare(bare: BareLine, cases: number): Promise<number> {
  const began = performance.now()
  await wide(Array.from({ length: cases }).keys(), width, () => bare.through(true))
  return rate(cases, began, performance.now())
}
