/** A time-stamp authority of openssl's own making (`openssl ts`), behind HTTP: without it RFC 3161 would be tried against ourselves. */
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { der, tags, unsigned } from '#connectors/time-stamp/der.ts'

/** Policy under which it stamps. */
export const tsaPolicy = '1.3.6.1.4.1.32473.1.1'

export interface TsaFolder {
  readonly dir: string
  /** The root that vouches for all its certificates, as PEM. */
  readonly root: string
  /** Runs openssl in the folder; throws with its words where it fails. */
  openssl(args: readonly string[]): Buffer
  /** Answers a question with the certificate of this name. */
  reply(query: Uint8Array, certificate?: TsaCertificate): Buffer
  /** Signs what a time-stamp says as `openssl cms` does, which knows more kinds of signature than `openssl ts`: a whole `TimeStampResp`. */
  cms(info: Uint8Array, certificate: TsaCertificate, how: readonly string[]): Uint8Array
  /** A certificate of this name as DER, and its private key as PEM. */
  certificate(name: string): Buffer
  key(name: string): string
  dispose(): void
}

const rsaKey = ['rsa', '-pkeyopt', 'rsa_keygen_bits:2048'] as const
const boundPss = [
  'rsa-pss',
  ...[
    'rsa_keygen_bits:2048',
    'rsa_pss_keygen_md:sha512',
    'rsa_pss_keygen_mgf1_md:sha512',
    'rsa_pss_keygen_saltlen:48',
  ].flatMap((option) => ['-pkeyopt', option]),
] as const

/** Authorities below the root, in an order in which each has its issuer before it. */
const authorities = {
  between: { kind: 'authority', issuer: 'root' },
  /** Vouches for TSAs only, not for another authority. */
  last: { kind: 'last_authority', issuer: 'root' },
  'after-last': { kind: 'authority', issuer: 'last' },
  /** Calls itself an authority, and may not sign certificates. */
  mute: { kind: 'mute_authority', issuer: 'root' },
  /** Bears something critical that nobody here understands. */
  odd: { kind: 'odd_authority', issuer: 'root' },
  /** Ends long before those it vouches for. */
  brief: { kind: 'authority', issuer: 'root', days: 1 },
  two: { kind: 'authority', issuer: 'between' },
  three: { kind: 'authority', issuer: 'two' },
  four: { kind: 'authority', issuer: 'three' },
  /** With keys of every kind; what they vouch for they sign in their own way. */
  'by-p384': { kind: 'authority', issuer: 'root', key: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'] },
  'by-p521': { kind: 'authority', issuer: 'root', key: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'] },
  'by-ed25519': { kind: 'authority', issuer: 'root', key: ['ed25519'] },
  'by-rsa': { kind: 'authority', issuer: 'root', key: rsaKey },
  'by-pss': { kind: 'authority', issuer: 'root', key: ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'] },
  'by-ed448': { kind: 'authority', issuer: 'root', key: ['ed448'] },
} as const

const certificates = {
  /** As RFC 3161 has it. */
  tsa: { kind: 'time_stamping', issuer: 'root' },
  rsa: { kind: 'time_stamping', issuer: 'root', key: rsaKey },
  pss: { kind: 'time_stamping', issuer: 'root', key: ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'] },
  /** Its key may sign with SHA-512 and a salt of 48 bytes or more alone (RFC 4055 §3.3). */
  'pss-bound': { kind: 'time_stamping', issuer: 'root', key: [...boundPss] },
  ed25519: { kind: 'time_stamping', issuer: 'root', key: ['ed25519'] },
  'below-p384': { kind: 'time_stamping', issuer: 'by-p384', how: ['-sha384'] },
  'below-p521': { kind: 'time_stamping', issuer: 'by-p521', how: ['-sha512'] },
  'below-ed25519': { kind: 'time_stamping', issuer: 'by-ed25519' },
  'below-rsa': { kind: 'time_stamping', issuer: 'by-rsa', how: ['-sha512'] },
  'below-pss': { kind: 'time_stamping', issuer: 'by-pss', how: ['-sigopt', 'rsa_pss_saltlen:digest'] },
  'below-pss-of-rsa': {
    kind: 'time_stamping',
    issuer: 'by-rsa',
    how: ['-sha384', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20'],
  },
  'below-sha1': { kind: 'time_stamping', issuer: 'root', how: ['-sha1'] },
  'below-pss-sha1': { kind: 'time_stamping', issuer: 'by-pss', how: ['-sha1'] },
  'below-ed448': { kind: 'time_stamping', issuer: 'by-ed448' },
  /** Vouched for by an authority that the root vouches for. */
  deep: { kind: 'time_stamping', issuer: 'between' },
  /** As far from the root as a path may be, and a step further. */
  'deep-enough': { kind: 'time_stamping', issuer: 'three' },
  'too-deep': { kind: 'time_stamping', issuer: 'four' },
  /** Vouched for by a root that nobody trusts; by one of the root's name with a key of its own; by one of the root's key with another name. */
  stranger: { kind: 'time_stamping', issuer: 'other' },
  namesake: { kind: 'time_stamping', issuer: 'impostor' },
  'key-mate': { kind: 'time_stamping', issuer: 'renamed' },
  'below-after-last': { kind: 'time_stamping', issuer: 'after-last' },
  'below-mute': { kind: 'time_stamping', issuer: 'mute' },
  'below-odd': { kind: 'time_stamping', issuer: 'odd' },
  'below-brief': { kind: 'time_stamping', issuer: 'brief' },
  'not-critical': { kind: 'not_critical', issuer: 'root' },
  'two-purposes': { kind: 'two_purposes', issuer: 'root' },
  'other-purpose': { kind: 'other_purpose', issuer: 'root' },
  'no-signatures': { kind: 'no_signatures', issuer: 'root' },
  'odd-tsa': { kind: 'odd_time_stamping', issuer: 'root' },
  /** Vouched for by the TSA itself, which is no authority. */
  'below-tsa': { kind: 'time_stamping', issuer: 'tsa' },
} as const
export type TsaCertificate = keyof typeof certificates

/** Makes roots, an authority between and all certificates above. Says so where openssl is not there: nothing is skipped. */
export function makeTsa(): TsaFolder {
  const dir = mkdtempSync(join(tmpdir(), 'bevis-tsa-'))
  const openssl = (args: readonly string[]): Buffer => {
    const { stdout, stderr, status, error } = spawnSync('openssl', args, { cwd: dir })
    if (error !== undefined) throw new Error('this needs the openssl command, version 3, on the PATH', { cause: error })
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr.toString()}`)
    return stdout
  }
  writeFileSync(join(dir, 'tsa.cnf'), configuration)
  writeFileSync(join(dir, 'serial'), '0A\n')
  for (const name of ['root', 'other']) authority(openssl, name, name)
  authority(openssl, 'impostor', 'root')
  authority(openssl, 'renamed', 'renamed', 'root.key')
  copyFileSync(join(dir, 'root.key'), join(dir, 'renamed.key'))
  for (const [name, made] of Object.entries<Made>({ ...authorities, ...certificates })) {
    request(openssl, name, made.key)
    sign(openssl, name, made)
  }
  return {
    dir,
    root: readFileSync(join(dir, 'root.pem'), 'utf8'),
    openssl,
    reply: (query, certificate = 'tsa') => {
      writeFileSync(join(dir, 'query.tsq'), query)
      const of = [
        '-signer',
        `${certificate}.pem`,
        '-inkey',
        `${certificate}.key`,
        '-chain',
        chainFile(dir, certificate),
      ]
      return openssl(['ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query.tsq', ...of])
    },
    cms: (info, certificate, how) => {
      writeFileSync(join(dir, 'info'), info)
      const form = [
        '-in',
        'info',
        '-binary',
        '-nodetach',
        '-outform',
        'DER',
        '-econtent_type',
        '1.2.840.113549.1.9.16.1.4',
      ]
      const by = [
        '-signer',
        `${certificate}.pem`,
        '-inkey',
        `${certificate}.key`,
        '-certfile',
        chainFile(dir, certificate),
      ]
      const token = openssl(['cms', '-sign', '-cades', '-nosmimecap', ...form, ...by, ...how])
      return der(tags.sequence, der(tags.sequence, unsigned(Uint8Array.of(0))), token)
    },
    certificate: (name) => new X509Certificate(readFileSync(join(dir, `${name}.pem`))).raw,
    key: (name) => readFileSync(join(dir, `${name}.key`), 'utf8'),
    dispose: () => rmSync(dir, { recursive: true }),
  }
}

/** Authorities that vouch for a certificate, from the nearest on. */
export function chainOf(certificate: TsaCertificate): string[] {
  const chain: string[] = [certificates[certificate].issuer]
  for (let next = chain[0]; next !== undefined && next in authorities; next = chain.at(-1))
    chain.push(authorities[next as keyof typeof authorities].issuer)
  return chain
}

/** The certificates that an answer brings beside the signer's own. */
function chainFile(dir: string, certificate: TsaCertificate): string {
  const file = `chain-${certificate}.pem`
  writeFileSync(
    join(dir, file),
    chainOf(certificate)
      .map((name) => readFileSync(join(dir, `${name}.pem`), 'utf8'))
      .join(''),
  )
  return file
}

type OpenSsl = TsaFolder['openssl']

function authority(openssl: OpenSsl, name: string, subject: string, key?: string): void {
  const made =
    key === undefined
      ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', `${name}.key`]
      : ['-key', key]
  const extensions = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign']
  const files = ['-out', `${name}.pem`, '-nodes', '-days', '3650', '-subj', `/O=Test/CN=${subject}`]
  openssl(['req', '-x509', '-config', 'tsa.cnf', ...made, ...files, ...extensions])
}

function request(
  openssl: OpenSsl,
  name: string,
  key: Made['key'] = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
): void {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-nodes', '-subj', `/O=Test/CN=${name}`]
  openssl(['req', '-new', '-config', 'tsa.cnf', '-newkey', ...key, ...files])
}

interface Made {
  /** Section of the configuration. */
  readonly kind: string
  readonly issuer: string
  readonly days?: number
  /** Of the kind that `openssl req -newkey` takes. */
  readonly key?: readonly string[]
  /** How its issuer signs it. */
  readonly how?: readonly string[]
}

function sign(openssl: OpenSsl, name: string, { kind, issuer, days = 365, how = [] }: Made): void {
  const by = [
    '-CA',
    `${issuer}.pem`,
    '-CAkey',
    `${issuer}.key`,
    '-set_serial',
    `0x${Buffer.from(name).toString('hex')}`,
  ]
  const files = [
    '-in',
    `${name}.csr`,
    '-out',
    `${name}.pem`,
    '-days',
    String(days),
    '-extfile',
    'tsa.cnf',
    '-extensions',
    kind,
  ]
  openssl(['x509', '-req', ...by, ...files, ...how])
}

const configuration = `
[req]
distinguished_name = name
[name]
[tsa]
default_tsa = stamping
[stamping]
serial = serial
default_policy = ${tsaPolicy}
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1, millisecs:500
clock_precision_digits = 3
ordering = no
tsa_name = no
ess_cert_id_chain = no
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[last_authority]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign
[mute_authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,digitalSignature
[odd_authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
1.3.6.1.4.1.32473.9 = critical,ASN1:NULL
[no_signatures]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,keyEncipherment
[odd_time_stamping]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
1.3.6.1.4.1.32473.9 = critical,ASN1:NULL
[time_stamping]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[not_critical]
extendedKeyUsage = timeStamping
keyUsage = critical,digitalSignature
[two_purposes]
extendedKeyUsage = critical,timeStamping,serverAuth
keyUsage = critical,digitalSignature
[other_purpose]
extendedKeyUsage = critical,serverAuth
keyUsage = critical,digitalSignature
`

export interface RunningTsa {
  readonly url: string
  /** Questions asked so far. */
  readonly asked: number
  close(): Promise<void>
}

/** Answers `POST /` with what `reply` makes of a question; one that throws becomes 500. */
export async function startTsa(reply: (query: Buffer) => Uint8Array, status = 200): Promise<RunningTsa> {
  let asked = 0
  const server = createServer((question, response) => {
    asked += 1
    bodyOf(question)
      .then(reply)
      .then((said) => response.writeHead(status, { 'content-type': 'application/timestamp-reply' }).end(said))
      .catch(() => response.writeHead(500).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get asked() {
      return asked
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function bodyOf(question: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of question as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}
