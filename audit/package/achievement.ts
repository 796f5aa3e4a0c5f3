/** What an achievement is known by in the log: a digest over all of it, its criteria most of all. */
import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import type { Achievement } from '#domain/register.ts'

/** base64url of the SHA-256 of its JCS bytes. */
export function achievementDigest(achievement: Achievement): string {
  return b64url(sha256(canonicalBytes(achievement, { numbers: 'finite' })))
}
