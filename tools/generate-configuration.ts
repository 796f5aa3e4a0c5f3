/** Writes docs/configuration.md from the table of settings; a test fails when the committed page is older. */
import { writeFile } from 'node:fs/promises'
import { type ExplainedSetting, explainConfig } from '#config/env.ts'
import { type ProcessName, processes } from '#config/given.ts'

const takers = new Map<string, { readonly setting: ExplainedSetting; readonly by: string[] }>()
const names: readonly ProcessName[] = [...processes, 'keys']
for (const name of names)
  for (const setting of explainConfig(name, {}).settings) {
    const known = takers.get(setting.variable) ?? { setting, by: [] }
    known.by.push(setting.required ? `**${name}**` : name)
    takers.set(setting.variable, known)
  }

const rows = [...takers.values()]
  .toSorted((one, other) => one.setting.variable.localeCompare(other.setting.variable, 'en'))
  .map(({ setting: { variable, value, says }, by }) => {
    const byDefault = value === undefined ? '–' : `\`${value}\``
    return `| \`${variable}\` | ${by.join(', ')} | ${byDefault} | ${says.replaceAll('<', '&lt;').replaceAll('|', String.raw`\|`)} |`
  })

/** The whole page. */
export const configurationDocument = `# Configuration

Generated from \`config/settings.ts\` by \`tools/generate-configuration.ts\`. Settings are environment variables; secrets are files named by
them. A process reads all of them at its start and refuses to run with every fault told at once: which variable, what is wrong, how
to mend it. An empty variable counts as absent. \`bevis config show <process>\` tells what a process would take.

In bold: the processes that do not start without it. \`cli\` is the command line, \`keys\` is \`bevis keys\`, run where the signing keys
lie. Nothing of the signing worker's may reach another process: such a variable is refused there.

| variable | for | default | what belongs there |
|---|---|---|---|
${rows.join('\n')}

## Refused in production

With \`BEVIS_ENV=production\` a process also refuses:

- a public address or an issuer without https, or on this machine (so the development stack's issuer never logs anybody in);
- a database address without a password or with a well-known one;
- a file of secrets that everybody on the machine may read;
- a line to NATS without an identity of its own (\`BEVIS_NATS_SEED_FILE\`);
- \`BEVIS_FAILPOINTS_DIR\`, which is for tests of crashes.

Always refused: keys that are not 32 bytes, plainly not random, or used for two purposes at once.
`

if (import.meta.main) await writeFile(new URL('../docs/configuration.md', import.meta.url), configurationDocument)
