/** Is everything there that a process stands on? The first thing an operator types at night, so a dead server hides nothing else. */
import { environmentOver, explainConfig, withDatabasePassword } from '#config/env.ts'
import { command } from '../command.ts'
import { type Checked, type Health, runChecks } from '../doctor/check.ts'
import { checksOf } from '../doctor/checks.ts'
import type { Patient } from '../doctor/patient.ts'
import type { Exit } from '../exit-codes.ts'
import type { Ink, Output } from '../output.ts'
import { envFileOption, processNamed, variablesIn } from '../process-settings.ts'
import { ownerUrlOf, stackEnvironment, stackKeys } from '../settings.ts'

export const doctor = command({
  takes: '[process]',
  args: [0, 1],
  options: { ...envFileOption },
  examples: [
    ['bevis doctor', 'one line per check with ✔ or ✖, what is wrong and how to mend it'],
    ['bevis doctor signing --env-file signing.env', 'as this process is set up; run it where the process runs'],
    ['bevis doctor --json', 'exit 0 all well, 2 settings are wrong, 7 something does not answer, 1 anything else'],
  ],
  run: async ({ args: [named], values, out }) => {
    const checks = await runChecks(checksOf(patientOf(processNamed(named), values['env-file'])))
    const exit = exitOf(checks)
    out.data(() => textOf(checks, out.paint), { healthy: exit === 'ok', checks })
    return exit
  },
})

function patientOf(process: Patient['process'], file: string | undefined): Patient {
  const stack = file === undefined && process === 'cli' ? stackEnvironment() : undefined
  const environment = environmentOver(file === undefined ? (stack ?? {}) : variablesIn(file))
  const { settings, problems } = explainConfig(process, environment)
  const faulty = new Set(problems.map(({ variable }) => variable))
  const keys = stack === undefined ? undefined : stackKeys()
  const value = (variable: string) => {
    const given = faulty.has(variable) ? undefined : environment[variable]
    return given !== undefined && variable === 'BEVIS_DATABASE_URL' ? withDatabasePassword(given, environment) : given
  }
  const members = {
    ownerUrl: stack === undefined ? undefined : ownerUrlOf(),
    keysDir: keys?.dir ?? value('BEVIS_SIGNING_KEYS_DIR'),
    signingSecret: keys?.secretFile ?? value('BEVIS_SIGNING_SECRET_FILE'),
  }
  const known = Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined))
  return { process, settings, problems, value, ...known }
}

function exitOf(checks: readonly Checked[]): Exit {
  const failing = checks.filter(({ health }) => health === 'failed' || health === 'unreachable')
  if (failing.length === 0) return 'ok'
  if (failing.some(({ id }) => id === 'config')) return 'usage'
  return failing.some(({ health }) => health === 'unreachable') ? 'unreachable' : 'failure'
}

const marks: Readonly<Record<Health, readonly [mark: string, ink: Ink]>> = {
  ok: ['✔', 'green'],
  attention: ['!', 'yellow'],
  failed: ['✖', 'red'],
  unreachable: ['✖', 'red'],
  skipped: ['-', 'dim'],
}

function textOf(checks: readonly Checked[], paint: Output['paint']): string {
  const width = Math.max(...checks.map(({ id }) => id.length))
  const lines = checks.flatMap(({ id, health, what, mend }) => {
    const [mark, ink] = marks[health]
    const line = `${paint(ink, mark)} ${id.padEnd(width)}  ${what}`
    return [line, ...(mend === undefined ? [] : mend.split('\n').map((one) => `  ${' '.repeat(width)}  → ${one}`))]
  })
  const bad = checks.filter(({ health }) => health === 'failed' || health === 'unreachable').length
  const look = checks.filter(({ health }) => health === 'attention').length
  const sum = bad === 0 ? 'All well' : `${bad === 1 ? 'One thing is' : `${bad} things are`} wrong`
  return [...lines, '', `${sum}${look === 0 ? '' : `; ${look} to look at`}.`].join('\n')
}
