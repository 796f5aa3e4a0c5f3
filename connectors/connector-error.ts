/** What an outside system did to us, as a stable code; without it callers would match on the texts of three libraries. */

export type ConnectorCode =
  | 'nats/version'
  | 'nats/identity-refused'
  | 'nats/no-seed'
  | 'nats/consumer-missing'
  | 'nats/settlements'
  | 'jwe/malformed'
  | 'jwe/undecipherable'
  | 'time-stamp/certificates'

/** A connection or document is not usable. The message says what to do and never quotes content. */
export class ConnectorError extends Error {
  readonly code: ConnectorCode

  constructor(code: ConnectorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConnectorError'
    this.code = code
  }
}
