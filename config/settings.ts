/** Every setting there is: the variable, what its text must be, and what belongs there. Who is given which: given.ts. */
import { z } from 'zod'

const address = z.string().regex(/^[A-Za-z0-9._-]+:[0-9]{1,5}$/, 'is not host:port')
const path = z.string().min(1, 'is empty')
const withScheme = (...schemes: string[]) =>
  z.string().refine((text) => schemes.includes(schemeOf(text)), `is not a URL with ${schemes.join(' or ')}`)
const webUrl = withScheme('https:', 'http:')
  .refine((text) => !/[?#]/.test(text), 'has a query or fragment')
  .transform((text) => text.replace(/\/+$/, ''))
const portNumber = z
  .string()
  .regex(/^[0-9]{1,5}$/, 'is not a port number')
  .transform(Number)
  .refine((port) => port >= 1 && port <= 65_535, 'is not a port number')

const seconds = (usual: number) =>
  z
    .string()
    .regex(/^[1-9][0-9]{1,6}$/, 'is not a number of seconds from 10 on')
    .default(String(usual))
    .transform(Number)

/** Field → variable, what its text must be, and what belongs there. */
export const fields = {
  databaseUrl: {
    variable: 'BEVIS_DATABASE_URL',
    schema: withScheme('postgres:', 'postgresql:'),
    mend: "give postgres://<role>:<password>@<host>:<port>/<database> with this process's own role",
  },
  ownerDatabaseUrl: {
    variable: 'BEVIS_OWNER_DATABASE_URL',
    schema: withScheme('postgres:', 'postgresql:').optional(),
    mend: "give postgres://… of the database's owner, for the few commands that need it (bevis log recover); else leave it out",
  },
  natsUrl: {
    variable: 'BEVIS_NATS_URL',
    schema: withScheme('nats:', 'tls:'),
    mend: 'give nats://<host>:<port>, or tls:// for an encrypted connection',
  },
  natsSeedFile: {
    variable: 'BEVIS_NATS_SEED_FILE',
    schema: path.optional(),
    mend: "give the path of a file with this process's NKey seed (SU…)",
  },
  temporalAddress: {
    variable: 'BEVIS_TEMPORAL_ADDRESS',
    schema: address,
    mend: 'give <host>:<port> of the Temporal frontend, for instance 127.0.0.1:7233',
  },
  temporalNamespace: {
    variable: 'BEVIS_TEMPORAL_NAMESPACE',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'is not a namespace name')
      .default('default'),
    mend: 'give the name of a registered namespace, or leave it out for `default`',
  },
  secretsFile: {
    variable: 'BEVIS_SECRETS_FILE',
    schema: path,
    mend: 'give the path of the JSON file {kek, hmac, codec}, each 32 random bytes in base64url',
  },
  signingSecretFile: {
    variable: 'BEVIS_SIGNING_SECRET_FILE',
    schema: path,
    mend: 'give the path of the file with the secret that opens the signing keys',
  },
  signingKeysDir: {
    variable: 'BEVIS_SIGNING_KEYS_DIR',
    schema: path,
    mend: 'give the path of the folder with the sealed signing keys',
  },
  logKeysDir: {
    variable: 'BEVIS_LOG_KEYS_DIR',
    schema: path,
    mend: 'give the path of the folder with the checkpoint keys of the logs, for the log worker alone',
  },
  logPolicyDir: {
    variable: 'BEVIS_LOG_POLICY_DIR',
    schema: path,
    mend: 'give the path of the folder with <institution>.policy (C2SP tlog-policy): which log key and which witnesses are believed',
  },
  logDir: {
    variable: 'BEVIS_LOG_DIR',
    schema: path,
    mend: 'give the path of the folder the logs are published in, one folder per institution; the log worker writes it, the API serves it',
  },
  publicUrl: {
    variable: 'BEVIS_PUBLIC_URL',
    schema: webUrl,
    mend: 'give the address under which the world reaches us; it never changes once credentials exist',
  },
  oidcIssuer: {
    variable: 'BEVIS_OIDC_ISSUER',
    schema: webUrl,
    mend: 'give the issuer exactly as its discovery document spells it',
  },
  oidcAudience: {
    variable: 'BEVIS_OIDC_AUDIENCE',
    schema: z.string().min(1, 'is empty').default('urn:bevis:api'),
    mend: 'give the audience that access tokens for this API carry, or leave it out for urn:bevis:api',
  },
  oidcCertified: {
    variable: 'BEVIS_OIDC_CERTIFIED',
    schema: z
      .string()
      .regex(/^[^,\s]+(,[^,\s]+)*$/, 'is not a list separated by commas')
      .transform((text) => text.split(','))
      .optional(),
    mend: 'give the assurance levels the issuer is certified for in its federation, for instance loa2,loa3',
  },
  port: {
    variable: 'BEVIS_PORT',
    schema: portNumber,
    mend: 'give a port from 1 to 65535',
  },
  host: {
    variable: 'BEVIS_HOST',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9.:-]+$/, 'is not an address to listen on')
      .optional(),
    mend: 'give an address of this machine; left out, 127.0.0.1 in development and every address in production',
  },
  intakePort: {
    variable: 'BEVIS_INTAKE_PORT',
    schema: portNumber.optional(),
    mend: 'give a port from 1 to 65535 on which intake takes what the API is posted; left out, none comes over HTTP',
  },
  intakeUrl: {
    variable: 'BEVIS_INTAKE_URL',
    schema: webUrl.optional(),
    mend: 'give http://<host>:<port> of intake (BEVIS_INTAKE_PORT); left out, the API takes no events',
  },
  cohortSize: {
    variable: 'BEVIS_COHORT_SIZE',
    schema: z
      .string()
      .regex(/^(1[0-9]{0,2}|200|[2-9][0-9]?)$/, 'is not a number from 1 to 200')
      .default('200')
      .transform(Number),
    mend: 'give how many cases that arrive together may go through the gates together, or leave it out for 200',
  },
  opsPort: {
    variable: 'BEVIS_OPS_PORT',
    schema: portNumber.optional(),
    mend: 'give the port on which operators ask /livez, /readyz and /metrics; left out, any free one in development and 9464 in production',
  },
  drainSeconds: {
    variable: 'BEVIS_DRAIN_SECONDS',
    schema: z
      .string()
      .regex(/^[0-9]{1,2}$/, 'is not a number of seconds from 0 to 99')
      .transform(Number)
      .optional(),
    mend: 'give how long the API goes on answering after it has told that it ends; left out, 0 in development and 5 in production',
  },
  workflowBundle: {
    variable: 'BEVIS_WORKFLOW_BUNDLE',
    schema: path.optional(),
    mend: 'give the path of a bundle of the workflows, or leave it out to have them bundled at the start',
  },
  buildId: {
    variable: 'BEVIS_BUILD_ID',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/, 'is not a build id')
      .optional(),
    mend: 'give the build of this image, for instance its commit, and make it current with bevis workers promote; or leave it out',
  },
  tokenFile: {
    variable: 'BEVIS_TOKEN_FILE',
    schema: path.optional(),
    mend: 'give the path of a file with an access token for the API',
  },
  witnessName: {
    variable: 'BEVIS_WITNESS_NAME',
    schema: z.string().regex(/^[!-*,-~]{1,200}$/, 'is empty or has a space or a plus'),
    mend: 'give the name this witness signs under, a host and path without https://, for instance witness.example.org/w1; it never changes',
  },
  witnessKeyFile: {
    variable: 'BEVIS_WITNESS_KEY_FILE',
    schema: path,
    mend: 'give the path of the file with this witness’s key, as bevis witness key made it',
  },
  witnessMlDsaKeyFile: {
    variable: 'BEVIS_WITNESS_ML_DSA_KEY_FILE',
    schema: path.optional(),
    mend: 'give the path of the file with this witness’s second key, as bevis witness key --ml-dsa made it; or leave it out',
  },
  witnessDir: {
    variable: 'BEVIS_WITNESS_DIR',
    schema: path,
    mend: 'give the folder in which this witness remembers what it has seen; it is never restored from a backup',
  },
  witnessLogsDirs: {
    variable: 'BEVIS_WITNESS_LOGS_DIR',
    schema: path.transform((text) => text.split(',')),
    mend: 'give the folder of *.policy files whose log lines say which logs this witness knows, or several folders separated by commas',
  },
  tsaUrl: {
    variable: 'BEVIS_TSA_URL',
    schema: withScheme('https:', 'http:').optional(),
    mend: 'give the address of a time-stamp authority (RFC 3161), which then stamps checkpoints; left out, none does',
  },
  tsaCertificatesFile: {
    variable: 'BEVIS_TSA_CERTIFICATES_FILE',
    schema: path.optional(),
    mend: 'give the path of a PEM file with the certificates that its time-stamps must lead to; wanted with BEVIS_TSA_URL',
  },
  tsaPolicy: {
    variable: 'BEVIS_TSA_POLICY',
    schema: z
      .string()
      .regex(/^[012](\.(0|[1-9][0-9]{0,9}))+$/, 'is not an object identifier')
      .optional(),
    mend: 'give the OID of the policy to be stamped under; left out, the authority’s own',
  },
  anchorEvery: {
    variable: 'BEVIS_ANCHOR_EVERY',
    schema: seconds(86_400),
    mend: 'give how many seconds lie between two time-stamps, or leave it out for a day',
  },
  logCheckEvery: {
    variable: 'BEVIS_LOG_CHECK_EVERY',
    schema: seconds(86_400),
    mend: 'give how many seconds lie between two readings of the whole log, or leave it out for a day',
  },
  headsEvery: {
    variable: 'BEVIS_LOG_HEADS_EVERY',
    schema: seconds(3_600),
    mend: 'give how many seconds lie between two manifests of trail heads, or leave it out for an hour',
  },
  failpointsDir: {
    variable: 'BEVIS_FAILPOINTS_DIR',
    schema: path.optional(),
    mend: 'give the folder that says where this process shall die, in tests of crashes; else leave it out',
  },
  otlpEndpoint: {
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schema: webUrl.optional(),
    mend: 'give http://<host>:4318 of an OpenTelemetry collector to have traces sent there; left out, nothing is traced',
  },
  otlpProtocol: {
    variable: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    schema: z.enum(['http/json'], 'is not the one protocol we speak').default('http/json'),
    mend: 'give http/json, which collectors take on port 4318, or leave it out',
  },
  otlpHeaders: {
    variable: 'OTEL_EXPORTER_OTLP_HEADERS',
    schema: z
      .string()
      .refine((text) => headersIn(text) !== undefined, 'is not a list name=value,name=value')
      .optional(),
    mend: 'give name=value,name=value of what the collector demands, values percent-encoded; or leave it out',
    isSecret: true,
  },
  tracesSampler: {
    variable: 'OTEL_TRACES_SAMPLER',
    schema: z
      .enum(
        [
          'always_on',
          'always_off',
          'traceidratio',
          'parentbased_always_on',
          'parentbased_always_off',
          'parentbased_traceidratio',
        ],
        'is not a sampler we know',
      )
      .default('parentbased_always_on'),
    mend: 'give which traces are kept: (parentbased_)always_on, always_off or traceidratio; parentbased leaves it to whoever began the trace',
  },
  tracesSamplerArg: {
    variable: 'OTEL_TRACES_SAMPLER_ARG',
    schema: z
      .string()
      .regex(/^(0|1|0?\.[0-9]{1,9}|1\.0+)$/, 'is not a share from 0 to 1')
      .default('1')
      .transform(Number),
    mend: 'give the share of the traces that a traceidratio keeps, for instance 0.1, or leave it out for all',
  },
  env: {
    variable: 'BEVIS_ENV',
    schema: z.enum(['development', 'production'], 'is neither development nor production').default('development'),
    mend: 'give development or production',
  },
  logLevel: {
    variable: 'BEVIS_LOG_LEVEL',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error'], 'is not a log level').default('info'),
    mend: 'give trace, debug, info, warn or error',
  },
} as const

export type FieldName = keyof typeof fields

/** Lets the address stand in the open while the password stays in a file, as container platforms hand out secrets. */
export const passwordFile = 'BEVIS_DATABASE_PASSWORD_FILE'

export const passwordSetting = {
  variable: passwordFile,
  schema: path.optional(),
  mend: 'give the path of a file with the password for BEVIS_DATABASE_URL, instead of one in the address',
} as const

/**
 * What `OTEL_EXPORTER_OTLP_HEADERS` names, or undefined where it is no such list. Values are percent-encoded, so that they may hold
 * commas.
 */
export function headersIn(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text.split(',').map((pair) => /^\s*([\w!#$%&'*+.^`|~-]+)=([!-~]+)\s*$/.exec(pair))
  try {
    return Object.fromEntries(pairs.map((found) => [found?.[1], decodeURIComponent(found?.[2] ?? '%')]))
  } catch {
    return undefined
  }
}

function schemeOf(text: string): string {
  return URL.parse(text)?.protocol ?? ''
}
