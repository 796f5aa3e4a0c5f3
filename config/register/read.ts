/** Files of a register into checked shapes, with every fault of every file; later checks then trust the shapes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { achievementFile, achievementFolder, type FileContent, type FileName, fileShapes } from './files.ts'
import { pointerOf, type RegisterProblem, type RegisterProblemCode } from './problems.ts'

export interface Draft {
  readonly files: { readonly [Name in FileName]: FileContent<Name> }
  readonly achievements: readonly { readonly file: string; readonly content: z.output<typeof achievementFile> }[]
}

export type ReadAnswer =
  | { readonly kind: 'draft'; readonly draft: Draft }
  | { readonly kind: 'invalid'; readonly problems: readonly RegisterProblem[] }

const fileNames = Object.keys(fileShapes) as FileName[]

/** Reads a folder: ten named files and `achievements/*.json`. Anything else in it is a problem, dot files excepted. */
export function readFolder(folder: string): ReadAnswer {
  if (!existsSync(folder)) {
    const advice = 'name the folder that holds institution.json'
    return { kind: 'invalid', problems: [whole('', 'folder-missing', 'the folder does not exist', advice)] }
  }
  const problems: RegisterProblem[] = unknownFiles(folder)
  const files: Record<string, unknown> = {}
  for (const name of fileNames) files[name] = readShape(folder, name, fileShapes[name], problems)
  const achievements = achievementFiles(folder).map((file) => ({
    file,
    content: readShape(folder, file, achievementFile, problems),
  }))
  if (problems.length > 0) return { kind: 'invalid', problems }
  return { kind: 'draft', draft: { files, achievements } as unknown as Draft }
}

function achievementFiles(folder: string): string[] {
  const inside = join(folder, achievementFolder)
  if (!existsSync(inside)) return []
  return listed(inside)
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${achievementFolder}/${name}`)
}

function listed(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .toSorted()
}

function unknownFiles(folder: string): RegisterProblem[] {
  const inAchievements = existsSync(join(folder, achievementFolder)) ? listed(join(folder, achievementFolder)) : []
  const strange = [
    ...listed(folder).filter((name) => name !== achievementFolder && !Object.hasOwn(fileShapes, name)),
    ...inAchievements.filter((name) => !name.endsWith('.json')).map((name) => `${achievementFolder}/${name}`),
  ]
  const advice = `a register has ${fileNames.join(', ')} and ${achievementFolder}/*.json; move the file elsewhere`
  return strange.map((file) => whole(file, 'file-unknown', 'is not a file of a register', advice))
}

function readShape(folder: string, file: string, shape: z.ZodType, problems: RegisterProblem[]): unknown {
  const path = join(folder, file)
  if (!existsSync(path)) {
    problems.push(whole(file, 'file-missing', 'is not there', 'add it; a list may be empty'))
    return undefined
  }
  const json = parseJson(readFileSync(path))
  if (json === undefined) {
    problems.push(whole(file, 'not-json', 'is not JSON in UTF-8', 'mend the syntax; comments are not allowed'))
    return undefined
  }
  return checkShape(shape, json.value, { file, problems })
}

function parseJson(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown }
  } catch {
    return undefined
  }
}

/** The shaped value, or undefined with problems added. */
export function checkShape<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  { file, problems }: { readonly file: string; readonly problems: RegisterProblem[] },
): z.output<Shape> | undefined {
  const result = shape.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  problems.push(...result.error.issues.flatMap((issue) => tell(issue, file)))
  return undefined
}

function tell(issue: z.core.$ZodIssue, file: string): RegisterProblem[] {
  const pointer = pointerOf(issue.path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      file,
      pointer: pointerOf([...issue.path, key]),
      code: 'unknown-member',
      detail: 'is not in the schema',
      advice: 'leave it out, or see docs/register.schema.json for the right name',
    }))
  if (issue.input === undefined) {
    const advice = `add \`${String(issue.path.at(-1))}\``
    return [{ file, pointer, code: 'missing-member', detail: 'is missing', advice }]
  }
  return [{ file, pointer, code: 'bad-value', detail: 'is not what the schema demands', advice: issue.message }]
}

function whole(file: string, code: RegisterProblemCode, detail: string, advice: string): RegisterProblem {
  return { file, pointer: '', code, detail, advice }
}
