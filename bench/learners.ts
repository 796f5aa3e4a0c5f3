/** Learners enough for every figure: the demo's own are too few, and one person with a thousand courses would measure something else. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { learnerOf } from '#dev/demo/facts.ts'
import { demoFolder } from '#dev/demo/register.ts'

/** Who takes courses with people's decisions; webinars introduce their participants themselves. */
const declared = 300

const systems = ['canvas-norrsken', 'provtjanst', 'certus', 'klinikskolan', 'antagning', 'webb', 'branschregistret']

/** Copies the demo register and adds learners to it. @returns its folder */
export function declareLearners(scratch: string): string {
  const folder = join(scratch, 'register')
  cpSync(demoFolder, folder, { recursive: true })
  const file = join(folder, 'people.json')
  const register = JSON.parse(readFileSync(file, 'utf8')) as { people: object[] }
  for (let index = 0; index < declared; index += 1) {
    const number = declaredLearner(index)
    register.people.push({
      id: `pers_bench_${number}`,
      name: `Prov Deltagare ${index}`,
      birthDate: '1990-01-01',
      references: systems.map((system) => learnerOf(system, number)),
    })
  }
  writeFileSync(file, JSON.stringify(register))
  return folder
}

/** The number under which every system knows a declared learner; they come round again after the last. */
export function declaredLearner(index: number): string {
  return `d${String(index % declared).padStart(5, '0')}`
}
