/** Verification for whoever holds a credential; what could not be asked is told as such and never as "valid" (design 10). */
import { basename } from 'node:path'
import type { TrailReport } from '#audit/verify-trail.ts'
import { judgeReport } from '#credentials/demand.ts'
import { type VerifyReport, verifyCredential } from '#credentials/verify.ts'
import type { Demand, JudgedDemand } from '#domain/credential/demand.ts'
import { readDemand } from '#domain/credential/demand-text.ts'
import type { PackageReport } from '#verifier/report.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { credentialFiles } from '../credential-files.ts'
import type { Exit } from '../exit-codes.ts'
import { readInput } from '../input.ts'
import { withLogProof } from '../log-evidence.ts'
import { isPackage, withPackage } from '../package-source.ts'
import { packageText } from '../package-text.ts'
import { policyIn, readTrust, type TrustValues } from '../package-trust.ts'
import { settingsOf } from '../settings.ts'
import { trailsIn, trailText } from '../trail-verify.ts'
import { openSources } from '../verify-sources.ts'
import { summaryText, verdictText } from '../verify-text.ts'

export type Verified = VerifyReport & { readonly file: string; readonly demand?: JudgedDemand }

export const verify = command({
  takes: '<file…|folder…|->',
  args: [1, 10_000],
  options: {
    require: { value: '<demand>', says: 'what it must meet: "SeQF >= 6, LoA >= 3, bands {A, B-C1}", any of the three' },
    jwks: { value: '<file|url>', says: 'key set to trust; without it the issuer’s own address is asked' },
    'status-lists': { value: '<folder>', says: 'status lists as files <id>.jwt; without it the issuer is asked' },
    issuer: { value: '<url>', says: 'the issuer it must come from' },
    'trail-end': {
      value: '<n:hash>',
      says: 'where the trail of an exported case must end, as you know it from elsewhere',
    },
    offline: { says: 'ask nobody; what is then unknown could not be checked' },
    policy: { value: '<file>', says: 'logs and witnesses you trust (C2SP tlog-policy); an audit package needs it' },
    tsa: { value: '<file>', says: 'certificates of the time-stamp authorities you trust, as PEM' },
    at: { value: '<time>', says: 'nothing in an audit package may be dated later; without it, now' },
    disclosures: { value: '<file>', says: 'disclosures you have from elsewhere: {"<trail>": {"<n>": ["…"]}}' },
    profile: {
      value: '<profile>',
      says: 'what you were promised: public, employer, subject, accreditor or court; without it, what the package says of itself',
    },
    without: { value: '<checks>', says: 'checks of an audit package you can do without, by commas' },
  },
  examples: [
    [
      'bevis verify diploma.jwt --issuer https://bevis.example/institutions/norrsken',
      'ask the issuer for keys and status',
    ],
    [
      'bevis verify diploma.jwt --require "SeQF >= 6, LoA >= 3"',
      'exit 0 genuine and met, 3 refused or not met, 8 unsure',
    ],
    ['bevis verify *.jwt --jwks jwks.json --status-lists status-lists', 'from files alone'],
    ['bevis verify case_mfrg --trail-end 24:mfrg…', 'a folder of bevis case export: its trail and its credentials'],
    ['bevis verify package.zip --policy trust.policy', 'an audit package, or its folder, with no network at all'],
    [
      'bevis verify package.zip --policy trust.policy --profile accreditor',
      'exit 8 unless every gate could be judged again, however the package calls itself',
    ],
    ['bevis verify diplomas/ --json', 'every .jwt in a folder; one JSON document with a report per file'],
  ],
  run: async ({ args, values, out }) => {
    const demand = values.require === undefined ? undefined : demandIn(values.require)
    const packages = await verifyPackages(args.filter(isPackage), values)
    const others = args.filter((word) => !isPackage(word))
    const sources = openSources(values, settingsOf().config.publicUrl)
    const policy = values.policy === undefined ? undefined : policyIn(values.policy)
    const files = credentialFiles(others)
    const trails = trailsIn(others, values['trail-end'])
    const reports: Verified[] = []
    const progress = out.progress('Verifying', files.length)
    for (const file of files) {
      const jwt = readInput(file).trim()
      const found = await verifyCredential(jwt, { ...sources.contextFor(jwt), now: new Date().toISOString() })
      const asked = sources.withIssuer(jwt, found)
      const report = policy === undefined ? asked : withLogProof(asked, policy)
      const judged = demand === undefined ? {} : { demand: judgeReport(demand, report) }
      reports.push({ file: file === '-' ? '(standard input)' : basename(file), ...report, ...judged })
      progress.step()
    }
    progress.end()
    const document = reports.map(({ file, result, profile, checks, demand: judged }) => ({
      file,
      result,
      profile,
      checks,
      ...(judged === undefined ? {} : { demand: judged }),
    }))
    const checked = trails.map(({ file, report: { outcome, checks } }) => ({ file, outcome, checks }))
    const text = () =>
      [
        ...packages.map(({ file, report }) => packageText(file, report, out.paint)),
        ...trails.map((trail) => trailText(trail, out.paint)),
        ...textsOf(reports, out.paint),
      ].join('\n\n')
    out.data(text, {
      reports: document,
      ...(trails.length === 0 ? {} : { trails: checked }),
      ...(packages.length === 0 ? {} : { packages: packages.map(({ file, report }) => ({ file, ...report })) }),
    })
    return worst(reports, [
      ...trails.map(({ report }) => report.outcome),
      ...packages.map(({ report }) => report.outcome),
    ])
  },
})

function textsOf(reports: readonly Verified[], paint: Parameters<typeof verdictText>[1]): string[] {
  const each = reports.map((report) => verdictText(report, paint))
  return [...each, ...(reports.length > 1 ? [summaryText(reports)] : [])]
}

/** @throws CliError `usage/demand` with every fault and its place */
function demandIn(text: string): Demand {
  const read = readDemand(text)
  if (read.kind === 'demand') return read.demand
  const lines = read.problems.map(
    ({ position, what, mend }) => `${text}\n${' '.repeat(position)}^ ${what.en} ${mend.en}`,
  )
  throw usage('demand', '--require cannot be understood', lines.join('\n'))
}

/** What refuses or fails anything wins over what could not be asked. */
function worst(reports: readonly Verified[], outcomes: readonly TrailReport['outcome'][]): Exit {
  if (
    outcomes.includes('failed') ||
    reports.some(({ result, demand }) => result === 'refused' || demand?.result === 'not-met')
  )
    return 'verification-failed'
  const isSure = ({ result, demand }: Verified) =>
    result === 'verified' && (demand === undefined || demand.result === 'met')
  const isAllSure = reports.every(isSure) && outcomes.every((outcome) => outcome === 'passed')
  return isAllSure ? 'ok' : 'could-not-verify'
}

interface VerifiedPackage {
  readonly file: string
  readonly report: PackageReport
}

/** Nobody is asked, whatever the other options say. */
async function verifyPackages(words: readonly string[], values: TrustValues): Promise<VerifiedPackage[]> {
  if (words.length === 0) return []
  const trust = readTrust(values, new Date().toISOString())
  const verified: VerifiedPackage[] = []
  for (const word of words) {
    const report = await withPackage(word, (open) => verifyPackage(open, trust))
    verified.push({ file: basename(word), report })
  }
  return verified
}
