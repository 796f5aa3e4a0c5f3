/** A case's whole trail out of its pages, in the form that `bevis verify` reads. */
import type { z } from 'zod'
import { type trail, trailPage } from '#api/schemas/trail.ts'
import { type ApiClient, pages } from './api-client.ts'

export type Trail = z.infer<typeof trail>

/** `purpose` is logged with every page. @throws CliError `api/…` */
export async function wholeTrail(api: ApiClient, caseId: string, purpose: string | undefined): Promise<Trail> {
  const whole: Trail = { log: '', trail: '', entries: [], disclosures: [], withheld: [] }
  for await (const page of pages(api, `/cases/${encodeURIComponent(caseId)}/trail`, { purpose }, trailPage)) {
    whole.log = page.log
    whole.trail = page.trail
    whole.entries.push(...page.entries)
    whole.disclosures.push(...page.disclosures)
    whole.withheld.push(...page.withheld)
  }
  return whole
}
