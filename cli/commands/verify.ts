/** Verification for whoever holds a credential; what could not be asked is told as such and never as "valid" (design 10). */
import { basename } from 'node:path'
import { type VerifyReport, verifyCredential } from '#credentials/verify.ts'
import { command } from '../command.ts'
import type { Exit } from '../exit-codes.ts'
import { readInput } from '../input.ts'
import { settingsOf } from '../settings.ts'
import { openSources } from '../verify-sources.ts'
import { verdictText } from '../verify-text.ts'

export const verify = command({
  takes: '<file…|->',
  args: [1, 10_000],
  options: {
    jwks: { value: '<file|url>', says: 'key set to trust; without it the issuer’s own address is asked' },
    'status-lists': { value: '<folder>', says: 'status lists as files <id>.jwt; without it the issuer is asked' },
    issuer: { value: '<url>', says: 'the issuer it must come from' },
    offline: { says: 'ask nobody; what is then unknown could not be checked' },
  },
  examples: [
    [
      'bevis verify diploma.jwt --issuer https://bevis.example/institutions/norrsken',
      'ask the issuer for keys and status',
    ],
    ['bevis verify *.jwt --jwks jwks.json --status-lists status-lists', 'from files alone'],
    ['cat diploma.jwt | bevis verify - --json', 'one JSON document; exit 0 genuine, 3 refused, 8 could not verify'],
  ],
  run: async ({ args, values, out }) => {
    const sources = openSources(values, settingsOf().config.publicUrl)
    const reports: (VerifyReport & { readonly file: string })[] = []
    for (const file of args) {
      const jwt = readInput(file).trim()
      const report = await verifyCredential(jwt, { ...sources.contextFor(jwt), now: new Date().toISOString() })
      reports.push({ file: file === '-' ? '(standard input)' : basename(file), ...sources.withIssuer(jwt, report) })
    }
    const document = reports.map(({ file, result, checks }) => ({ file, result, checks }))
    out.data(() => reports.map((report) => verdictText(report, out.paint)).join('\n\n'), { reports: document })
    return worst(reports.map(({ result }) => result))
  },
})

function worst(results: readonly VerifyReport['result'][]): Exit {
  if (results.includes('refused')) return 'verification-failed'
  return results.every((result) => result === 'verified') ? 'ok' : 'could-not-verify'
}
