/** Finds links and paths in the documents that lead nowhere: a reader who follows one that rotted stops trusting the rest. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const rooms = [
  'domain',
  'credentials',
  'audit',
  'events',
  'config',
  'connectors',
  'db',
  'activities',
  'workflows',
].concat(['workers', 'api', 'web', 'cli', 'dev', 'test', 'tools', 'docs', '.ci'])

export interface BrokenLink {
  /** Document, as a path in the project. */
  readonly file: string
  readonly target: string
}

/** README, CONTRIBUTING and everything under docs/, as paths in the project. */
export function documents(): string[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  return ['README.md', 'CONTRIBUTING.md', ...below.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`)]
}

/** Relative links without a file or heading behind them, and paths in `code` that do not exist. */
export function brokenLinks(files: readonly string[] = documents()): BrokenLink[] {
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const links = linksIn(text).filter((target) => !leadsSomewhere(file, target))
    const paths = pathsIn(text).filter((path) => !existsSync(join(root, path)))
    return [...links, ...paths].map((target) => ({ file, target }))
  })
}

/** Targets of `[text](target)` that are not addresses on the web; code that only looks like one is none. */
function linksIn(text: string): string[] {
  const prose = withoutFences(text).replaceAll(/`[^`\n]*`/g, '')
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '')
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

/** Words in `code` that name a file or folder of ours; patterns and examples in braces or stars are none. */
function pathsIn(text: string): string[] {
  const words = [...withoutFences(text).matchAll(/`([^`\s]+)`/g)].map(([, word]) => word ?? '')
  return words.filter(
    (word) => rooms.includes(word.split('/')[0] ?? '') && /^[\w./-]+$/.test(word) && word.includes('/'),
  )
}

function leadsSomewhere(file: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const full = path === '' ? join(root, file) : join(root, dirname(file), path)
  if (relative(root, full).startsWith('..') || !existsSync(full)) return false
  return heading === undefined || headingsOf(full).includes(heading)
}

/** Headings as the anchors that forges make of them. */
function headingsOf(path: string): string[] {
  const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading ?? '')
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const withoutFences = (text: string) => text.replaceAll(/^```[^]*?^```/gm, '')

if (import.meta.main) {
  const broken = brokenLinks()
  for (const { file, target } of broken) console.error(`${file}: ${target} leads nowhere`)
  process.exitCode = broken.length > 0 ? 1 : 0
}
