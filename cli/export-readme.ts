/** What lies in an exported case, told to somebody who has only the folder. */

export interface ReadmeFacts {
  readonly id: string
  readonly names: readonly string[]
  readonly trailEnd: string
  readonly withheld: readonly string[]
}

/** No date and no name of whoever exported: the same case gives the same text. */
export function exportReadme({ id, names, trailEnd, withheld }: ReadmeFacts): string {
  const sections = [
    `# Case ${id}`,
    'A working copy of one case out of its institution’s Beviskedja. It is not an audit package: that is made by `bevis trail export`, for those outside.',
    'Handle it as personal data. The holder’s name is left out of case.json, but a credential may carry it.',
    ['| file | what it is |', '|---|---|', ...names.map((name) => `| ${name} | ${meaning(name)} |`)].join('\n'),
    ...(withheld.length === 0 ? [] : [`Not in it, because whoever exported may not read it: ${withheld.join(', ')}.`]),
    '## Check it',
    ['```sh', 'sha256sum --check SHA256SUMS', 'bevis verify .', '```'].join('\n'),
    'The second asks the issuer for keys and status. From the folder alone, which then vouches for itself:',
    ['```sh', 'bevis verify . --jwks jwks.json --status-lists status-lists', '```'].join('\n'),
    `The trail ends at entry ${trailEnd}. That nothing was cut off its end shows only to somebody who knows this from elsewhere, with \`--trail-end ${trailEnd}\`; else it could not be checked.`,
    'The exact inputs of the verdicts are not in it. The trail holds their salted digests, and trail.json what stands behind those that whoever exported may see.',
  ]
  return `${sections.join('\n\n')}\n`
}

function meaning(name: string): string {
  if (name === 'case.json') return 'state, judgements with every finding, facts, decisions, what higher bands lack'
  if (name === 'trail.json') return 'the entries of the audit log, each with its exact bytes'
  if (name === 'jwks.json') return 'the issuer’s public keys when this was exported'
  if (name.startsWith('status-lists/')) return 'the signed status list when this was exported'
  return name.endsWith('.jwt') ? 'the signed credential' : 'status and digests of the credential'
}
