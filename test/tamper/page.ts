/** docs/conformance/tamper.md, from the list of manipulations; each run holds the list to what happens. */
import { exitCodes } from '#cli/exit-codes.ts'
import type { CheckName } from './checks.ts'
import type { Manipulation } from './manipulations/manipulation.ts'
import { manipulations } from './manipulations.ts'

type Where = Manipulation['shows'][number][0]

/** How each check is asked in life, and what it ends with when it speaks. */
const asked: Readonly<Record<Where, string>> = {
  database: 'the database refuses, with this SQLSTATE',
  witness: 'a witness answers `POST /add-checkpoint` with this status and cosigns nothing',
  reconcile: `\`bevis reconcile\`, and every night by itself: exit ${exitCodes['verification-failed']}`,
  gaps: `\`bevis reconcile\`: exit ${exitCodes['verification-failed']}`,
  verify: `\`bevis verify\` of an exported trail: exit ${exitCodes['verification-failed']}, or ${exitCodes['could-not-verify']} where a check could not be made`,
  fsck: `\`bevis log fsck --dir … --vkey … --trails --heads\`: exit ${exitCodes['verification-failed']}`,
  'log worker':
    '`bevis work log` freezes the log for this reason; nothing is published, and nothing signed, from then on',
  'log worker without witnesses': 'the same under a policy that asks no witness',
  'signing worker': '`bevis work signing` refuses the case with this code',
  heads: 'the manifest of trail heads, computed again from the log',
  package: `\`bevis verify <package> --policy trust.policy\`, with no network: exit ${exitCodes['verification-failed']}, or ${exitCodes['could-not-verify']} where something is missing`,
  policy: 'a relying party that holds the published checkpoint against its own policy',
  evidence: 'whoever opens it: it is sealed under the name it was stored with',
}

const hands = ['application', 'owner', 'superuser', 'log key', 'files', 'package'] as const
const titles: Readonly<Record<Manipulation['hand'], string>> = {
  application: 'As one of our own processes, each under its role',
  owner: 'As the owner of schema `audit`, triggers in place',
  superuser: 'As superuser, triggers lifted',
  'log key': 'With the stolen key of the log',
  files: 'In the published files',
  package: 'In an audit package, its manifest made to fit',
}

/** The whole page. */
export function tamperPage(): string {
  const parts = hands.map((hand) => {
    const rows = manipulations
      .filter((one) => one.hand === hand)
      .map(({ what, shows }) => `| ${what} | ${shows.map(([check, code]) => `${check}: \`${code}\``).join('<br>')} |`)
    return `## ${titles[hand]}\n\n| manipulation | shown by |\n|---|---|\n${rows.join('\n')}`
  })
  const used = new Set<Where>(manipulations.flatMap(({ shows }) => shows.map(([check]) => check)))
  const list = Object.entries(asked).filter(([check]) => used.has(check as CheckName))
  return `# What tampering shows

Written by \`npm run tamper -- --write\`. The suite makes an honest world with the real processes: issued cases, one that is about to be signed, a log that two witnesses
have cosigned. Each manipulation gets a copy of it, database, files and witnesses, is carried out or refused, and then the checks are asked. A check that stays
silent fails the suite, as does one that speaks about the honest world. A short run is part of \`npm test\` (\`test/tamper/tamper.test.ts\`).

${list.map(([check, how]) => `- **${check}**: ${how}.`).join('\n')}

${parts.join('\n\n')}
`
}
