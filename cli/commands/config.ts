/** What a process would start with; without it an operator would read source code to learn why it does not. */
import { type ExplainedSetting, environmentOver, explainConfig } from '#config/env.ts'
import { command } from '../command.ts'
import type { Output } from '../output.ts'
import { envFileOption, processNamed, processNames, variablesIn } from '../process-settings.ts'
import { stackEnvironment } from '../settings.ts'

export const show = command({
  takes: '[process]',
  args: [0, 1],
  options: { ...envFileOption },
  examples: [
    ['bevis config show', 'what this command line works with'],
    ['bevis config show api --env-file api.env', `what a process would start with: ${processNames.join(', ')}`],
    ['bevis config show signing --json', 'every variable with source, value and meaning; exit 2 if it would not start'],
  ],
  run: async ({ args: [named], values, out }) => {
    const name = processNamed(named)
    const file = values['env-file']
    const beneath = file === undefined ? (name === 'cli' ? stackEnvironment() : undefined) : variablesIn(file)
    const environment = environmentOver(beneath ?? {})
    const { settings, problems } = explainConfig(name, environment)
    const own = environmentOver({})
    const beneathName = file === undefined ? 'stack' : 'file'
    const told = settings.map((one) => ({
      ...one,
      source: one.source === 'environment' && own[one.variable] === undefined ? beneathName : one.source,
    }))
    const text = () =>
      [
        ...told.map((one) => settingText(one, out.paint)),
        '',
        problems.length === 0 ? `${name} can start with this.` : `${name} cannot start with this:`,
        ...problems.map(({ variable, what, mend }) => out.paint('red', `  ✖ ${variable} ${what}: ${mend}`)),
      ].join('\n')
    out.data(text, { process: name, settings: told, problems })
    return problems.length === 0 ? 'ok' : 'usage'
  },
})

type Told = Omit<ExplainedSetting, 'source'> & { readonly source: string }

function settingText({ variable, source, value, says }: Told, paint: Output['paint']): string {
  const set = value === undefined ? source : `${plain(value)}  (${source})`
  return `${paint('bold', variable)}  ${set}\n    ${paint('dim', says)}`
}

function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}
