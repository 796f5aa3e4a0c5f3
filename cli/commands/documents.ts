/** The two documents by which others build against us, as they were made from the code of this version. */
import { fileURLToPath } from 'node:url'
import { type Command, command } from '../command.ts'
import { readInput } from '../input.ts'

function print(name: string, example: string): Command {
  const file = fileURLToPath(new URL(`../../docs/${name}.json`, import.meta.url))
  return command({
    takes: '',
    args: [0, 0],
    options: {},
    examples: [[`bevis ${name} print > ${name}.json`, example]],
    run: async ({ out }) => {
      const text = readInput(file)
      out.data(() => text.trimEnd(), JSON.parse(text))
      return 'ok'
    },
  })
}

export const openapi = print('openapi', 'for a client generator or a fuzzer; no server is asked')
export const asyncapi = print('asyncapi', 'for whoever emits or subscribes to events; no server is asked')
