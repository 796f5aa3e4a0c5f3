/** A time-stamp authority of openssl's own making (`openssl ts`), behind HTTP: without it RFC 3161 would be tried against ourselves. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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
  /**
   * An answer that an honest TSA never gives: `info` (TSTInfo as DER) signed as CMS with any certificate. `binds: false` leaves out
   * which certificate it was.
   */
  forge(info: Uint8Array, certificate: TsaCertificate, options?: { readonly binds?: boolean }): Buffer
  dispose(): void
}

const certificates = {
  /** As RFC 3161 has it. */
  tsa: { purpose: 'time_stamping', issuer: 'root' },
  rsa: { purpose: 'time_stamping', issuer: 'root' },
  /** Vouched for by an authority that the root vouches for. */
  deep: { purpose: 'time_stamping', issuer: 'between' },
  /** Vouched for by a root that nobody trusts. */
  stranger: { purpose: 'time_stamping', issuer: 'other' },
  'not-critical': { purpose: 'not_critical', issuer: 'root' },
  'two-purposes': { purpose: 'two_purposes', issuer: 'root' },
  'other-purpose': { purpose: 'other_purpose', issuer: 'root' },
  /** Vouched for by the TSA itself, which is no authority. */
  'below-tsa': { purpose: 'time_stamping', issuer: 'tsa' },
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
  authority(openssl, 'root')
  authority(openssl, 'other')
  request(openssl, 'between')
  sign(openssl, 'between', 'root', 'authority')
  for (const [name, { purpose, issuer }] of Object.entries(certificates)) {
    request(openssl, name, name === 'rsa' ? ['rsa', '-pkeyopt', 'rsa_keygen_bits:2048'] : undefined)
    sign(openssl, name, issuer, purpose)
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
    forge: (info, certificate, { binds = true } = {}) => {
      writeFileSync(join(dir, 'info.der'), info)
      const by = ['-signer', `${certificate}.pem`, '-inkey', `${certificate}.key`, '-md', 'sha256']
      const shape = [
        '-binary',
        '-nodetach',
        '-nosmimecap',
        '-outform',
        'DER',
        '-econtent_type',
        '1.2.840.113549.1.9.16.1.4',
      ]
      const token = openssl(['cms', '-sign', ...shape, ...by, ...(binds ? ['-cades'] : []), '-in', 'info.der'])
      return granted(token)
    },
    dispose: () => rmSync(dir, { recursive: true }),
  }
}

/** `TimeStampResp` with status granted. */
function granted(token: Uint8Array): Buffer {
  const status = Buffer.from('3003020100', 'hex')
  const length = Buffer.alloc(2)
  length.writeUInt16BE(status.length + token.length)
  return Buffer.concat([Uint8Array.of(0x30, 0x82), length, status, token])
}

/** The certificates that an answer brings beside the signer's own. */
function chainFile(dir: string, certificate: TsaCertificate): string {
  const { issuer } = certificates[certificate]
  const chain = issuer === 'between' ? ['between', 'root'] : [issuer]
  const file = `chain-${issuer}.pem`
  writeFileSync(join(dir, file), chain.map((name) => readFileSync(join(dir, `${name}.pem`), 'utf8')).join(''))
  return file
}

type OpenSsl = TsaFolder['openssl']

function authority(openssl: OpenSsl, name: string): void {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const extensions = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign']
  const files = [
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
    '-nodes',
    '-days',
    '3650',
    '-subj',
    `/O=Test/CN=${name}`,
  ]
  openssl(['req', '-x509', '-config', 'tsa.cnf', ...curve, ...files, ...extensions])
}

function request(openssl: OpenSsl, name: string, key = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']): void {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-nodes', '-subj', `/O=Test/CN=${name}`]
  openssl(['req', '-new', '-config', 'tsa.cnf', '-newkey', ...key, ...files])
}

function sign(openssl: OpenSsl, name: string, issuer: string, section: string): void {
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
    '365',
    '-extfile',
    'tsa.cnf',
    '-extensions',
    section,
  ]
  openssl(['x509', '-req', ...by, ...files])
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
      .then((query) => response.writeHead(status, { 'content-type': 'application/timestamp-reply' }).end(reply(query)))
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
