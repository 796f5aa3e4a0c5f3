/** Writes the JSON Schemas that engineers of emitting systems and editors use; `--check` only says whether they are fresh. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { achievementFile, fileShapes } from '#config/register/files.ts'
import { families, incomingSchema } from '#events/catalogue.ts'
import { outgoingFamilies, outgoingSchema } from '#events/outgoing.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const eventsFolder = 'docs/events'
const registerSchema = 'docs/register.schema.json'

/** Every generated file: path in the project → text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const family of families)
    files.set(schemaPath(family.type), printed(incomingSchema(family), schemaPath(family.type)))
  for (const family of outgoingFamilies)
    files.set(schemaPath(family.type), printed(outgoingSchema(family), schemaPath(family.type)))
  files.set(registerSchema, printed(registerFile(), registerSchema))
  return files
}

/** `org.beviskedja.completion.recorded.v1` → `docs/events/completion.recorded.v1.schema.json` */
export function schemaPath(type: string): string {
  return `${eventsFolder}/${type.replace('org.beviskedja.', '')}.schema.json`
}

/** One schema for all files of a register: an editor tells by the members which file it has before it. */
function registerFile(): z.ZodType {
  return z.union([...Object.values(fileShapes), achievementFile]).meta({ title: 'A file of a register' })
}

/** Formatted by the project's own formatter, so that a generated file passes the same check as a written one. */
function printed(schema: z.ZodType, path: string): string {
  const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
  const input = JSON.stringify({ $id: `https://beviskedja.example/${path}`, ...json })
  const biome = join(root, 'node_modules/.bin/biome')
  return execFileSync(biome, ['format', `--stdin-file-path=${path}`], { cwd: root, input, encoding: 'utf8' })
}

/** Paths whose file is absent, differs, or is a schema nobody generates any more. */
export function staleFiles(): string[] {
  const files = generatedFiles()
  const stale = [...files].filter(([path, text]) => readIfThere(join(root, path)) !== text).map(([path]) => path)
  const left = readdirSync(join(root, eventsFolder))
    .filter((name) => name.endsWith('.schema.json'))
    .map((name) => `${eventsFolder}/${name}`)
    .filter((path) => !files.has(path))
  return [...stale, ...left]
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function write(): void {
  for (const [path, text] of generatedFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

if (import.meta.main) {
  if (!process.argv.includes('--check')) write()
  const stale = staleFiles()
  for (const path of stale) console.error(`${path} is not fresh: run node tools/generate-schemas.ts`)
  process.exitCode = stale.length > 0 ? 1 : 0
}
