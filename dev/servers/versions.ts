/** Which servers we accept and where official ones come from: without it a fresh machine could run a server nobody checked. */

export type Tool = 'temporal' | 'nats-server'

export interface ServerRelease {
  readonly tool: Tool
  /** The oldest version from PATH that we accept. */
  readonly atLeast: string
  /** Release whose archives are pinned below. */
  readonly version: string
  /** Path of the archive under the release host for one platform, such as `linux-amd64`. */
  readonly archive: (platform: string) => string
  /** Path of the binary inside the archive. */
  readonly member: (platform: string) => string
  /** SHA-256 of each archive, from the release's own list of checksums. A platform that is not listed is never downloaded. */
  readonly sha256: Readonly<Record<string, string>>
}

export const RELEASE_HOST = 'https://github.com'

export const releases: readonly ServerRelease[] = [
  {
    tool: 'temporal',
    atLeast: '1.8.2',
    version: '1.8.2',
    archive: (platform) =>
      `/temporalio/cli/releases/download/v1.8.2/temporal_cli_1.8.2_${platform.replace('-', '_')}.tar.gz`,
    member: () => 'temporal',
    sha256: {
      'linux-amd64': 'd8421bda989e6514b4bdb4d63a9012a8a05a806892e881a5aad8510496349a94',
      'linux-arm64': '83600a8fac6e3da54093e5da6918d399f501532b9f1172235603f9606f4ac6e4',
      'darwin-amd64': '489d7f5420cae02b559774ac23df035141954c33a51dba96f5759a0ddccdf1b6',
      'darwin-arm64': 'dacdc3587682c04cf27e67c8878ca2d755230b6ad63c0c6ebddd7348ae90ed94',
    },
  },
  {
    tool: 'nats-server',
    // sync_interval: always needs 2.10; 2.12 is the oldest line whose crash recovery we trust.
    atLeast: '2.12.0',
    version: '2.15.0',
    archive: (platform) => `/nats-io/nats-server/releases/download/v2.15.0/nats-server-v2.15.0-${platform}.tar.gz`,
    member: (platform) => `nats-server-v2.15.0-${platform}/nats-server`,
    sha256: {
      'linux-amd64': '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92',
      'linux-arm64': 'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
      'darwin-amd64': '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
      'darwin-arm64': 'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8',
    },
  },
]

/** Our platform in the words of the release archives, for example `linux-amd64`. */
export function releasePlatform(): string {
  return `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
}

/** True where dotted version `found` is the same as or newer than `wanted`; anything unreadable is too old. */
export function isAtLeast(found: string, wanted: string): boolean {
  const numbers = (text: string) => text.split('.').map(Number)
  const have = numbers(found)
  for (const [place, want] of numbers(wanted).entries()) {
    const got = have[place] ?? 0
    if (Number.isNaN(got) || got < want) return false
    if (got > want) return true
  }
  return true
}
