// The floors of the house (docs/architecture.md): an import may point only to a lower floor, never to a neighbour.
const floors = [
  ['cli', 'dev'],
  ['web'],
  ['api', 'workers'],
  ['workflows'],
  ['activities'],
  ['db'],
  ['verifier'],
  ['credentials', 'audit', 'events', 'config', 'connectors'],
  ['domain'],
]

const lookDown = floors.flatMap((rooms, floor) =>
  rooms.map((room) => {
    const above = floors.slice(0, floor).flat()
    const beside = rooms.filter((other) => other !== room)
    return {
      name: `${room}-looks-down-only`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: `^(${[...above, ...beside].join('|') || 'NONE'})/` },
    }
  }),
)

/** A package's files, wherever node_modules stands (the test that plants violations links to it from elsewhere). */
const inPackages = (names) => `(^|/)node_modules/(${names.join('|')})(/|$)`

/** Only these rooms may import the package: each dangerous tool has one keeper. */
const keptBy = (name, packages, keepers) => ({
  name,
  severity: 'error',
  from: { pathNot: `^(${keepers.join('|')}|test|bench)/` },
  to: { path: inPackages(packages) },
})

module.exports = {
  forbidden: [
    ...lookDown,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'product-never-imports-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench|tools)/' },
      to: { path: '^(test|bench|tools)/' },
    },
    // What emitters run: it could leave the house any day, and the house never leans on it.
    {
      name: 'kit-stands-alone',
      severity: 'error',
      from: { path: '^kit/' },
      to: { pathNot: ['^kit/', '(^|/)node_modules/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'nobody-leans-on-the-kit',
      severity: 'error',
      from: { pathNot: '^(kit|test|tools|bench)/' },
      to: { path: '^kit/' },
    },
    {
      name: 'domain-imports-nothing',
      severity: 'error',
      from: { path: '^domain/' },
      to: { pathNot: '^domain/' },
    },
    // What an auditor runs, on a machine without us or in a browser: it opens no file and asks nobody.
    {
      name: 'verifier-is-pure',
      severity: 'error',
      from: { path: '^verifier/', pathNot: '^verifier/viewer/' },
      to: { pathNot: '^(verifier|domain|audit|credentials)/' },
    },
    {
      name: 'workflows-are-pure',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot: [
          '^workflows/',
          '^domain/',
          '^activities/contracts[.]ts$',
          inPackages(['@temporalio/workflow', '@temporalio/common']),
        ],
      },
    },
    {
      name: 'activities-as-types',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    keptBy('sql-only-in-db', ['drizzle-orm', 'postgres'], ['db']),
    keptBy('jose-only-where-keys-live', ['jose'], ['credentials', 'connectors', 'cli', 'kit']),
    keptBy('nats-only-in-platform', ['@nats-io'], ['connectors/platform', 'kit']),
    keptBy('logs-only-in-platform', ['pino'], ['connectors/platform']),
    keptBy('opentelemetry-only-in-platform', ['@opentelemetry'], ['connectors/platform']),
    keptBy('temporal-client-only-in-platform', ['@temporalio/client'], ['connectors/platform']),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // Packages must stay in sight, or the rules about them see nothing.
    exclude: { path: '^[.]bevis' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
}
