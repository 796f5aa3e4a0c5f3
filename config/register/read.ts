/** Files of a register into checked shapes, with every fault of every file; later checks then trust the shapes. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
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

/** Path inside the register (`people.json`, `achievements/x.json`) → the file's bytes. */
export type RegisterFiles = ReadonlyMap<string, Uint8Array>

/** Every file of a folder, dot files excepted; undefined where there is no such folder. A strange folder stands for what is in it. */
export function filesOf(folder: string): RegisterFiles | undefined {
  if (!existsSync(folder)) return undefined
  const isFolder = (path: string) => statSync(join(folder, path)).isDirectory()
  const inside = existsSync(join(folder, achievementFolder)) ? listed(join(folder, achievementFolder)) : []
  const paths = [
    ...listed(folder).filter((name) => name !== achievementFolder),
    ...inside.map((name) => `${achievementFolder}/${name}`),
  ]
  return new Map(paths.map((path) => [path, isFolder(path) ? new Uint8Array() : readFileSync(join(folder, path))]))
}

/** Reads ten named files and `achievements/*.json`. Anything else is a problem. */
export function readFiles(source: RegisterFiles): ReadAnswer {
  const problems: RegisterProblem[] = unknownFiles(source)
  const files: Record<string, unknown> = {}
  for (const name of fileNames) files[name] = readShape(source, name, fileShapes[name], problems)
  const achievements = [...source.keys()].filter(isAchievement).map((file) => ({
    file,
    content: readShape(source, file, achievementFile, problems),
  }))
  if (problems.length > 0) return { kind: 'invalid', problems }
  return { kind: 'draft', draft: { files, achievements } as unknown as Draft }
}

export function noFolder(): RegisterProblem {
  return whole('', 'folder-missing', 'the folder does not exist', 'name the folder that holds institution.json')
}

function listed(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .toSorted()
}

function isAchievement(path: string): boolean {
  const [folder, name = '', ...deeper] = path.split('/')
  return folder === achievementFolder && name.endsWith('.json') && deeper.length === 0
}

function unknownFiles(source: RegisterFiles): RegisterProblem[] {
  const strange = [...source.keys()].filter((path) => !Object.hasOwn(fileShapes, path) && !isAchievement(path))
  const advice = `a register has ${fileNames.join(', ')} and ${achievementFolder}/*.json; move the file elsewhere`
  return strange.map((file) => whole(file, 'file-unknown', 'is not a file of a register', advice))
}

function readShape(source: RegisterFiles, file: string, shape: z.ZodType, problems: RegisterProblem[]): unknown {
  const bytes = source.get(file)
  if (bytes === undefined) {
    problems.push(whole(file, 'file-missing', 'is not there', 'add it; a list may be empty'))
    return undefined
  }
  const json = parseJson(bytes)
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
