/** A package judged by the policy that lies in it: it may agree with itself, and proves nothing to anybody. */
import { type Check, type PackageReport, text } from '#verifier/report.ts'

/** The same report, in which nothing that rests on the borrowed policy counts as passed. */
export function asBorrowed(report: PackageReport): PackageReport {
  const checks = report.checks.map((check) =>
    rests.has(check.id) && check.outcome === 'passed' ? borrowed(check) : check,
  )
  if (report.outcome !== 'passed') return { ...report, checks }
  const { shows: _, ...told } = report
  return {
    ...told,
    checks,
    outcome: 'could-not-check',
    verdict: text(
      'Underlaget hänger ihop med sig självt. Om det är äkta visar bara en policy som du har fått från annat håll.',
      'The package agrees with itself. Whether it is genuine only a policy you got from elsewhere can show.',
    ),
  }
}

const rests: ReadonlySet<Check['id']> = new Set(['checkpoint', 'witnesses'])

function borrowed(check: Check): Check {
  const { sv, en } = check.because
  return {
    ...check,
    outcome: 'could-not-check',
    because: text(`${sv} Men bara enligt underlagets egen policy.`, `${en} But only by the package’s own policy.`),
  }
}
