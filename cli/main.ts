/** Where every command begins and ends; without it errors would show as stack traces, or as success. Ctrl-C is the system's own. */
import { catalogue } from './catalogue.ts'
import { type CliError, usage } from './cli-error.ts'
import type { Call } from './command.ts'
import { type Exit, exitCodes } from './exit-codes.ts'
import { asCliError } from './failures.ts'
import { commandHelp, listHelp, wholeHelp } from './help.ts'
import { type Form, openOutput, tellError } from './output.ts'
import { type Found, findCommand, type Parsed, parseWords } from './parse.ts'

/** Runs one command line; answers how it ended. */
async function run(argv: readonly string[]): Promise<Exit> {
  const [first, ...more] = argv
  if (first === 'help' && more[0] === '--all') {
    process.stdout.write(`${await wholeHelp(catalogue)}\n`)
    return 'ok'
  }
  const wanted = first === 'help' ? [...more, '--help'] : argv
  const found = findCommand(wanted, catalogue)
  if (found.kind === 'unknown') throw unknown(found)
  if (found.kind === 'group') return showGroup(found, wanted)
  const { entry, rest } = found
  const loaded = await entry.load()
  const { args, values } = parseWords(entry.name, loaded, rest)
  if (values['help'] === true) {
    process.stdout.write(`${commandHelp(entry.name, entry.does, loaded)}\n`)
    return 'ok'
  }
  const out = openOutput({
    form: formOf(values),
    colour: values['no-color'] !== true,
    input: values['no-input'] !== true,
  })
  return await loaded.run({ args, values: values as Call['values'], out })
}

/** @throws CliError `usage/form` for two at once */
function formOf(values: Parsed['values']): Form {
  const [form = 'text', ...more] = (['json', 'ndjson', 'plain'] as const).filter((one) => values[one] === true)
  if (more.length > 0)
    throw usage('form', 'the answer can have one form', `give one of --${[form, ...more].join(', --')}`)
  return form
}

/** Asked for help it answers; left unfinished it tells how to go on, as a mistake. */
function showGroup({ words, entries }: Extract<Found, { kind: 'group' }>, argv: readonly string[]): Exit {
  const isAsked = argv.includes('--help') || argv.includes('-h')
  const text = `${listHelp(words, entries)}\n`
  if (isAsked) process.stdout.write(text)
  else process.stderr.write(text)
  return isAsked ? 'ok' : 'usage'
}

function unknown({ words, meant }: Extract<Found, { kind: 'unknown' }>): CliError {
  const mend = meant === undefined ? 'see bevis --help for all commands' : `did you mean bevis ${meant}?`
  return usage('unknown-command', `there is no command ${words}`, mend)
}

/** Whoever reads our output may stop reading (`| head`): that is no failure. */
process.stdout.on('error', () => process.exit(exitCodes.ok))

const argv = process.argv.slice(2)
let exit: Exit
try {
  exit = await run(argv)
} catch (error) {
  const failure = asCliError(error)
  tellError(failure, argv.includes('--json') || argv.includes('--ndjson'))
  exit = failure.exit
}
process.exitCode = exitCodes[exit]
// Connections of a failed command may keep the loop alive; what was written has left by then.
setTimeout(() => process.exit(), 3_000).unref()
