/** The time-stamp authority as it is configured, whole or not at all: without certificates to lead to a time-stamp would be anybody's. */
import { readFileSync } from 'node:fs'
import { ConfigError } from '#config/config-error.ts'
import type { Config } from '#config/given.ts'
import { fields } from '#config/settings.ts'
import { ConnectorError } from '#connectors/connector-error.ts'
import type { Tsa } from '#connectors/time-stamp/request.ts'
import { readTrustedTsa, type TrustedTsa } from '#connectors/time-stamp/verify.ts'

/**
 * Undefined where none is named.
 * @throws ConfigError `config/invalid`
 */
export function tsaOf(config: Pick<Config<'log'>, 'tsaUrl' | 'tsaCertificatesFile' | 'tsaPolicy'>): Tsa | undefined {
  const { tsaUrl: url, tsaCertificatesFile: file, tsaPolicy: policy } = config
  if (url === undefined) return undefined
  if (file === undefined) throw unfit('is missing')
  return { url, trusted: trustedIn(file), ...(policy === undefined ? {} : { policy }) }
}

function trustedIn(file: string): TrustedTsa {
  try {
    return readTrustedTsa(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof ConnectorError) throw unfit('holds no certificate that can be read')
    throw unfit(`cannot be read at ${file}`)
  }
}

function unfit(what: string): ConfigError {
  const { variable, mend } = fields.tsaCertificatesFile
  return new ConfigError('log', [{ variable, what, mend }])
}
