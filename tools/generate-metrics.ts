/** Writes docs/metrics.md from the table of metrics; a test fails when the committed page is older. */
import { writeFile } from 'node:fs/promises'
import { type MetricSpec, metricSpecs } from '#connectors/platform/metrics.ts'

const rows = Object.entries<MetricSpec>(metricSpecs).map(
  ([name, { kind, help, labels }]) =>
    `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ') || '–'} | ${help} |`,
)

/** The whole page. */
export const metricsDocument = `# Metrics

Generated from \`connectors/platform/metrics.ts\` by \`tools/generate-metrics.ts\`. Each process answers \`/metrics\` on its port for
operators (\`BEVIS_OPS_PORT\`), beside \`/livez\` and \`/readyz?verbose\`. Nothing here is a case, a learner or an event.

The gauges of the database (cases, outbox, dead letters, keys, lists) come from the relay, every 15 seconds; cases that have
ended are counted more seldom, so that counting takes at most a hundredth of one connection's time. With several relays each
tells the same: use \`max by\`. Beside these stand the figures of the process (\`process_…\`, \`nodejs_…\`) and, for pipeline and
signing, those of the Temporal SDK (\`temporal_…\`). Alert rules for Prometheus are in [ops/alerts.yml](../ops/alerts.yml), a dashboard for
Grafana in [ops/dashboard.json](../ops/dashboard.json).

| metric | kind | labels | what it tells |
|---|---|---|---|
${rows.join('\n')}
`

if (import.meta.main) await writeFile(new URL('../docs/metrics.md', import.meta.url), metricsDocument)
