/**
 * Real packages out of a real installation: a case at the highest level, cleared, signed, witnessed and stamped, exported over the API
 * for three readers, as a sample and as a whole log. `tools/record-golden-packages.ts` keeps them for ever.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PackageProfile } from '#audit/package/profiles.ts'
import { readTrustedTsa } from '#connectors/time-stamp/verify.ts'
import { anchorOnce } from '#workers/log/anchor.ts'
import { tellHeads } from '#workers/log/heads.ts'
import { courseA, joined, offeringOf, webinar } from '../e2e/courses.ts'
import { norrsken } from '../e2e/emitters.ts'
import { type System, startSystem } from '../e2e/system.ts'
import { makeTsa, startTsa } from '../support/tsa.ts'

export interface MadePackages {
  /** C2SP tlog-policy of a verifier who trusts this log and its witness. */
  readonly policy: string
  /** Certificate of the time-stamp authority, PEM. */
  readonly tsa: string
  /** By name: a case by profile, `sample`, `log`. */
  readonly packages: ReadonlyMap<string, Uint8Array>
}

export async function makePackages(): Promise<MadePackages> {
  const system = await startSystem()
  const folder = makeTsa()
  const tsa = await startTsa((query) => folder.reply(query))
  try {
    const at = offeringOf('09', 'steril-beredning', 'golden')
    const id = await system.tell(courseA(at))
    for (let turn = 0; turn < 2; turn += 1)
      await system.decideAsAsked(id, { outcome: 'approve', reason: 'outcomes-shown' })
    await system.until(id, ({ state }) => state === 'issued')
    const other = await system.tell(
      webinar(offeringOf('10', 'validering-information', 'golden'), joined, { login: false }),
    )
    await system.until(other, ({ state }) => state === 'issued')
    const sequencer = system.open('bevis_sequencer')
    const trusted = readTrustedTsa(folder.root)
    const stamp = async () => anchorOnce({ db: sequencer, tsa: { url: tsa.url, trusted }, everySeconds: 0 }, norrsken)
    await published(system)
    const stamped = await stamp()
    if (stamped.kind !== 'anchored') throw new Error(JSON.stringify(stamped))
    await tellHeads(sequencer, norrsken, { size: await published(system), everySeconds: 0 })
    await published(system)
    const packages = new Map<string, Uint8Array>()
    const order = async (kind: string, name: string, body: object) => {
      const { status, bytes } = await system.people.download('officer-1', `/audit-packages/${kind}`, body)
      if (status !== 200) throw new Error(`${name}: ${status} ${Buffer.from(bytes).toString()}`)
      packages.set(name, bytes)
    }
    for (const [profile, purpose] of Object.entries(purposes))
      await order('trails', profile, { cases: [id], profile, purpose })
    const from = '2026-01-01T00:00:00.000Z'
    await order('samples', 'sample', {
      from,
      size: 2,
      strata: ['level'],
      profile: 'accreditor',
      purpose: 'accreditation',
    })
    await order('log', 'log', { purpose: 'archive' })
    const policy = readFileSync(join(system.log.policyDir, `${norrsken}.policy`), 'utf8')
    return { policy, tsa: folder.root, packages }
  } finally {
    await tsa.close()
    folder.dispose()
    await system.dispose()
  }
}

/** Readers whose packages are kept; the others hold less of the same. */
const purposes = { public: 'audit', accreditor: 'accreditation', court: 'court' } as const satisfies Partial<
  Record<PackageProfile, string>
>

/** Waits until the log's worker has published all there is; its size. */
async function published({ admin }: System): Promise<number> {
  for (let turn = 0; turn < 300; turn += 1) {
    const [row] = await admin<{ size: string; pending: string }[]>`
      select max(c.size) as size, (select count(*) from audit.pending) + (select max(size) from audit.log) - max(c.size) as pending
      from audit.checkpoint c where c.institution = ${norrsken}`
    if (row !== undefined && Number(row.pending) === 0) return Number(row.size)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the log does not come to rest')
}
