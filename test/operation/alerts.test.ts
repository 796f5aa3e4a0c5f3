import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { type MetricSpec, metricSpecs } from '#connectors/platform/metrics.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations: { readonly summary: string; readonly runbook_url: string }
}

const { groups } = parse(read('ops/alerts.yml')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const { panels } = JSON.parse(read('ops/dashboard.json')) as {
  panels: { title: string; targets: { expr: string }[] }[]
}
const asked: [string, string][] = [
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr])),
]

/** What Prometheus stores of our metrics, with the labels each has. */
const series = new Map<string, readonly string[]>(
  Object.entries<MetricSpec>(metricSpecs).flatMap(([name, { kind, labels }]) =>
    kind === 'histogram'
      ? [
          [`${name}_bucket`, [...labels, 'le']],
          [`${name}_count`, labels],
          [`${name}_sum`, labels],
        ]
      : [[name, labels]],
  ),
)

test.each(asked)('%s asks for metrics that are told, by labels they have', (_title, expr) => {
  const names = [...new Set(expr.match(/\bbevis_\w+/g))]
  for (const name of names) expect([...series.keys()]).toContain(name)
  const known = ['instance', 'job', ...names.flatMap((name) => series.get(name) ?? [])]
  const wanted = [
    ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', ')),
    ...[...expr.matchAll(/[{,]\s*(\w+)\s*(?:=~|!=|=)/g)].map(([, label = '']) => label),
  ]
  if (names.length > 0) for (const label of wanted) expect(known).toContain(label)
  expect(names.length > 0 || /\bup\{|\bnode_filesystem_/.test(expr)).toBe(true)
})

test.each(rules)('$alert names a section of the operations guide that is there', ({ annotations }) => {
  const sections = [...read('docs/operations.md').matchAll(/^##+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  const [page, section] = annotations.runbook_url.split('#')
  expect(page).toBe('docs/operations.md')
  expect(sections).toContain(section)
})

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

test.skipIf(!hasPromtool)('Prometheus itself takes the rules, and they fire when ops/alerts.test.yml says', () => {
  const said = spawnSync('promtool', ['test', 'rules', 'alerts.test.yml'], {
    cwd: fileURLToPath(new URL('../../ops', import.meta.url)),
    encoding: 'utf8',
  })
  expect([said.status, said.stdout + said.stderr]).toEqual([0, expect.stringContaining('SUCCESS')])
})
