/** Every failure as code, what and how to mend; without it the user would meet the words of five libraries. */
import { ConfigError } from '#config/config-error.ts'
import { RegisterError } from '#db/register-error.ts'
import { CliError } from './cli-error.ts'

const away = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'EHOSTUNREACH',
])

/** Texts of unknown errors are kept to one line: they may come from anywhere. */
export function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error
  if (error instanceof ConfigError) return fromConfig(error)
  if (error instanceof RegisterError) return fromRegister(error)
  const code = codeOf(error)
  if (code !== undefined && away.has(code)) {
    const mend = 'check the address and that the server runs; on this machine: bevis stack status'
    return new CliError({ exit: 'unreachable', code: 'unreachable', what: `a server did not answer (${code})`, mend })
  }
  const what = error instanceof Error ? `${code ?? error.name}: ${firstLine(error.message)}` : 'unknown failure'
  return new CliError({
    exit: 'failure',
    code: 'failure',
    what,
    mend: 'nothing more is known; run again to see whether it stays',
  })
}

/** How to mend what a register is refused for. */
export const registerMends: Readonly<Record<RegisterError['code'], string>> = {
  'origin-changed': 'the log’s address stands in credentials already issued: keep host and id as they were',
  'person-erased': 'the person was erased: take it out of the register, or give the human being a new id',
  'achievement-frozen': 'a case used this version: publish the change as a new version',
  'reference-taken': 'the reference belongs to another person: correct it, or link the two persons',
}

/** What stands in the database already and will not give way. */
function fromRegister({ code, about }: RegisterError): CliError {
  const what = `${about.join(', ')} (${code}); nothing was changed`
  return new CliError({ exit: 'conflict', code: `register/${code}`, what, mend: registerMends[code] })
}

/** All problems at once, one per line. */
function fromConfig({ problems, code }: ConfigError): CliError {
  const lines = problems.map(({ variable, what, mend }) => `${variable} ${what}: ${mend}`)
  const count = problems.length === 1 ? 'one setting is' : `${problems.length} settings are`
  return new CliError({ exit: 'usage', code, what: `${count} not right`, mend: lines.join('\n') })
}

/** The code of an error or of what caused it; `fetch` and database clients wrap theirs. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code: unknown = Reflect.get(error, 'code')
  if (typeof code === 'string') return code
  if (error instanceof AggregateError) return error.errors.map(codeOf).find((one) => one !== undefined)
  return codeOf(error.cause)
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.slice(0, 300) ?? ''
}
