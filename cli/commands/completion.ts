/** Completion for shells, written from the catalogue: a script by hand would know yesterday's commands. */
import { usage } from '../cli-error.ts'
import { type Command, command, type Entry } from '../command.ts'
import { type Shell, script, shells } from '../completion-scripts.ts'

/** The command for a catalogue that it stands in itself. */
export const completion = (catalogue: readonly Entry[]): Command =>
  command({
    takes: `<${shells.join('|')}>`,
    args: [1, 1],
    options: {},
    examples: [
      ['source <(bevis completion bash)', 'for this shell; put the line into ~/.bashrc to keep it'],
      ['bevis completion zsh > "${fpath[1]}/_bevis"', 'for zsh, in a folder of its fpath'],
      ['bevis completion fish > ~/.config/fish/completions/bevis.fish', 'for fish'],
    ],
    run: async ({ args: [named = ''], out }) => {
      const shell: Shell | undefined = shells.find((one) => one === named)
      if (shell === undefined)
        throw usage('shell', `there is no completion for ${named}`, `give one of ${shells.join(', ')}`)
      const text = await script(shell, catalogue)
      out.data(() => text, { shell, script: text })
      return 'ok'
    },
  })
