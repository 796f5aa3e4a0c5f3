/** A package cut down to what a profile opens, and saying so: as one is made for that reader, and as whoever hides something relabels one. */
import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import { type WithheldLine, withheldOrder } from '#audit/package/manifest.ts'
import { openings, type PackageProfile } from '#audit/package/profiles.ts'
import { type Files, sealed } from './package.ts'

export function cutTo(profile: PackageProfile, files: Files): Files {
  const opens: readonly string[] = openings[profile].opens
  const kept: Files = new Map()
  const withheld: WithheldLine[] = []
  for (const [path, bytes] of files) {
    const [, trail = '', part = '', n] = /^trails\/([^/]+)\/(inputs|verdicts|credentials)\/(\d*).*$/.exec(path) ?? []
    if (part === '' || opens.includes(part)) kept.set(path, bytes)
    else if (n !== '' && !path.endsWith('.salt')) withheld.push({ trail, n: Number(n), part, why: 'profile' })
  }
  for (const [path, bytes] of files) {
    const [, trail] = /^trails\/([^/]+)\/disclosures[.]json$/.exec(path) ?? []
    if (trail === undefined) continue
    const open: Record<string, string[]> = {}
    for (const [n, texts] of Object.entries(JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string[]>)) {
      for (const text of texts) {
        const [, part] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string]
        if (opens.includes(part)) open[n] = [...(open[n] ?? []), text]
        else withheld.push({ trail, n: Number(n), part, digest: b64url(sha256(text)), why: 'profile' })
      }
    }
    kept.set(path, canonicalBytes(open))
  }
  const lines = withheld.toSorted((a, b) => (withheldOrder(a) < withheldOrder(b) ? -1 : 1))
  return sealed(kept, { profile, withheld: lines })
}
