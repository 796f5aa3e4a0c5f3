/** All of one case in a folder that can be read and checked without us; deterministic, so that two exports can be compared. */
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { caseDetail } from '#api/schemas/case.ts'
import { type ApiClient, shaped } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { exportReadme } from './export-readme.ts'
import { wholeTrail } from './trail-pages.ts'

export interface Exported {
  readonly folder: string
  readonly files: readonly string[]
  /** Number and hash of the trail's last entry; noted elsewhere, it proves later that nothing was cut off. */
  readonly trailEnd: string
  /** What the caller may not read, and so is not in it. */
  readonly withheld: readonly string[]
}

export interface ExportRequest {
  readonly id: string
  readonly folder: string
  /** Why; it is logged with every reading. */
  readonly purpose: string | undefined
}

/** Writes the folder whole or not at all. @throws CliError `export/exists`, and what the API refuses */
export async function exportCase(api: ApiClient, { id, folder, purpose }: ExportRequest): Promise<Exported> {
  if (existsSync(folder)) {
    const mend = 'give another folder with --to, or take it away first'
    throw new CliError({ exit: 'conflict', code: 'export/exists', what: `${folder} is there already`, mend })
  }
  const path = `/cases/${encodeURIComponent(id)}`
  const answer = await api.get(path, { purpose })
  const detail = shaped(caseDetail, answer)
  const { name: _, ...learner } = detail.learner
  const trail = await wholeTrail(api, id, purpose)
  const files = new Map<string, string>([
    ['case.json', jsonText({ ...(answer.body as object), learner })],
    ['trail.json', jsonText(trail)],
  ])
  const withheld: string[] = []
  for (const credential of detail.credentials) {
    const found = await credentialFiles(api, credential, purpose)
    if (found === undefined) withheld.push(`credential ${credential.id} (${credential.format})`)
    else for (const [name, text] of found) files.set(name, text)
  }
  const last = trail.entries.at(-1)
  const trailEnd = `${last?.n ?? 0}:${last?.leafHash ?? ''}`
  files.set('README.md', exportReadme({ id, names: [...files.keys()].toSorted(), trailEnd, withheld }))
  files.set('SHA256SUMS', sums(files))
  writeWhole(folder, files)
  return { folder, files: [...files.keys()].toSorted(), trailEnd, withheld }
}

type Listed = z.infer<typeof caseDetail>['credentials'][number]

const described = z.looseObject({ statusList: z.object({ url: z.url() }).optional() })

/** Document, what became of it, the issuer's keys and the status list; undefined where the caller may not read it. */
async function credentialFiles(
  api: ApiClient,
  { id, format }: Listed,
  purpose: string | undefined,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const path = `/credentials/${encodeURIComponent(id)}`
    const answer = await api.get(path)
    const { statusList } = shaped(described, answer)
    const list = statusList?.url
    return new Map([
      [`credentials/${id}.json`, jsonText(answer.body)],
      [`credentials/${id}.${format}.jwt`, `${await api.text(`${path}/document`, { format, purpose })}\n`],
      ['jwks.json', jsonText(JSON.parse(await api.published('/keys')))],
      ...(list === undefined ? [] : await statusListFile(api, list)),
    ])
  } catch (error) {
    if (error instanceof CliError && error.exit === 'not-allowed') return undefined
    throw error
  }
}

async function statusListFile(api: ApiClient, url: string): Promise<(readonly [string, string])[]> {
  const name = url.slice(url.lastIndexOf('/') + 1)
  return [[`status-lists/${name}.jwt`, `${await api.published(`/status-lists/${name}`)}\n`] as const]
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** As `sha256sum --check` reads it. */
function sums(files: ReadonlyMap<string, string>): string {
  const lines = [...files].map(([name, text]) => `${hash('sha256', text, 'hex')}  ${name}`)
  return `${lines.toSorted((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join('\n')}\n`
}

/** Beside its place first: whoever interrupts us leaves no half folder under the name that was asked for. */
function writeWhole(folder: string, files: ReadonlyMap<string, string>): void {
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  for (const [name, text] of files) {
    const file = join(partial, name)
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, text, { mode: 0o600 })
  }
  renameSync(partial, folder)
}
